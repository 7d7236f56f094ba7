/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * registration.h - the authenticated SA sets of one registration
 */
#ifndef GMG_REGISTRATION_H
#define GMG_REGISTRATION_H

#include "agent.h"
#include "impus.h"

/** enum registration_scope - which sets */
enum registration_scope {
	REGISTRATION_OF_CONTACT,	/* of the registration of a set */
	REGISTRATION_OF_IMPI,		/* of all contacts of its IMPI */
};

/** enum registration_end - what registration_end() did to a set */
enum registration_end {
	REGISTRATION_KEPT,	/* nothing: it did not have the identity */
	REGISTRATION_LESS,	/* it has others left */
	REGISTRATION_LINGERS,	/* it lingers now */
};

/** typedef impus_end_fn - takes an identity away: impus_end() or _remove() */
typedef bool impus_end_fn(json_t *impus, const char *impu);

/**
 * typedef registration_fn - is called for each set
 * @agent: the agent
 * @set: the set as the kernel shows it now, established or superseded
 * @arg: what registration_each() was given
 *
 * Return: 0 to go on, or a negative errno.
 */
typedef int registration_fn(struct agent *agent, const struct gmg_saset *set,
			    void *arg);

int registration_each(struct agent *agent, const struct gmg_saset *of,
		      enum registration_scope scope, registration_fn *fn,
		      void *arg);
int registration_end(struct agent *agent, const struct gmg_saset *set,
		     impus_end_fn *end, const char *impu);

#endif /* GMG_REGISTRATION_H */
