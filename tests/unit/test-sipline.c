// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module's reading of a SIP datagram, from the very file that the kernel
 * runs. Inputs are copied to the end of an allocation of their own, so that
 * AddressSanitizer sees a byte too many.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sipline.h"

struct kind_case {
	const char *name;
	const char *data;
	enum gmg_sip_kind kind;
};

static const struct kind_case kinds[] = {
	{ "GM-15: REGISTER", "REGISTER sip:a SIP/2.0\r\n", GMG_SIP_REGISTER },
	{ "GM-15: REGISTER with LF only", "REGISTER sip:a SIP/2.0\n",
	  GMG_SIP_REGISTER },
	{ "GM-15: INVITE", "INVITE sip:a SIP/2.0\r\n", GMG_SIP_REQUEST },
	{ "methods are case-sensitive", "register sip:a SIP/2.0\r\n",
	  GMG_SIP_REQUEST },
	{ "a longer method", "REGISTERX sip:a SIP/2.0\r\n", GMG_SIP_REQUEST },
	{ "a shorter method", "REGISTE sip:a SIP/2.0\r\n", GMG_SIP_REQUEST },
	{ "GM-30: a response", "SIP/2.0 401 Unauthorized\r\n",
	  GMG_SIP_RESPONSE },
	{ "GM-30: a response in small letters", "sip/2.0 200 OK\r\n",
	  GMG_SIP_RESPONSE },
	{ "no URI", "REGISTER SIP/2.0\r\n", GMG_SIP_NONE },
	{ "no version", "REGISTER sip:a\r\n", GMG_SIP_NONE },
	{ "another version", "REGISTER sip:a SIP/3.0\r\n", GMG_SIP_NONE },
	{ "no end of line", "REGISTER sip:a SIP/2.0", GMG_SIP_NONE },
	{ "keep-alive", "\r\n\r\n", GMG_SIP_NONE },
	{ "a line feed", "\n", GMG_SIP_NONE },
	{ "nothing", "", GMG_SIP_NONE },
	{ "a blank in front", " REGISTER sip:a SIP/2.0\r\n", GMG_SIP_NONE },
	{ "a tab behind the method", "REGISTER\tsip:a SIP/2.0\r\n",
	  GMG_SIP_NONE },
	{ "a separator in the method", "REG;ISTER sip:a SIP/2.0\r\n",
	  GMG_SIP_NONE },
};

struct scan_case {
	const char *name;
	const char *data;
	bool found;
	const char *call_id;
	uint32_t cseq;
	bool cseq_register;
};

#define START "SIP/2.0 401 x\r\n"

static const struct scan_case scans[] = {
	{ "GM-30: Call-ID and CSeq",
	  START "Call-ID: a@b\r\nCSeq: 7 REGISTER\r\n\r\n",
	  true, "a@b", 7, true },
	{ "GM-30: compact, other case, blanks",
	  START "i \t:  a@b \r\ncSEQ\t: 4294967295 \t REGISTER \r\n\r\n",
	  true, "a@b", 4294967295U, true },
	{ "GM-30: CSeq of another method",
	  START "Call-ID: a\r\nCSeq: 1 INVITE\r\n\r\n", true, "a", 1, false },
	{ "the first of two counts",
	  START "Call-ID: a\r\nCall-ID: b\r\nCSeq: 1 REGISTER\r\n"
	  "CSeq: 2 INVITE\r\n\r\n", true, "a", 1, true },
	{ "nothing behind the header counts",
	  START "Call-ID: a\r\n\r\nCSeq: 1 REGISTER\r\n\r\n", false, NULL, 0, false },
	{ "no Call-ID", START "CSeq: 1 REGISTER\r\n\r\n", false, NULL, 0, false },
	{ "CSeq too large",
	  START "Call-ID: a\r\nCSeq: 4294967296 REGISTER\r\n\r\n", false, NULL, 0, false },
	{ "CSeq without a number", START "Call-ID: a\r\nCSeq: REGISTER\r\n\r\n",
	  false, NULL, 0, false },
	{ "CSeq without a method", START "Call-ID: a\r\nCSeq: 1\r\n\r\n",
	  false, NULL, 0, false },
	{ "cut off inside CSeq", START "Call-ID: a\r\nCSeq: 1", false, NULL, 0, false },
	{ "a name that only begins alike",
	  START "Call-IDs: a\r\nInfo: b\r\nCSeq: 1 REGISTER\r\n\r\n", false, NULL, 0, false },
	{ "the start line is no header", "Call-ID: a\r\nCSeq: 1 REGISTER\r\n",
	  false, NULL, 0, false },
	{ "nothing", "", false, NULL, 0, false },
};

static void test_kind(void **state)
{
	const struct kind_case *c = *state;
	size_t len = strlen(c->data);
	char *data = malloc(len + !len);

	memcpy(data, c->data, len);
	assert_int_equal(gmg_sip_kind(data, len), c->kind);
	free(data);
}

static void test_scan(void **state)
{
	const struct scan_case *c = *state;
	size_t len = strlen(c->data);
	char *data = malloc(len + !len);
	struct gmg_sip sip;

	memcpy(data, c->data, len);
	assert_int_equal(gmg_sip_scan(data, len, &sip), c->found);
	if (c->found) {
		assert_int_equal(sip.call_id_len, strlen(c->call_id));
		assert_memory_equal(sip.call_id, c->call_id, sip.call_id_len);
		assert_int_equal(sip.cseq, c->cseq);
		assert_int_equal(sip.cseq_register, c->cseq_register);
	}
	free(data);
}

/* Every prefix of every input, and every byte of it replaced. */
static void test_bounds(void **state)
{
	static const char odd[] = { 0, '\n', '\r', ' ', ':', -1 };
	struct gmg_sip sip;
	size_t i, cut, o;

	(void)state;
	for (i = 0; i < sizeof(scans) / sizeof(scans[0]); i++) {
		size_t len = strlen(scans[i].data);

		for (cut = 0; cut <= len; cut++) {
			char *data = malloc(cut + !cut);

			memcpy(data, scans[i].data, cut);
			gmg_sip_kind(data, cut);
			gmg_sip_scan(data, cut, &sip);
			for (o = 0; cut && o < sizeof(odd); o++) {
				data[cut - 1] = odd[o];
				gmg_sip_kind(data, cut);
				gmg_sip_scan(data, cut, &sip);
			}
			free(data);
		}
	}
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int main(void)
{
	struct CMUnitTest tests[COUNT(kinds) + COUNT(scans) + 1] = { 0 };
	size_t n = 0;
	size_t i;

	for (i = 0; i < COUNT(kinds); i++)
		tests[n++] = (struct CMUnitTest){
			.name = kinds[i].name,
			.test_func = test_kind,
			.initial_state = (void *)&kinds[i],
		};
	for (i = 0; i < COUNT(scans); i++)
		tests[n++] = (struct CMUnitTest){
			.name = scans[i].name,
			.test_func = test_scan,
			.initial_state = (void *)&scans[i],
		};
	tests[n++] = (struct CMUnitTest){
		.name = "no byte beyond the end is read",
		.test_func = test_bounds,
	};
	return _cmocka_run_group_tests("sipline", tests, n, NULL, NULL);
}
