/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * server.h - the sockets that proxies connect to
 */
#ifndef GMG_SERVER_H
#define GMG_SERVER_H

#include "agent.h"

struct server;

struct server *server_new(struct agent *agent);
void server_free(struct server *server);
int server_listen_tcp(struct server *server);
int server_listen_unix(struct server *server);
int server_make_room(const struct sockaddr_un *addr);

#endif /* GMG_SERVER_H */
