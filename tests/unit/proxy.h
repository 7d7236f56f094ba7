/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proxy.h - asks the agent's methods as a proxy does, against a kernel of
 * plain memory (fake-kernel.h): what the tests of the methods share
 */
#ifndef PROXY_H
#define PROXY_H

#include "agent.h"
#include "fake-kernel.h"
#include "secret.h"
#include "test.h"

#define IMPI	"001010000000001@ims.mnc001.mcc001.3gppnetwork.org"
#define CK	"b40ba9a3c58b2a05bbf0d987b21bf8cb"
#define IK	"f769bcd751044604127672711c6d3441"
#define OFFER	"ipsec-3gpp;alg=hmac-md5-96;ealg=aes-cbc;spi-c=4000000001;spi-s=1002;port-c=4001;port-s=4002, ipsec-3gpp;alg=hmac-sha-1-96;ealg=aes-cbc;spi-c=4000000001;spi-s=1002;port-c=4001;port-s=4002"
/* of the same UE later: another client port, other SPIs */
#define OFFER2	"ipsec-3gpp;alg=hmac-sha-1-96;ealg=aes-cbc;spi-c=2001;spi-s=2002;port-c=5001;port-s=4002"
#define OFFER3	"ipsec-3gpp;alg=hmac-sha-1-96;ealg=aes-cbc;spi-c=3001;spi-s=3002;port-c=6001;port-s=4002"
/* of its emergency registration: a server port of its own */
#define OFFER_SOS "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=7001;spi-s=7002;port-c=7001;port-s=7002"
#define CLEAN	"Digest realm=\"r\", nonce=\"abc=\", algorithm=AKAv1-MD5"
#define WWW	CLEAN ", ck=\"" CK "\", ik=\"" IK "\""
#define SM1_AUTH "Digest username=\"" IMPI "\", realm=\"r\", nonce=\"\", uri=\"sip:r\", response=\"\""
#define SM7_AUTH "Digest username=\"" IMPI "\", realm=\"r\", nonce=\"abc=\", uri=\"sip:r\", response=\"1125a3c2\""

/* The other challenge and its answer. */
#define WWW2	"Digest realm=\"r\", nonce=\"def=\", algorithm=AKAv1-MD5, ck=\"" CK "\", ik=\"" IK "\""
#define SM7_AUTH2 "Digest username=\"" IMPI "\", realm=\"r\", nonce=\"def=\", uri=\"sip:r\", response=\"1125a3c2\""

/* What differs from SM1 in what came through a set, in SM7, and in a 2xx. */
#define ON_SET	"ue_port", "#4001", "local_port", "#6101"
#define ON_SET2	"ue_port", "#5001", "local_port", "#6101"
#define SM7	ON_SET, "cseq", "#2", "authorization", SM7_AUTH, \
		"security_verify", server
#define SM7_2	ON_SET2, "cseq", "#4", "authorization", SM7_AUTH, \
		"security_client", OFFER2, "security_verify", server
#define GRANT	"status", "#200", "expires", "#600", "p_associated_uri", \
		"<sip:first@r>, \"D, E\" <tel:+1234>;x=y, sip:third@r"
#define GRANT0	"status", "#200", "expires", "#0", "p_associated_uri", ""
#define FAILURE	"status", "#403", "expires", "#0", "p_associated_uri", ""

extern struct event_base *base;
extern struct agent agent;
extern char server[SEC_SERVER_MAX];	/* Security-Server of the last 401 */

struct conf *configure(const char *more);
void start(const char *more);
void restart(void);
void setup(const char *more);
void cleanup(void);

json_t *call(const char *method, json_t *params);
json_t *ask(const char *method, ...);
char *request_of(const char *method, int id, ...);

const char *text_of(const json_t *result, const char *name);
long long number_of(const json_t *result, const char *name);
json_t *list_of(const json_t *result, const char *name);
void assert_forward(const json_t *result);
void assert_reject(const json_t *result, int code, const char *detail);
void assert_fault(const json_t *result, int code, const char *message);
void assert_gone(uint32_t id);
void assert_phase(uint32_t id, uint32_t phase);
void assert_impus(const json_t *result, const char *impus);

uint32_t challenge(void);
uint32_t challenge_of(json_t *result);
uint32_t registered(void);
uint32_t rechallenge(void);
uint32_t reregistered(void);
void wait_for_reaper(void);

/**
 * struct refuse_case - a call that is refused, and makes no set
 * @name: the requirement
 * @more: of the configuration
 * @method: what is called
 * @change: NAME, VALUE, ... that differ from SM1
 * @code: SIP code, or JSON-RPC code when negative
 * @says: a piece of the detail, or of the message
 */
struct refuse_case {
	const char *name;
	const char *more;
	const char *method;
	const char *change[6];
	int code;
	const char *says;
};

void test_refusal(void **state);
void open_proxy(void);
void close_proxy(void);

static inline int run_methods(const char *group)
{
	int ret;

	open_proxy();
	ret = run_all(group);
	close_proxy();
	return ret;
}

#endif /* PROXY_H */
