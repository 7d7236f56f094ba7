/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * http.h - JSON-RPC over HTTP, for proxies that have to wait for an answer
 * in the middle of a message (Kamailio's http_client)
 */
#ifndef GMG_HTTP_H
#define GMG_HTTP_H

#include "agent.h"

struct http;

struct http *http_open(struct agent *agent);
void http_close(struct http *http);

#endif /* GMG_HTTP_H */
