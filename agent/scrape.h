/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scrape.h - the socket that metrics are read from, over HTTP
 */
#ifndef GMG_SCRAPE_H
#define GMG_SCRAPE_H

#include "agent.h"

/** Most connections at a time; further ones wait to be accepted. */
#define SCRAPE_MAX	16
/** Seconds that a connection has, from its first moment to its last. */
#define SCRAPE_S	10
/** Longest head of a request. */
#define SCRAPE_HEAD_MAX	8192

struct scrapes;

int scrapes_open(struct agent *agent, struct scrapes **scrapes);
void scrapes_resume(struct scrapes *scrapes);
void scrapes_close(struct scrapes *scrapes);

#endif /* GMG_SCRAPE_H */
