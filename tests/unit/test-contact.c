// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Contact: whose registration is it?
 */
#include "contact.h"
#include "secret.h"
#include "test.h"

#define URN	"+sip.instance=\"<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>\""

/* What label is meant: the letter stands for it. */
static const struct contact_case {
	const char *name;
	const char *text;
	char label;
	int none, all, emergency;
} cases[] = {
	{ "no Contact", "", 'o', 1, 0, 0 },
	{ "blanks and commas", " , ,", 'o', 1, 0, 0 },
	{ "all contacts", " * ", 'o', 0, 1, 0 },
	{ "a user that is a star is a contact", "<*>", 'o', 0, 0, 0 },
	{ "a plain contact", "<sip:u@h:1>", 'o', 0, 0, 0 },
	{ "a bare URI", "sip:u@h:1;expires=5", 'o', 0, 0, 0 },
	{ "GM-33: an instance", "<sip:u@h>;" URN, 'a', 0, 0, 0 },
	{ "GM-33: the same at another address, in another order",
	  "\"x;+sip.instance=no\" <sip:v@i;a=b> ; expires=7 ; " URN ";q=1", 'a', 0, 0, 0 },
	{ "GM-33: the same, upper case and folded",
	  "<sip:u@h>\r\n ;+SIP.INSTANCE=\"<URN:UUID:F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6>\"", 'a', 0, 0, 0 },
	{ "GM-33: the same without quotes",
	  "<sip:u@h>;+sip.instance=<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>", 'a', 0, 0, 0 },
	{ "GM-33: another instance", "<sip:u@h>;+sip.instance=\"<urn:uuid:0>\"", 'b', 0, 0, 0 },
	{ "GM-33: another flow of the instance", "<sip:u@h>;" URN ";reg-id=2", 'c', 0, 0, 0 },
	{ "GM-33: the same flow", "<sip:u@i>;reg-id = 2;" URN, 'c', 0, 0, 0 },
	{ "GM-33: reg-id without an instance", "<sip:u@h>;reg-id=2", 'o', 0, 0, 0 },
	{ "GM-33: an empty instance", "<sip:u@h>;+sip.instance=\"\"", 'o', 0, 0, 0 },
	{ "GM-33: an instance in the URI is none", "<sip:u@h;" URN ">", 'o', 0, 0, 0 },
	{ "GM-33: the first of two contacts", "<sip:u@h>;" URN ", <sip:v@h>", 'a', 0, 0, 0 },
	{ "GM-38: sos", "<sip:u@h;sos>", 'o', 0, 0, 1 },
	{ "GM-38: sos among others, upper case", "<sip:u@h:1;a=b;SOS;lr>;" URN, 'a', 0, 0, 1 },
	{ "GM-38: sos with a value", "<sip:u@h;sos=yes>", 'o', 0, 0, 1 },
	{ "GM-38: sos of a bare URI", "sip:u@h;sos", 'o', 0, 0, 1 },
	{ "GM-38: sos of the header field is none", "<sip:u@h>;sos", 'o', 0, 0, 0 },
	{ "GM-38: sos of the user is none", "<sip:u;sos@h>", 'o', 0, 0, 0 },
	{ "GM-38: sos among URI headers is none", "<sip:u@h?x=;sos>", 'o', 0, 0, 0 },
	{ "GM-38: sos in a name is none", "\";sos\" <sip:u@h>", 'o', 0, 0, 0 },
	{ "GM-38: a parameter that begins like it", "<sip:u@h;sosx>", 'o', 0, 0, 0 },
	{ "GM-38: one of two contacts", "<sip:u@h;sos>,<sip:u@i>", 'o', 0, 0, 0 },
	{ "GM-38: both contacts", "<sip:u@h;sos>,<sip:u@i;sos>", 'o', 0, 0, 1 },
	{ "AT-40: no end", "<sip:u@h;sos", 'o', 1, 0, 0 },
	{ "AT-40: no end of a string", "<sip:u@h>;+sip.instance=\"<x", '?', 0, 0, 0 },
	{ "AT-40: only separators", ";;;<>;,;=;,<;", 'o', 1, 0, 0 },
};

static uint32_t labels[256];

static void test_contact(void **state)
{
	const struct contact_case *c = *state;
	char *text = exact_copy(c->text, strlen(c->text) + 1);
	uint32_t *label = &labels[(unsigned char)c->label];
	struct contact contact;

	contact_read(text, &contact);
	free(text);
	assert_int_equal(contact.none, c->none);
	assert_int_equal(contact.all, c->all);
	assert_int_equal(contact.emergency, c->emergency);
	assert_int_not_equal(contact.label, 0);
	assert_int_equal(contact.label == CONTACT_ONLY, c->label == 'o');
	if (!*label) {
		for (int i = 0; i < 256; i++)
			assert_int_not_equal(labels[i], contact.label);
		*label = contact.label;
	}
	assert_int_equal(contact.label, *label);
}

/* 1 MB of what a parser might choke on. */
static void test_long(void **state)
{
	static const char *const pieces[] = {
		"a", "<", ">", "\"", "\\\"", ";", ",", "<sip:u@h>,", "\r\n ",
		";+sip.instance=",
	};
	struct contact contact;

	(void)state;
	for (size_t i = 0; i < COUNT(pieces); i++) {
		size_t len = strlen(pieces[i]), n = (1 << 20) / len;
		char *text = malloc(n * len + 1);

		for (size_t j = 0; j < n; j++)
			memcpy(text + j * len, pieces[i], len);
		text[n * len] = '\0';
		contact_read(text, &contact);
		assert_false(contact.emergency);
		free(text);
	}
}

int main(void)
{
	add_rows(cases, test_contact);
	add_test("AT-40: a Contact of 1 MB", test_long);
	return run_all("contact");
}
