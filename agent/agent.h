/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agent.h - everything that the methods work on
 *
 * Concurrency: one thread, one event loop. A method runs to its end before
 * anything else happens; its calls to the kernel are synchronous.
 */
#ifndef GMG_AGENT_H
#define GMG_AGENT_H

#include <stdbool.h>
#include <time.h>

#include <event2/event.h>

#include "conf.h"
#include "kernel.h"
#include "log.h"
#include "mirror.h"
#include "nexthop.h"
#include "partner.h"
#include "reaper.h"
#include "rpc.h"
#include "tally.h"

struct charon;
struct delivery;

/**
 * struct agent - the agent
 * @base: event loop
 * @conf: configuration
 * @kernel: connection to the kernel module
 * @up: the connection stands
 * @kernel_event: notifications of the kernel are waiting
 * @mirror: index of the kernel's tables
 * @reaper: sets that have to go soon
 * @rpc: the JSON-RPC service
 * @tally: what is counted for metrics
 * @partners: what is remembered of other networks
 * @hop: what is known of domains
 * @delivery: of the connection whose request is being answered, or NULL
 * @charon: the IKE daemon, NULL: it is not followed
 * @connections: how many proxies are connected
 * @tried: when it was last tried to connect to the kernel (CLOCK_MONOTONIC)
 * @started: when the agent started (CLOCK_MONOTONIC)
 */
struct agent {
	struct event_base *base;
	struct conf *conf;
	struct gmg_kernel kernel;
	bool up;
	struct event *kernel_event;
	struct mirror mirror;
	struct reaper reaper;
	struct rpc rpc;
	struct tally tally;
	struct partners partners;
	struct nexthop hop;
	struct delivery *delivery;
	struct charon *charon;
	unsigned int connections;
	struct timespec tried;
	struct timespec started;
};

int agent_setup(struct agent *agent, struct event_base *base,
		struct conf *conf);
void agent_clean(struct agent *agent);
int agent_connect(struct agent *agent, int level);
bool agent_check(struct agent *agent);
bool agent_probe(struct agent *agent);
int agent_no_memory(struct agent *agent);
void *agent_kernel_fault(struct agent *agent, struct rpc_fault *fault);

int agent_apply(struct agent *agent);
int agent_apply_rules(struct agent *agent, struct conf *conf,
		      bool start);	/* apply-rules.c */
int agent_reload(struct agent *agent, struct conf *new);	/* apply.c */

/* the methods, see gmguard-rpc(7) */
extern const struct rpc_method agent_methods[];

rpc_fn method_register;		/* register.c */
rpc_fn method_challenge;	/* challenge.c */
rpc_fn method_answer;		/* answer.c */
rpc_fn method_abandon;		/* abandon.c */
rpc_fn method_identify;		/* identity.c */
rpc_fn method_locate;		/* identity.c */
rpc_fn method_deregister;	/* dereg.c */
rpc_fn method_status;		/* status.c */
rpc_fn method_privacy;		/* border.c */
rpc_fn method_partner;		/* partners.c */
rpc_fn method_partners;
rpc_fn method_nexthop;		/* nexthop.c */
rpc_fn method_esp;		/* esp.c */

#endif /* GMG_AGENT_H */
