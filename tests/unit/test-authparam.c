// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Taking CK and IK out of a challenge, and reading Authorization.
 */
#include <errno.h>

#include "authparam.h"
#include "secret.h"
#include "test.h"

#define CK	"b40ba9a3c58b2a05bbf0d987b21bf8cb"
#define IK	"f769bcd751044604127672711c6d3441"
#define NONCE	"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M="

static const struct strip_case {
	const char *name;
	const char *value;
	int ret;
	const char *stripped;
} strips[] = {
	{ "GM-21: ck and ik at the end go",
	  "Digest realm=\"r\",nonce=\"" NONCE "\",ck=\"" CK "\",ik=\"" IK "\"",
	  0, "Digest realm=\"r\", nonce=\"" NONCE "\"" },
	{ "GM-21: ck and ik at the beginning go",
	  "Digest ik=\"" IK "\", ck=\"" CK "\", realm=\"r\", qop=\"auth\"",
	  0, "Digest realm=\"r\", qop=\"auth\"" },
	{ "GM-21: ck and ik in the middle go, commas in quotes stay",
	  "Digest realm=\"a,b\", ck=\"" CK "\" , ik=\"" IK "\",opaque=\"ck=x\"",
	  0, "Digest realm=\"a,b\", opaque=\"ck=x\"" },
	{ "GM-21: nothing but ck and ik",
	  "Digest ck=\"" CK "\",ik=\"" IK "\"", 0, "Digest" },
	{ "GM-21: case, blanks and missing quotes make no difference",
	  "digest Realm=\"r\", CK = " CK " , Ik=\"F769BCD751044604127672711C6D3441\" ,, stale=false",
	  0, "digest Realm=\"r\", stale=false" },
	{ "GM-21: folded lines are unfolded",
	  "Digest realm=\"r\",\r\n ck=\"" CK "\",\r\n\tik=\"" IK "\",\n nonce=\"a\r\n b\"",
	  0, "Digest realm=\"r\", nonce=\"a b\"" },
	{ "GM-21: a nonce that happens to end in ck= is left alone",
	  "Digest nonce=\"xxck=\", ck=\"" CK "\", ik=\"" IK "\"",
	  0, "Digest nonce=\"xxck=\"" },
	{ "GM-21: escaped quotes do not end a string",
	  "Digest realm=\"a\\\", ck=\\\"b\", ck=\"" CK "\", ik=\"" IK "\"",
	  0, "Digest realm=\"a\\\", ck=\\\"b\"" },
	{ "a challenge without keys is told apart",
	  "Digest realm=\"r\", nonce=\"n\"", -ENOENT,
	  "Digest realm=\"r\", nonce=\"n\"" },
	{ "AT-39: ck alone", "Digest ck=\"" CK "\", realm=\"r\"", -EBADMSG },
	{ "AT-39: ik alone", "Digest ik=\"" IK "\", realm=\"r\"", -EBADMSG },
	{ "AT-39: ck too short",
	  "Digest ck=\"b40b\", ik=\"" IK "\"", -EBADMSG },
	{ "AT-39: ck too long",
	  "Digest ck=\"" CK "00\", ik=\"" IK "\"", -EBADMSG },
	{ "AT-39: ik not hexadecimal",
	  "Digest ck=\"" CK "\", ik=\"g769bcd751044604127672711c6d3441\"",
	  -EBADMSG },
	{ "AT-39: ck twice",
	  "Digest ck=\"" CK "\", ik=\"" IK "\", ck=\"" CK "\"", -EBADMSG },
	{ "AT-39: ck without a value",
	  "Digest ck, ik=\"" IK "\", ck=\"" CK "\"", -EBADMSG },
	{ "AT-39: a key repeated in another parameter",
	  "Digest opaque=\"x" CK "\", ck=\"" CK "\", ik=\"" IK "\"",
	  -EBADMSG },
	{ "AT-39: a key repeated in capitals",
	  "Digest opaque=\"F769BCD751044604127672711C6D3441\", ck=\"" CK "\", ik=\"" IK "\"",
	  -EBADMSG },
	{ "AT-39: a string without its end",
	  "Digest realm=\"r, ck=\"" CK "\", ik=\"" IK, -EBADMSG },
	{ "AT-39: two challenges in one value",
	  "Digest realm=\"r\", ck=\"" CK "\", ik=\"" IK "\", Digest realm=\"s\"",
	  -EBADMSG },
	{ "AT-39: a comma is missing",
	  "Digest realm=\"r\" ck=\"" CK "\", ik=\"" IK "\"", -EBADMSG },
	{ "AT-39: a line break that is no fold",
	  "Digest realm=\"r\r\nEvil: x\", ck=\"" CK "\", ik=\"" IK "\"",
	  -EBADMSG },
	{ "AT-39: a semicolon", "Digest a;ck=\"" CK "\", ik=\"" IK "\"",
	  -EBADMSG },
	{ "AT-39: nothing at all", "", -EBADMSG },
};

static void test_strip(void **state)
{
	static const struct aka_keys none;
	const struct strip_case *c = *state;
	struct aka_keys keys = { 0 };
	char *stripped = (char *)1;
	const char *why = "";

	assert_int_equal(authparam_strip(c->value, &stripped, &keys, &why),
			 c->ret);
	if (c->stripped)
		assert_string_equal(stripped, c->stripped);
	else
		assert_null(stripped);
	if (c->ret) {
		assert_memory_equal(&keys, &none, sizeof(keys));
		assert_null(strstr(why, CK));
	} else {
		assert_int_equal(keys.ck[0], 0xb4);
		assert_int_equal(keys.ck[15], 0xcb);
		assert_int_equal(keys.ik[0], 0xf7);
		assert_int_equal(keys.ik[15], 0x41);
	}
	secret_free(stripped);
}

/* Whatever is done to a challenge: no key in what comes out of it. */
static void test_mangled(void **state)
{
	static const char whole[] =
		"Digest realm=\"r\",nonce=\"" NONCE "\",ck=\"" CK "\",ik=\"" IK "\",a=b";
	static const char noise[] = { '"', ',', ' ', '=', '\\', '\r', 'x' };
	struct aka_keys keys;
	const char *why;
	char *stripped;

	(void)state;
	for (size_t at = 0; at < sizeof(whole) - 1; at++) {
		for (size_t i = 0; i <= sizeof(noise); i++) {
			char *copy = exact_copy(whole, sizeof(whole));

			if (i < sizeof(noise))
				copy[at] = noise[i];
			else
				copy[at] = '\0';
			if (!authparam_strip(copy, &stripped, &keys, &why)) {
				assert_null(strstr(stripped, CK));
				assert_null(strstr(stripped, IK));
			}
			secret_free(stripped);
			free(copy);
		}
	}
}

static const struct get_case {
	const char *name;
	const char *value;
	const char *param;
	int ret;
	const char *found;
} gets[] = {
	{ "Authorization: a quoted parameter",
	  "Digest username=\"u@x\", response=\"abc\"", "response", 3, "abc" },
	{ "Authorization: an unquoted parameter, folded",
	  "Digest a=1,\r\n Response=abc", "response", 3, "abc" },
	{ "Authorization: an empty response is empty",
	  "Digest response=\"\"", "response", 0, "" },
	{ "Authorization: none", "", "response", -ENOENT, "" },
	{ "Authorization: not there", "Digest a=b", "response", -ENOENT, "" },
	{ "Authorization: twice", "Digest response=\"\", response=\"a\"",
	  "response", -EBADMSG, "" },
	{ "Authorization: name in a string",
	  "Digest a=\"response=x\"", "response", -ENOENT, "" },
	{ "Authorization: broken behind it", "Digest response=\"a\", \"",
	  "response", -EBADMSG, "" },
	{ "Authorization: longer than there is room",
	  "Digest response=\"0123456789abcdef\"", "response", -E2BIG, "" },
};

static void test_get(void **state)
{
	const struct get_case *c = *state;
	char buf[16];

	assert_int_equal(authparam_get(c->value, c->param, buf, sizeof(buf)),
			 c->ret);
	assert_string_equal(buf, c->found);
}

int main(void)
{
	add_rows(strips, test_strip);
	add_test("AT-39 GM-21: every byte of a challenge mangled",
		 test_mangled);
	add_rows(gets, test_get);
	return run_all("authparam");
}
