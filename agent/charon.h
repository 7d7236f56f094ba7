/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * charon.h - follows strongSwan's IKE daemon over vici: which child SAs are up,
 * and who has none that must have one (NDS/IP: Za, Zb)
 *
 * It only looks. What is dropped for want of ESP is the kernel's decision, with
 * or without charon and the agent.
 */
#ifndef GMG_CHARON_H
#define GMG_CHARON_H

#include <sys/un.h>

#include <event2/bufferevent.h>

#include "agent.h"
#include "need.h"

/**
 * struct charon - what is known of it
 * @agent: the agent
 * @path: its socket
 * @bev: the connection to it, or NULL
 * @timer: the next attempt, or the next look
 * @step: answers that came to what is asked for at the beginning
 * @busy: it has been asked for its child SAs, and not told all yet
 * @again: something has changed since it was asked
 * @waited: looks that passed while it was busy
 * @retries: attempts to connect
 * @told: the log has that it is not there
 * @known: @list is what it has
 * @list: its child SAs
 * @next: those that it is telling now
 * @needs: who needs one
 * @missed: how often a child SA that is needed was missing, by this agent
 */
struct charon {
	struct agent *agent;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct bufferevent *bev;
	struct event *timer;
	unsigned int step;
	bool busy;
	bool again;
	unsigned int waited;
	unsigned int retries;
	bool told;
	bool known;
	struct children list;
	struct children next;
	struct needs needs;
	uint64_t missed;
};

int charon_follow(struct agent *agent);
void charon_leave(struct agent *agent);
void charon_look(struct charon *charon);

#endif /* GMG_CHARON_H */
