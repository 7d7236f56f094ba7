// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A UE says that it cannot go on with a challenge (TS 33.203 7.3.1.2 network
 * authentication failure, 7.3.1.3 synchronisation failure): its temporary sets
 * go, but never because of what anybody can say.
 */
#include <errno.h>

#include "proxy.h"

#define AUTH(more) "Digest username=\"" IMPI "\", realm=\"r\", uri=\"sip:r\", " more
#define SYNC	AUTH("nonce=\"abc=\", response=\"\", auts=\"uoU/EjzM\"")
#define NETWORK	AUTH("nonce=\"abc=\", response=\"\"")

static const struct setback_case {
	const char *name;
	const char *authorization;
	bool ends;
} protecteds[] = {
	{ "GM-37: auts", SYNC, true },
	{ "GM-37: auts with a response, as RFC 3310 has it",
	  AUTH("nonce=\"abc=\", response=\"0a1b\", auts=\"uoU/EjzM\""), true },
	{ "GM-37: auts without the nonce", AUTH("auts=\"uoU/EjzM\""), true },
	{ "GM-37: an empty response to the challenge", NETWORK, true },
	{ "an empty response to an older challenge is none to this one",
	  AUTH("nonce=\"old\", response=\"\""), false },
	{ "an empty response without a nonce begins a registration",
	  SM1_AUTH, false },
	{ "an empty auts is none", AUTH("nonce=\"\", auts=\"\""), false },
	{ "a response is no setback", SM7_AUTH, false },
	{ "no Authorization parameters are no setback", AUTH("qop=auth"), false },
	{ "AT-40: what cannot be read is no setback",
	  AUTH("nonce=\"abc=\", auts=\"uoU"), false },
};

/* Through an established set, at once. */
static void test_established(void **state)
{
	const struct setback_case *c = *state;
	uint32_t old, temporary;

	setup("");
	old = registered();
	temporary = rechallenge();
	assert_forward(ask("register", ON_SET, "cseq", "#4", "security_client",
			   OFFER3, "authorization", c->authorization, NULL));
	if (c->ends)
		assert_gone(temporary);
	else
		assert_phase(temporary, GMGUARD_PHASE_TEMPORARY);
	assert_phase(old, GMGUARD_PHASE_ESTABLISHED);
	cleanup();
}

static void test_superseded(void **state)
{
	uint32_t old, new, temporary;

	(void)state;
	setup("");
	old = registered();
	new = reregistered();
	fake_packet(new);
	temporary = challenge_of(ask("challenge", ON_SET2, "cseq", "#5",
				     "security_client", OFFER3,
				     "www_authenticate", WWW, NULL));
	/* the UE says it through the old set: even one that carried a packet */
	fake_packet(temporary);
	assert_forward(ask("register", ON_SET, "cseq", "#6", "security_client",
			   OFFER, "authorization", SYNC, NULL));
	assert_gone(temporary);
	assert_phase(old, GMGUARD_PHASE_SUPERSEDED);
	assert_phase(new, GMGUARD_PHASE_ESTABLISHED);
	cleanup();
}

/* Not those of others, of emergencies, of other addresses. */
static void test_others(void **state)
{
	uint32_t urgent, elsewhere, other;

	(void)state;
	setup("");
	registered();
	urgent = challenge_of(ask("challenge", "cseq", "#11", "contact",
				  "<sip:u@h;sos>", "security_client",
				  OFFER_SOS, "www_authenticate", WWW, NULL));
	elsewhere = challenge_of(ask("challenge", "cseq", "#12", "ue_addr",
				     "10.33.0.12", "www_authenticate", WWW,
				     NULL));
	other = challenge_of(ask("challenge", "cseq", "#13", "impi",
				 "other@r", "ue_addr", "10.33.0.13",
				 "www_authenticate", WWW, NULL));
	assert_forward(ask("register", ON_SET, "cseq", "#4", "security_client",
			   OFFER3, "authorization", SYNC, NULL));
	assert_phase(urgent, GMGUARD_PHASE_TEMPORARY);
	assert_phase(elsewhere, GMGUARD_PHASE_TEMPORARY);
	assert_phase(other, GMGUARD_PHASE_TEMPORARY);
	/* an emergency registration says nothing about a normal one */
	fake_set(urgent)->emergency = false;
	assert_forward(ask("register", ON_SET, "cseq", "#5", "security_client",
			   OFFER3, "authorization", SYNC, "contact",
			   "<sip:u@h;sos>", NULL));
	assert_phase(urgent, GMGUARD_PHASE_TEMPORARY);
	cleanup();
}

/* Refused for whatever it is: nothing happens. */
static void test_refused(void **state)
{
	uint32_t temporary;

	(void)state;
	setup("");
	registered();
	temporary = rechallenge();
	assert_reject(ask("register", ON_SET, "security_client", OFFER3,
			  "authorization", SYNC, "via_addr", "10.33.0.12",
			  NULL), 403, "Via");
	assert_reject(ask("register", ON_SET, "security_client", OFFER3,
			  "authorization", SYNC, "impi", "other@r", NULL), 403,
		      "identity");
	assert_phase(temporary, GMGUARD_PHASE_TEMPORARY);
	cleanup();
}

/* In clear: the message alone does nothing; the core's answer counts. */
static const struct clear_case {
	const char *name;
	const char *authorization;
	bool ends;
} clears[] = {
	{ "GM-37: auts in clear", SYNC, true },
	{ "GM-37: an empty response in clear", NETWORK, true },
	{ "AT-29: auts in clear without the nonce", AUTH("auts=\"uoU/EjzM\""), false },
	{ "AT-29: auts in clear for another challenge",
	  AUTH("nonce=\"other\", auts=\"uoU/EjzM\""), false },
	{ "AT-29: an empty response in clear for another challenge",
	  AUTH("nonce=\"other\", response=\"\""), false },
	{ "AT-29: SM1 in clear", SM1_AUTH, false },
	{ "AT-29: SM7 in clear", SM7_AUTH, false },
};

static void test_clear_failure(void **state)
{
	const struct clear_case *c = *state;
	uint32_t id;

	setup("");
	id = challenge();
	assert_forward(ask("register", "cseq", "#2", "security_client",
			   OFFER2, "authorization", c->authorization, NULL));
	assert_phase(id, GMGUARD_PHASE_TEMPORARY);
	/* 2xx: it was no failure after all */
	assert_forward(ask("answer", "cseq", "#2", "security_client", OFFER2,
			   "authorization", c->authorization, GRANT, NULL));
	assert_phase(id, GMGUARD_PHASE_TEMPORARY);
	assert_forward(ask("answer", "cseq", "#2", "security_client", OFFER2,
			   "authorization", c->authorization, FAILURE, NULL));
	if (c->ends)
		assert_gone(id);
	else
		assert_phase(id, GMGUARD_PHASE_TEMPORARY);
	cleanup();
}

static void test_clear_challenge(void **state)
{
	const struct clear_case *c = *state;
	uint32_t id, new;

	setup("");
	id = challenge();
	/* a 401 that cannot be forwarded ends nothing */
	assert_reject(ask("challenge", "cseq", "#2", "security_client", OFFER2,
			  "authorization", c->authorization,
			  "www_authenticate", CLEAN, NULL), 503, "");
	assert_phase(id, GMGUARD_PHASE_TEMPORARY);
	new = challenge_of(ask("challenge", "cseq", "#2", "security_client",
			       OFFER2, "authorization", c->authorization,
			       "www_authenticate", WWW2, NULL));
	if (c->ends)
		assert_gone(id);
	else
		assert_phase(id, GMGUARD_PHASE_TEMPORARY);
	assert_phase(new, GMGUARD_PHASE_TEMPORARY);
	cleanup();
}

/* A set that has carried a packet: its UE has the keys, so this is a lie. */
static void test_clear_proven(void **state)
{
	static const char *const lies[] = { SYNC, NETWORK };
	uint32_t id;

	(void)state;
	for (size_t i = 0; i < COUNT(lies); i++) {
		setup("");
		id = challenge();
		fake_packet(id);
		assert_forward(ask("answer", "cseq", "#2", "security_client",
				   OFFER2, "authorization", lies[i], FAILURE,
				   NULL));
		challenge_of(ask("challenge", "cseq", "#2", "security_client",
				 OFFER2, "authorization", lies[i],
				 "www_authenticate", WWW2, NULL));
		assert_phase(id, GMGUARD_PHASE_TEMPORARY);
		cleanup();
	}
}

/* From another address, or for another identity. */
static void test_clear_elsewhere(void **state)
{
	uint32_t id;

	(void)state;
	setup("");
	id = challenge();
	assert_forward(ask("answer", "ue_addr", "10.33.0.66", "cseq", "#2",
			   "authorization", SYNC, FAILURE, NULL));
	assert_forward(ask("answer", "impi", "other@r", "cseq", "#2",
			   "authorization", SYNC, FAILURE, NULL));
	assert_phase(id, GMGUARD_PHASE_TEMPORARY);
	cleanup();
}

static void test_not_deleted(void **state)
{
	(void)state;
	setup("");
	registered();
	rechallenge();
	fake.fail_del = ENOMEM;
	/* the UE's REGISTER goes on all the same, the deadline will do it */
	assert_forward(ask("register", ON_SET, "cseq", "#4", "security_client",
			   OFFER3, "authorization", SYNC, NULL));
	assert_int_equal(fake_count(), 2);
	cleanup();
}

int main(void)
{
	add_rows(protecteds, test_established);
	add_test("GM-37: on a superseded set too", test_superseded);
	add_test("GM-37: only the attempts of this UE and kind", test_others);
	add_test("GM-37: a REGISTER that is refused ends nothing",
		 test_refused);
	add_rows(clears, test_clear_failure);
	add_rows(clears, test_clear_challenge);
	add_test("AT-29 GM-37: in clear no set goes that has carried a packet",
		 test_clear_proven);
	add_test("AT-29 GM-37: in clear from elsewhere: nothing goes",
		 test_clear_elsewhere);
	add_test("GM-37: a set that cannot be deleted", test_not_deleted);
	return run_methods("setback");
}
