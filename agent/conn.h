/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conn.h - one connection of a proxy
 */
#ifndef GMG_CONN_H
#define GMG_CONN_H

#include <event2/util.h>

#include "agent.h"

struct conn;

/**
 * struct conn_list - all connections
 * @agent: whom they talk to
 * @first: one of them
 */
struct conn_list {
	struct agent *agent;
	struct conn *first;
};

int conn_open(struct conn_list *list, evutil_socket_t fd);
void conn_close_all(struct conn_list *list);

#endif /* GMG_CONN_H */
