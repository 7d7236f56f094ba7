// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Security-Client as no UE writes it (AT-40), through the whole agent: it is
 * refused, in words, before anything is made, or read as it was meant.
 */
#include <errno.h>
#include <stdio.h>

#include "frame.h"
#include "proxy.h"

#define ENDS	";spi-c=1001;spi-s=1002;port-c=4001;port-s=4002"
#define ONE	"ipsec-3gpp;alg=hmac-sha-1-96" ENDS

static const struct hostile_case {
	const char *name;
	const char *piece;	/* repeated */
	size_t times;
	const char *says;	/* NULL: taken */
} hostiles[] = {
	{ "AT-40 GM-16: the largest offer that is read", ONE ",", 64, NULL },
	{ "AT-40: 65 alternatives", "tls,", 65, "more than 64 alternatives" },
	{ "AT-40: 10,000 alternatives in 20,000 bytes", "a,", 10000,
	  "longer than 8192 bytes" },
	{ "AT-40: 4,096 alternatives in 8,192 bytes", "a,", 4096,
	  "more than 64 alternatives" },
	{ "AT-40: 200,000 blanks", " ", 200000, "longer than 8192 bytes" },
	{ "AT-40: 8,192 commas", ",", 8192, "ipsec-3gpp is not offered" },
	{ "AT-40: an SPI of 40 digits", "ipsec-3gpp;alg=hmac-sha-1-96;spi-c="
	  "1111111111222222222233333333334444444444;spi-s=1002;port-c=4001;"
	  "port-s=4002", 1, "spi-c must be 1 to 10 decimal digits" },
	{ "AT-40: a parameter twice", ONE ";spi-c=1001", 1,
	  "spi-c twice in one alternative" },
	{ "AT-40: a parameter twice in other letters", ONE ";ALG=null", 1,
	  "twice in one alternative" },
	{ "AT-40 GM-16: folded at every separator", "ipsec-3gpp\r\n ;\r\n\talg"
	  "\r\n =\r\n hmac-sha-1-96" ENDS "\r\n ,\r\n " ONE, 1, NULL },
	{ "AT-40: folded inside a token", "ipsec-3gpp;alg=hmac-\r\n sha-1-96"
	  ENDS, 1, "neither ; nor , at byte" },
	{ "AT-40: a line break that is no fold", ONE "\r\nRoute: <sip:evil>",
	  1, "neither ; nor , at byte" },
	{ "AT-40: 17 parameters", ONE ";a;b;c;d;e;f;g;h;i;j;k;l", 1,
	  "more than 16 parameters" },
	{ "AT-40: a string that has no end", "ipsec-3gpp;alg=\"", 1,
	  "no well-formed parameter" },
	{ "AT-40: nothing but separators", ";=,", 1, "no mechanism name" },
	{ "AT-40: a port of 40 digits", "ipsec-3gpp;alg=null;spi-c=1001;"
	  "spi-s=1002;port-c=0000000000000000000000000000000000004001;"
	  "port-s=4002", 1, "port-c must be 1 to 5 decimal digits" },
};

static char *repeat(const char *piece, size_t times)
{
	size_t len = strlen(piece);
	char *text = malloc(len * times + 1);

	assert_non_null(text);
	for (size_t i = 0; i < times; i++)
		memcpy(text + i * len, piece, len);
	text[len * times] = '\0';
	return text;
}

static void check(const struct hostile_case *c, const json_t *result)
{
	if (!c->says) {
		assert_forward(result);
		return;
	}
	assert_reject(result, 494, c->says);
	for (const char *p = text_of(result, "detail"); *p; p++)
		assert_in_range(*p, ' ', '~');
}

static void test_hostile(void **state)
{
	const struct hostile_case *c = *state;
	char *client = repeat(c->piece, c->times);

	setup("");
	check(c, ask("register", "security_client", client, NULL));
	/* SM4: the agent keeps nothing of SM1, so it reads the offer again */
	check(c, ask("challenge", "security_client", client,
		     "www_authenticate", WWW, NULL));
	assert_int_equal(fake_count(), c->says ? 0 : 1);
	free(client);
	cleanup();
}

/* What the framing takes at most, and one byte more. */
static void test_megabyte(void **state)
{
	char *text = malloc(1 << 20);
	struct framer framer = { 0 };
	struct frame frame;

	(void)state;
	assert_non_null(text);
	memset(text, 'a', 1 << 20);
	memcpy(text, "1048576:", 8);
	assert_int_equal(frame_next(&framer, text, 1 << 20, &frame), -EMSGSIZE);
	framer = (struct framer){ 0 };
	memcpy(text, "{\"x\":\"aa", 8);
	assert_int_equal(frame_next(&framer, text, 1 << 20, &frame), -EMSGSIZE);
	framer = (struct framer){ 0 };
	assert_int_equal(frame_next(&framer, text, FRAME_MAX, &frame), 0);
	free(text);
}

/* A NUL cannot cut a value short: the request itself is refused. */
static void test_nul(void **state)
{
	char *text = request_of("register", 1, "security_client",
				ONE "NNNNNN;x", NULL);
	json_t *answer, *error;
	char *reply;

	(void)state;
	setup("");
	memcpy(strstr(text, "NNNNNN"), "\\u0000", 6);
	reply = rpc_handle(&agent.rpc, text, strlen(text));
	answer = json_loads(reply, 0, NULL);
	error = json_object_get(answer, "error");
	assert_fault(error, RPC_PARSE_ERROR, "NUL");
	json_decref(answer);
	secret_free(reply);
	secret_free(text);
	cleanup();
}

int main(void)
{
	add_rows(hostiles, test_hostile);
	add_test("AT-40: a request of 1 MB", test_megabyte);
	add_test("AT-40: a NUL in Security-Client", test_nul);
	return run_methods("hostile");
}
