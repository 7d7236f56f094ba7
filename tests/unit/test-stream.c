// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module's reading of a SIP stream, from the very file that the kernel
 * runs: what is allowed and what not, cut in every way.
 */
#include "test.h"

#include <stdbool.h>

#include "stream-text.h"
#include "stream.h"

#define OK200	"SIP/2.0 200 OK\r\n" VIA "Content-Length: 0\r\n\r\n"
#define BODY10	"0123456789"
#define DENIED	(-1)

struct row {
	const char *name;
	const char *data;
	int messages;	/* that are seen, or DENIED */
	size_t len;	/* 0: to the NUL */
};

#define DENIED_WITH_NUL(bytes) (bytes), DENIED, sizeof(bytes) - 1

static const struct row registers[] = {
	{ "GM-15: a REGISTER", MESSAGE, 1 },
	{ "GM-15: two in one go", MESSAGE MESSAGE, 2 },
	{ "GM-15: a body", WITH(VIA "Content-Length: 10\r\n") BODY10, 1 },
	{ "GM-15: a body and one more",
	  WITH(VIA "Content-Length: 10\r\n") BODY10 MESSAGE, 2 },
	{ "GM-15: an INVITE as a body, which no reader takes for one",
	  WITH("Content-Length: 106\r\n") INVITE MESSAGE, 2 },
	{ "GM-15: CRLF in front",
	  "\r\n\r\n\r\n" MESSAGE "\r\n\r\n" MESSAGE, 2 },
	{ "GM-15: a keep-alive alone is no message", "\r\n\r\n", 0 },
	{ "GM-15: nothing", "", 0 },
	{ "GM-15: a part of the first line is not seen yet", "REGIST", 0 },
	{ "GM-15: nor is a part of the header", REG VIA "\r", 0 },
	{ "GM-15: cut in the body",
	  WITH("Content-Length: 10\r\n") "01234", 1 },
	{ "GM-15: only a Content-Length", WITH("Content-Length: 0\r\n"), 1 },
	{ "GM-15: compact", WITH("l: 3\r\n") "abc" MESSAGE, 2 },
	{ "GM-15: compact, large", WITH("L:3\r\n") "abc" MESSAGE, 2 },
	{ "GM-15: mixed case",
	  WITH("cOnTeNt-LeNgTh: 3\r\n") "abc" MESSAGE, 2 },
	{ "GM-15: blanks around the colon",
	  WITH("Content-Length \t : \t 3\r\n") "abc" MESSAGE, 2 },
	{ "GM-15: blanks around the compact one",
	  WITH("l\t:\t3 \t\r\n") "abc" MESSAGE, 2 },
	{ "GM-15: no blanks", WITH("Content-Length:3\r\n") "abc" MESSAGE, 2 },
	{ "GM-15: leading zeros",
	  WITH("Content-Length: 000000003\r\n") "abc" MESSAGE, 2 },
	{ "GM-15: nine digits", WITH("Content-Length: 999999999\r\n") "x", 1 },
	{ "GM-15: version in small letters",
	  "REGISTER sip:a sip/2.0\r\nl:0\r\n\r\n", 1 },
	{ "GM-15: names that begin alike",
	  WITH("Content-Type: a/b\r\nContact: <sip:a>\r\nContent-Lengths: 5\r\n"
	       "Content-Length-X: 5\r\nLanguage: de\r\nC: d\r\nl: 0\r\n")
	  MESSAGE, 2 },
	{ "GM-15: folded lines",
	  WITH("Authorization: Digest username=\"a\",\r\n realm=\"b\",\r\n"
	       "\t \tnonce=\"c\"\r\n cnonce=\"d\",\r\n  lang=e\r\n l\r\n"
	       " l; content-lengths: 5\r\nl: 0\r\n") MESSAGE, 2 },
	{ "GM-15: UTF-8 and a tab in a value",
	  WITH("From: \"M\xc3\xbcller\t\" <sip:a>\r\nl: 0\r\n") MESSAGE, 2 },
	{ "GM-15: a line without a colon",
	  WITH("nothing\r\nl: 0\r\n") MESSAGE, 2 },

	{ "GM-15 AT-36: INVITE", INVITE, DENIED },
	{ "GM-15 AT-36: MESSAGE", "MESSAGE sip:a SIP/2.0\r\nl:0\r\n\r\n",
	  DENIED },
	{ "GM-15 AT-36: the first byte of an INVITE", "I", DENIED },
	{ "GM-15 AT-36: INVITE behind CRLF", "\r\n\r\n" INVITE, DENIED },
	{ "GM-15 AT-36: INVITE behind a REGISTER", MESSAGE INVITE, DENIED },
	{ "GM-15 AT-36: INVITE behind a body",
	  WITH("l: 10\r\n") BODY10 INVITE, DENIED },
	{ "GM-15 AT-36: Content-Length too short",
	  WITH("Content-Length: 9\r\n") BODY10, DENIED },
	{ "GM-15 AT-36: INVITE where a short Content-Length ends",
	  WITH("Content-Length: 0\r\n") INVITE, DENIED },
	{ "GM-15 AT-36: Content-Length too long: eats the next message",
	  WITH("Content-Length: 5\r\n") "abc" MESSAGE INVITE, DENIED },
	{ "GM-15 AT-36: a response in", OK200, DENIED },
	{ "GM-15 AT-36: small letters", "register sip:a SIP/2.0\r\nl:0\r\n\r\n",
	  DENIED },
	{ "GM-15 AT-36: one small letter",
	  "REGISTEr sip:a SIP/2.0\r\nl:0\r\n\r\n", DENIED },
	{ "GM-15 AT-36: another small letter",
	  "rEGISTER sip:a SIP/2.0\r\nl:0\r\n\r\n", DENIED },
	{ "GM-15 AT-36: a longer method",
	  "REGISTERX sip:a SIP/2.0\r\nl:0\r\n\r\n", DENIED },
	{ "GM-15 AT-36: a shorter method",
	  "REGISTE sip:a SIP/2.0\r\nl:0\r\n\r\n", DENIED },
	{ "GM-15 AT-36: a tab behind the method",
	  "REGISTER\tsip:a SIP/2.0\r\nl:0\r\n\r\n", DENIED },
	{ "two blanks behind the method",
	  "REGISTER  sip:a SIP/2.0\r\nl:0\r\n\r\n", DENIED },
	{ "no URI", "REGISTER SIP/2.0\r\nl:0\r\n\r\n", DENIED },
	{ "an empty URI", "REGISTER  SIP/2.0\r\nl:0\r\n\r\n", DENIED },
	{ "two URIs", "REGISTER sip:a sip:b SIP/2.0\r\nl:0\r\n\r\n", DENIED },
	{ "a control in the URI", "REGISTER sip:\x01 SIP/2.0\r\nl:0\r\n\r\n",
	  DENIED },
	{ "DEL in the URI", "REGISTER sip:\x7f SIP/2.0\r\nl:0\r\n\r\n",
	  DENIED },
	{ "DEL in a line", WITH("a: \x7f\r\nl:0\r\n"), DENIED },
	{ "UTF-8 in the URI", "REGISTER sip:\xc3\xbc SIP/2.0\r\nl:0\r\n\r\n",
	  DENIED },
	{ "no version", "REGISTER sip:a\r\nl:0\r\n\r\n", DENIED },
	{ "GM-15 AT-36: HTTP", "REGISTER /a HTTP/1.1\r\nl:0\r\n\r\n", DENIED },
	{ "a blank behind the version",
	  "REGISTER sip:a SIP/2.0 \r\nl:0\r\n\r\n", DENIED },
	{ "a blank in front", " " MESSAGE, DENIED },
	{ "a tab in front", "\t" MESSAGE, DENIED },
	{ "LF in front", "\n" MESSAGE, DENIED },
	{ "CR in front", "\r" MESSAGE, DENIED },
	{ "CR CR LF in front", "\r\r\n" MESSAGE, DENIED },
	{ "NUL in front, as STUN has", DENIED_WITH_NUL("\0\1") },

	{ "LF behind the request line", "REGISTER sip:a SIP/2.0\nl:0\r\n\r\n",
	  DENIED },
	{ "LF behind a line", WITH("a: b\nl:0\r\n"), DENIED },
	{ "LF behind Content-Length", WITH("l:0\n"), DENIED },
	{ "LF as the empty line", REG "l:0\r\n\n", DENIED },
	{ "LF as the empty line behind a blank one", REG "l:0\r\n \n", DENIED },
	{ "CR in a line", WITH("a: b\rc\r\nl:0\r\n"), DENIED },
	{ "CR behind a line", WITH("a: b\rl:0\r\n"), DENIED },
	{ "CR as the empty line", REG "l:0\r\n\r" MESSAGE, DENIED },
	{ "CR CR LF behind a line", WITH("a: b\r\r\nl:0\r\n"), DENIED },
	{ "NUL in a line", DENIED_WITH_NUL(REG "a: b\0\r\nl:0\r\n\r\n") },
	{ "NUL in the URI",
	  DENIED_WITH_NUL("REGISTER sip:\0 SIP/2.0\r\nl:0\r\n\r\n") },
	{ "another control in a line", WITH("a: \vb\r\nl:0\r\n"), DENIED },

	{ "GM-15: no Content-Length", MESSAGE WITH(VIA), DENIED },
	{ "GM-15: no header at all", REG "\r\n", DENIED },
	{ "two Content-Lengths",
	  WITH("Content-Length: 0\r\nContent-Length: 106\r\n") INVITE, DENIED },
	{ "two equal ones", WITH("Content-Length: 0\r\nContent-Length: 0\r\n"),
	  DENIED },
	{ "long and compact", WITH("Content-Length: 0\r\nl: 106\r\n") INVITE,
	  DENIED },
	{ "no digit", WITH("Content-Length: \r\n"), DENIED },
	{ "nothing behind the colon", WITH("Content-Length:\r\n"), DENIED },
	{ "negative", WITH("Content-Length: -1\r\n"), DENIED },
	{ "with a plus", WITH("Content-Length: +1\r\n") "a", DENIED },
	{ "hexadecimal", WITH("Content-Length: 0x1\r\n") "a", DENIED },
	{ "with a letter", WITH("Content-Length: 1a\r\n") "a", DENIED },
	{ "with a comment", WITH("Content-Length: 1;a\r\n") "a", DENIED },
	{ "two numbers", WITH("Content-Length: 1 1\r\n") "a", DENIED },
	{ "two numbers with a comma", WITH("Content-Length: 1,1\r\n") "a",
	  DENIED },
	{ "ten digits", WITH("Content-Length: 0000000000\r\n"), DENIED },
	{ "2^32, which is 0 to some",
	  WITH("Content-Length: 4294967296\r\n") INVITE, DENIED },
	{ "2^64", WITH("Content-Length: 18446744073709551616\r\n") INVITE,
	  DENIED },
	{ "folded behind the colon", WITH("Content-Length:\r\n 0\r\n"),
	  DENIED },
	{ "folded behind the digits", WITH("Content-Length: 1\r\n 06\r\n") "a",
	  DENIED },
	{ "folded with blanks only", WITH("Content-Length: 0\r\n \r\n"),
	  DENIED },
	{ "folded in front of the colon", WITH("Content-Length\r\n : 0\r\n"),
	  DENIED },
	{ "in a folded line", WITH("a: b\r\n Content-Length: 0\r\nl: 106\r\n")
	  INVITE, DENIED },
	{ "in a folded line of its own", WITH("a: b\r\n Content-Length: 0\r\n"),
	  DENIED },
	{ "compact in a folded line", WITH("a: b\r\n\t l \t: 0\r\nl: 106\r\n")
	  INVITE, DENIED },
	{ "in the second folded line",
	  WITH("a: b\r\n c\r\n l: 0\r\nl: 106\r\n") INVITE, DENIED },
	{ "the request line folded", REG " a\r\nl: 0\r\n\r\n", DENIED },
	{ "a line of blanks", WITH("l: 0\r\na: b\r\n \t\r\n"), DENIED },
	{ "with an underscore", WITH("Content_Length: 0\r\nl: 106\r\n") INVITE,
	  DENIED },
	{ "no colon", WITH("Content-Length 0\r\nl: 106\r\n") INVITE, DENIED },
	{ "no colon and nothing else", WITH("Content-Length\r\nl: 0\r\n"),
	  DENIED },
	{ "compact without a colon", WITH("l 0\r\nl: 106\r\n") INVITE,
	  DENIED },
	{ "another blank in front of the colon",
	  WITH("Content-Length\v: 0\r\nl: 106\r\n") INVITE, DENIED },
	{ "another blank behind the colon",
	  WITH("Content-Length:\v0\r\nl: 106\r\n") INVITE, DENIED },
	{ "quoted", WITH("Content-Length: \"0\"\r\n"), DENIED },
};

static const struct row responses[] = {
	{ "GM-15: a response", OK200, 1 },
	{ "GM-15: two responses, and a pong in between",
	  OK200 "\r\n" OK200 "\r\n\r\n", 2 },
	{ "GM-15: a response with a body",
	  "SIP/2.0 200 OK\r\nl: 10\r\n\r\n" BODY10 OK200, 2 },
	{ "GM-15: in small letters", "sip/2.0 401 x\r\nl: 0\r\n\r\n", 1 },
	{ "GM-15: no reason phrase", "SIP/2.0 200 \r\nl: 0\r\n\r\n", 1 },
	{ "GM-15: a request out", INVITE, DENIED },
	{ "GM-15: a REGISTER out", MESSAGE, DENIED },
	{ "GM-15: a request behind a response", OK200 INVITE, DENIED },
	{ "GM-15: a request behind a body",
	  "SIP/2.0 200 OK\r\nl: 10\r\n\r\n" BODY10 INVITE, DENIED },
	{ "another version", "SIP/3.0 200 OK\r\nl: 0\r\n\r\n", DENIED },
	{ "no blank behind the version", "SIP/2.0\t200 OK\r\nl: 0\r\n\r\n",
	  DENIED },
	{ "no Content-Length", "SIP/2.0 200 OK\r\n\r\n", DENIED },
	{ "LF behind the status line", "SIP/2.0 200 OK\nl: 0\r\n\r\n",
	  DENIED },
};

/* Here nothing is denied; DENIED stands for getting out of step. */
static const struct row anything[] = {
	{ "GM-33: a REGISTER", MESSAGE, 1 },
	{ "GM-33: a request", INVITE, 1 },
	{ "GM-33: a part of a start line", "OPTIONS sip:home", 0 },
	{ "GM-33: a start line", "OPTIONS sip:a SIP/2.0\r\n", 1 },
	{ "GM-33: a status line", "SIP/2.0 200 OK\r\n", 1 },
	{ "GM-33: text that is no SIP", "hello\r\n\r\n", DENIED },
	{ "GM-33: nearly a response", "SIP/3.0 200 OK\r\n", DENIED },
	{ "GM-33: another protocol", "GET / HTTP/1.1\r\n", DENIED },
	{ "GM-33: a response", OK200, 1 },
	{ "GM-33: some of each", INVITE OK200 "\r\n" MESSAGE, 3 },
	{ "GM-33: CRLF is no message", "\r\n\r\n\r\n", 0 },
	{ "GM-33: STUN is no message",
	  DENIED_WITH_NUL("\0\1\0\0\x21\x12\xa4\x42") },
	{ "GM-33: what nobody understands", "\xff", DENIED },
	{ "GM-33: a blank in front", " " INVITE, DENIED },
	{ "GM-33: a separator in the method", "SIP/x sip:a SIP/2.0\r\n",
	  DENIED },
	{ "GM-33: an empty URI", "OPTIONS  SIP/2.0\r\n", DENIED },
	{ "a message without Content-Length",
	  "OPTIONS sip:a SIP/2.0\r\n\r\n", DENIED },
	{ "LF only", "OPTIONS sip:a SIP/2.0\nl: 0\n\n", DENIED },
};

#define SOS(uri) "INVITE " uri " SIP/2.0\r\n" VIA "l: 0\r\n\r\n"
#define ERROR(code) "SIP/2.0 " code "\r\n" VIA "l: 0\r\n\r\n"

static const struct row clears[] = {
	{ "GM-02: REGISTER", MESSAGE MESSAGE, 2 },
	{ "GM-02: an error", ERROR("404 x"), 1 },
	{ "GM-02: errors and REGISTERs",
	  ERROR("400 x") MESSAGE ERROR("699 ") "\r\n" MESSAGE, 4 },
	{ "AT-23: 200", OK200, DENIED },
	{ "AT-23: 302", ERROR("302 x"), DENIED },
	{ "AT-23: 700", ERROR("700 x"), DENIED },
	{ "AT-23: two digits", ERROR("40 x"), DENIED },
	{ "AT-23: four digits", ERROR("4000 x"), DENIED },
	{ "AT-23: no blank behind the code", ERROR("400"), DENIED },
	{ "AT-23: INVITE", INVITE, DENIED },
	{ "AT-23: INVITE behind REGISTER", MESSAGE INVITE, DENIED },
	{ "AT-23: INVITE behind an error", ERROR("404 x") INVITE, DENIED },
};

static const struct row no_calls[] = {
	{ "GM-38: an emergency call where it is off", SOS("urn:service:sos"),
	  DENIED },
};

static const struct row calls[] = {
	{ "GM-38: an emergency call", SOS("urn:service:sos"), 1 },
	{ "GM-38: in other letters", SOS("uRN:sErvice:sOS"), 1 },
	{ "GM-38: a service below it", SOS("urn:service:sos.fire"), 1 },
	{ "GM-38: with parameters", SOS("urn:service:sos;a=b"), 1 },
	{ "GM-38: and what follows",
	  MESSAGE SOS("urn:service:sos") INVITE OK200
	  "BYE sip:a SIP/2.0\r\nl: 0\r\n\r\n" MESSAGE, 6 },
	{ "GM-38: and another one",
	  SOS("urn:service:sos") SOS("urn:service:sos"), 2 },
	{ "AT-23: a longer name", SOS("urn:service:sosx"), DENIED },
	{ "AT-23: a shorter name", SOS("urn:service:so"), DENIED },
	{ "AT-23: another scheme", SOS("sip:urn:service:sos"), DENIED },
	{ "AT-23: an empty URI", SOS(""), DENIED },
	{ "AT-23: INVITE to somebody", INVITE, DENIED },
	{ "AT-23: another method to it",
	  "MESSAGE urn:service:sos SIP/2.0\r\nl: 0\r\n\r\n", DENIED },
	{ "AT-23: invite in small letters",
	  "invite urn:service:sos SIP/2.0\r\nl: 0\r\n\r\n", DENIED },
	{ "AT-23: 200 without a call", OK200, DENIED },
	{ "GM-02: REGISTER and errors", MESSAGE ERROR("404 x"), 2 },
};

static size_t row_len(const struct row *row)
{
	return row->len ? row->len : strlen(row->data);
}

/* Feeds pieces that end at the cuts, and at the end. */
static bool feed_cut(struct gmg_stream *s, enum gmg_stream_mode mode,
		     const char *data, size_t len, const bool *cut,
		     unsigned int *seen)
{
	bool allowed = true;
	size_t from = 0;

	*seen = 0;
	for (size_t at = 0; at <= len; at++) {
		unsigned int now;
		bool result;
		char *copy;

		if (at < len && !cut[at])
			continue;
		copy = exact_copy(data + from, at - from);
		result = gmg_stream_feed(s, mode, copy, at - from, &now);
		/* once it is denied, it stays so */
		assert_true(allowed || !result);
		allowed = result;
		*seen |= now;
		from = at;
		free(copy);
	}
	return allowed;
}

/* Byte by byte; DENIED or how many messages are seen, and which. */
static int count(struct gmg_stream *s, enum gmg_stream_mode mode,
		 const char *data, size_t len, unsigned int *kinds)
{
	int n = 0;

	*kinds = 0;
	for (size_t at = 0; at < len; at++) {
		unsigned int seen;
		bool allowed;

		allowed = gmg_stream_feed(s, mode, data + at, 1, &seen);
		assert_true(allowed || mode != GMG_STREAM_ANY);
		n += !!seen;
		*kinds |= seen;
		if (!gmg_stream_in_step(s))
			return DENIED;
		assert_true(allowed);
	}
	return n;
}

static void assert_same(const struct gmg_stream *a, const struct gmg_stream *b)
{
	assert_int_equal(gmg_stream_in_step(a), gmg_stream_in_step(b));
	if (gmg_stream_in_step(a))
		assert_memory_equal(a, b, sizeof(*a));
}

/* The row as it says, and the same in one piece and in any two. */
static void check_row(const struct row *row, enum gmg_stream_mode mode)
{
	size_t len = row_len(row);
	struct gmg_stream bytes, pieces;
	bool *cut = calloc(len + 1, sizeof(*cut));
	unsigned int kinds, seen;
	bool allowed;

	assert_non_null(cut);
	gmg_stream_init(&bytes);
	assert_int_equal(count(&bytes, mode, row->data, len, &kinds),
			 row->messages);
	if (mode == GMG_STREAM_REGISTER)
		assert_false(kinds & GMG_STREAM_SAW_OTHER);
	if (mode == GMG_STREAM_RESPONSE)
		assert_false(kinds & GMG_STREAM_SAW_REGISTER);

	for (size_t at = 0; at <= len; at++) {
		gmg_stream_init(&pieces);
		cut[at] = true;
		allowed = feed_cut(&pieces, mode, row->data, len, cut, &seen);
		cut[at] = false;
		assert_same(&pieces, &bytes);
		assert_int_equal(allowed, row->messages != DENIED ||
				 mode == GMG_STREAM_ANY);
		assert_int_equal(seen, kinds);
	}
	free(cut);
}

static void test_register(void **state)
{
	check_row(*state, GMG_STREAM_REGISTER);
}

static void test_response(void **state)
{
	check_row(*state, GMG_STREAM_RESPONSE);
}

static void test_any(void **state)
{
	check_row(*state, GMG_STREAM_ANY);
}

static void test_clear(void **state)
{
	check_row(*state, GMG_STREAM_CLEAR);
	check_row(*state, GMG_STREAM_CLEAR_SOS);
}

static void test_no_call(void **state)
{
	check_row(*state, GMG_STREAM_CLEAR);
}

static void test_call(void **state)
{
	check_row(*state, GMG_STREAM_CLEAR_SOS);
}

/* The time of a call is over: what has begun may end, nothing more begins. */
static void test_call_over(void **state)
{
	static const char sos[] = SOS("urn:service:sos");
	static const char bye[] = "BYE sip:a SIP/2.0\r\nl: 0\r\n\r\n";
	unsigned int seen;

	(void)state;
	for (size_t at = 0; at < sizeof(bye); at++) {
		struct gmg_stream s;
		bool allowed;

		gmg_stream_init(&s);
		assert_true(gmg_stream_feed(&s, GMG_STREAM_CLEAR_SOS, sos,
					    sizeof(sos) - 1, &seen));
		assert_true(seen & GMG_STREAM_SAW_SOS);
		assert_true(gmg_stream_is_between(&s));
		assert_true(gmg_stream_feed(&s, GMG_STREAM_CLEAR_SOS, bye, at,
					    &seen));
		allowed = gmg_stream_feed(&s, GMG_STREAM_CLEAR, bye + at,
					  sizeof(bye) - 1 - at, &seen);
		assert_int_equal(allowed, at > 0);
		assert_int_equal(gmg_stream_is_between(&s), at > 0);
		assert_false(gmg_stream_feed(&s, GMG_STREAM_CLEAR, bye,
					     sizeof(bye) - 1, &seen));
	}
}

/* A set becomes established at any byte of its stream. */
static void test_change(void **state)
{
	static const char data[] = "\r\n" REG VIA "a: b\r\n c\r\n"
		"Content-Length : 10 \r\n\r\n" BODY10;
	static const char next[] = "\r\n" INVITE;
	const size_t len = sizeof(data) - 1;
	unsigned int before, after;

	(void)state;
	for (size_t at = 0; at <= len; at++) {
		struct gmg_stream s;
		int n;

		gmg_stream_init(&s);
		n = count(&s, GMG_STREAM_REGISTER, data, at, &before);
		n += count(&s, GMG_STREAM_ANY, data + at, len - at, &after);
		assert_int_equal(n, 1);
		assert_int_equal(before | after, GMG_STREAM_SAW_REGISTER);
		n = count(&s, GMG_STREAM_ANY, next, sizeof(next) - 1, &after);
		assert_int_equal(n, 1);
		assert_int_equal(after, GMG_STREAM_SAW_OTHER);
	}
}

/* After something that is not allowed nothing is, in whatever pieces. */
static void test_final(void **state)
{
	struct gmg_stream s;
	unsigned int seen;

	(void)state;
	gmg_stream_init(&s);
	assert_false(gmg_stream_feed(&s, GMG_STREAM_REGISTER, "X", 1, &seen));
	assert_false(gmg_stream_feed(&s, GMG_STREAM_REGISTER, MESSAGE,
				     sizeof(MESSAGE) - 1, &seen));
	assert_int_equal(seen, 0);
	assert_false(gmg_stream_feed(&s, GMG_STREAM_REGISTER, "", 0, &seen));
	assert_true(gmg_stream_feed(&s, GMG_STREAM_ANY, INVITE,
				    sizeof(INVITE) - 1, &seen));
	assert_int_equal(seen, 0);
}

/* At which byte a message is seen: as soon as there is no doubt. */
static void test_when(void **state)
{
	static const struct {
		const char *data;
		size_t at;
		unsigned int seen;
	} cases[] = {
		{ MESSAGE, sizeof(MESSAGE) - 1, GMG_STREAM_SAW_REGISTER },
		{ WITH("l:10\r\n") BODY10, sizeof(WITH("l:10\r\n")) - 1,
		  GMG_STREAM_SAW_REGISTER },
		{ "\r\n" INVITE, 37, GMG_STREAM_SAW_OTHER },
		{ OK200, 8, GMG_STREAM_SAW_OTHER },
		{ "REGISTERS sip:a SIP/2.0\r\n\r\n", 25,
		  GMG_STREAM_SAW_OTHER },
		{ "SIP sip:a SIP/2.0\r\n\r\n", 19, GMG_STREAM_SAW_OTHER },
		{ "s sip:a SIP/2.0\r\n\r\n", 17, GMG_STREAM_SAW_OTHER },
		{ "R sip:a SIP/2.0\r\n\r\n", 17, GMG_STREAM_SAW_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct gmg_stream s;
		unsigned int seen;

		gmg_stream_init(&s);
		for (size_t at = 0; at < cases[i].at; at++) {
			gmg_stream_feed(&s, GMG_STREAM_ANY, cases[i].data + at,
					1, &seen);
			assert_true(gmg_stream_in_step(&s));
			assert_int_equal(seen, at + 1 < cases[i].at ? 0 :
					 cases[i].seen);
		}
	}
}

static void test_random_cuts(void **state)
{
	static const char data[] = "\r\n" MESSAGE WITH(VIA "a: b\r\n c\r\n"
		"Content-Length \t:  10 \r\n") BODY10 MESSAGE "\r\n\r\n";
	const size_t len = sizeof(data) - 1;
	struct gmg_stream whole, cut_up;
	bool cut[sizeof(data)];
	unsigned int seen;

	(void)state;
	gmg_stream_init(&whole);
	assert_true(gmg_stream_feed(&whole, GMG_STREAM_REGISTER, data, len,
				    &seen));
	for (int round = 0; round < 2000; round++) {
		for (size_t at = 0; at < len; at++)
			cut[at] = !random_below(1 + round % 40);
		gmg_stream_init(&cut_up);
		assert_true(feed_cut(&cut_up, GMG_STREAM_REGISTER, data, len,
				     cut, &seen));
		assert_int_equal(seen, GMG_STREAM_SAW_REGISTER);
		assert_same(&cut_up, &whole);
	}
}

int main(void)
{
	add_rows(registers, test_register);
	add_rows(responses, test_response);
	add_rows(anything, test_any);
	add_rows(clears, test_clear);
	add_rows(no_calls, test_no_call);
	add_rows(calls, test_call);
	add_test("GM-38 AT-23: a call whose time is over", test_call_over);
	add_test("GM-33: established at any byte of SM7", test_change);
	add_test("GM-15: nothing is allowed behind what is not", test_final);
	add_test("GM-33: when a message is seen", test_when);
	add_test("GM-15 AT-18: random cuts", test_random_cuts);
	return run_all("stream");
}
