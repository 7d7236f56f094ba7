/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unfinished.h - temporary sets that nobody will finish any more
 * (TS 33.203 7.3.1.2 to 7.3.1.4)
 */
#ifndef GMG_UNFINISHED_H
#define GMG_UNFINISHED_H

#include "reg.h"

/**
 * struct unfinished - which temporary sets; all that is given must fit
 * @impi: private identity
 * @emergency: of an emergency registration
 * @ue_addr: address of the UE, NULL: any
 * @or_protected_by: or, whatever @ue_addr says, this set protected their SM1
 * @except: not this set
 * @transaction: digest as in struct memo, NULL: any
 * @client: digest as in struct memo, NULL: any
 * @nonce: digest as in struct memo, NULL: any
 * @unproven: only if no packet came through it
 */
struct unfinished {
	const char *impi;
	bool emergency;
	const struct gmg_addr *ue_addr;
	uint32_t or_protected_by;
	uint32_t except;
	const char *transaction;
	const char *client;
	const char *nonce;
	bool unproven;
};

int unfinished_end(struct agent *agent, const struct unfinished *which,
		   const char *why);
bool unfinished_end_one(struct agent *agent, uint32_t id, const char *why);
void unfinished_reported(struct agent *agent, const struct reg *reg,
			 uint32_t except);

#endif /* GMG_UNFINISHED_H */
