// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Identities out of P-Associated-URI and To.
 */
#include <errno.h>

#include "test.h"
#include "uris.h"

static const struct uris_case {
	const char *name;
	const char *text;
	const char *uris;	/* each followed by a blank */
} cases[] = {
	{ "nothing", "", "" },
	{ "one", "<sip:a@b>", "sip:a@b " },
	{ "several, with parameters and names",
	  "<sip:a@b>, \"x, <sip:no@no>\" <tel:+1>;p=\"<,>\", sip:c@d;q=1,Name <sips:e@f;lr>",
	  "sip:a@b tel:+1 sip:c@d sips:e@f;lr " },
	{ "an escaped quote in a name", "\"a\\\", <sip:no@no>\" <sip:a@b>",
	  "sip:a@b " },
	{ "folded", "<sip:a@b>,\r\n <sip:c@d>", "sip:a@b sip:c@d " },
	{ "what is no URI is left out", "<>, <a>, <sip:a b@c>, *, <sip:x@y>",
	  "sip:x@y " },
	{ "no end", "<sip:a@b", "" },
	{ "no end of a string", "\"a <sip:a@b>", "" },
};

static void test_uris(void **state)
{
	const struct uris_case *c = *state;
	char *text = exact_copy(c->text, strlen(c->text) + 1);
	json_t *uris = uris_parse(text), *uri;
	char found[512] = "";
	size_t i;

	free(text);
	json_array_foreach(uris, i, uri) {
		strcat(found, json_string_value(uri));
		strcat(found, " ");
	}
	assert_string_equal(found, c->uris);
	json_decref(uris);
}

static const struct identity_case {
	const char *name;
	const char *uri;
	const char *identity;
} identities[] = {
	{ "an identity from a SIP URI", "sip:u@r", "u@r" },
	{ "an identity from To with parameters",
	  "\"U\" <sips:u@r;x=y?h=i>;tag=1", "u@r" },
	{ "no identity from a tel URI", "tel:+1234", NULL },
	{ "no identity without a user", "sip:r", NULL },
	{ "no identity that is too long", "sip:0123456789012345@r", NULL },
	{ "no identity from nothing", "", NULL },
};

static const struct same_case {
	const char *name;
	const char *a;
	const char *b;
	bool same;
} sames[] = {
	{ "the same URI", "sip:a@b", "sip:a@b", true },
	{ "case of the host and the scheme", "sip:a@b.Org", "SIP:a@B.org", true },
	{ "case of the user", "sip:a@b", "sip:A@b", false },
	{ "parameters and headers", "sip:a@b;x=y", "sip:a@b?h=i", true },
	{ "parameters of the user count", "sip:+1;phone-context=x@b", "sip:+1@b", false },
	{ "another user", "sip:a@b", "sip:c@b", false },
	{ "another host", "sip:a@b", "sip:a@c", false },
	{ "a port", "sip:a@b", "sip:a@b:5060", false },
	{ "one that begins like it", "sip:a@b", "sip:a@bc", false },
	{ "sip and sips", "sip:a@b", "sips:a@b", false },
	{ "no user", "sip:b", "sip:B", true },
	{ "a user or a host", "sip:a@b", "sip:a.b", false },
	{ "tel without separators", "tel:+1-(23)4", "tel:+12.34", true },
	{ "another number", "tel:+1234", "tel:+1235", false },
	{ "tel in another context", "tel:7042;phone-context=a", "tel:7042;phone-context=b", false },
	{ "tel in the same context", "TEL:7042;phone-context=A", "tel:7042;phone-context=a", true },
	{ "sip and tel", "sip:+1@b", "tel:+1", false },
	{ "no URI is like another", "a", "a", false },
	{ "nothing", "", "", false },
	{ "a scheme alone", "sip:", "sip:", true },
};

static void test_same(void **state)
{
	const struct same_case *c = *state;
	char *a = exact_copy(c->a, strlen(c->a) + 1);
	char *b = exact_copy(c->b, strlen(c->b) + 1);

	assert_int_equal(uri_same(a, b), c->same);
	assert_int_equal(uri_same(b, a), c->same);
	free(a);
	free(b);
}

static void test_identity(void **state)
{
	const struct identity_case *c = *state;
	char identity[16] = "";

	assert_int_equal(uri_to_identity(c->uri, identity, sizeof(identity)),
			 c->identity ? 0 : -EINVAL);
	assert_string_equal(identity, c->identity ? c->identity : "");
}

int main(void)
{
	add_rows(cases, test_uris);
	add_rows(identities, test_identity);
	add_rows(sames, test_same);
	return run_all("uris");
}
