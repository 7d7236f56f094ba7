// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent/uris.c, nameaddr.c and contact.c: what is taken for an identity can be
 * written into a header field and is one and the same URI there; a Contact
 * means the same in capitals; everything ends.
 *
 * Input: value of P-Associated-URI, To or Contact, NUL, another one.
 */
#include <ctype.h>
#include <errno.h>

#include "contact.h"
#include "fuzz.h"
#include "nameaddr.h"
#include "uris.h"

#define MOST	64
#define LONGEST	512

static void check_uri(const char *uri)
{
	CHECK(*uri && strlen(uri) <= LONGEST && strchr(uri, ':'));
	/* nothing that ends a URI, a name-addr or a line */
	CHECK(!strpbrk(uri, " \t\r\n\"<>\x7f"));
}

/* Write all in angle brackets, read them again. */
static void check_written(const json_t *uris)
{
	size_t n = json_array_size(uris), len = 0, i;
	char *text = malloc(MOST * (LONGEST + 8) + 1);
	json_t *uri, *again;

	*text = '\0';
	json_array_foreach(uris, i, uri) {
		check_uri(json_string_value(uri));
		len += sprintf(text + len, "%s<%s>;x=\"<,\"",
			       i ? ", " : "", json_string_value(uri));
	}
	again = uris_parse(text);
	CHECK(json_array_size(again) == n && json_equal(again, uris));
	json_decref(again);
	free(text);
}

static void check_identity(const char *text, const json_t *uris)
{
	const char *first = json_string_value(json_array_get(uris, 0)), *at;
	char buf[64] = "?";

	if (uri_to_identity(text, buf, sizeof(buf))) {
		CHECK(!strcmp(buf, "?"));
		return;
	}
	CHECK(strchr(buf, '@') && !strpbrk(buf, " \t\r\n\"<>;?"));
	CHECK(first);
	at = strstr(first, buf);
	CHECK(at && at > first && at[-1] == ':');
}

/* Addresses lie one behind the other, inside the text. */
static void check_addresses(const char *text)
{
	struct str rest = { text, strlen(text) }, value;
	const char *end = rest.p + rest.len, *at = text;
	struct nameaddr na;

	while (nameaddr_next(&rest, &na)) {
		CHECK(rest.p > at || !rest.len);
		CHECK(rest.p + rest.len == end);
		if (na.uri.len)
			CHECK(na.uri.p >= at && na.uri.p + na.uri.len <= rest.p);
		CHECK(na.params.p >= at &&
		      na.params.p + na.params.len <= rest.p);
		if (nameaddr_param(na.params, "tag", &value))
			CHECK(!value.len || (value.p >= na.params.p &&
			      value.p + value.len <=
			      na.params.p + na.params.len));
		uri_param(na.uri, "sos");
		at = rest.p;
	}
	CHECK(!rest.len);
}

static void check_contact(char *text)
{
	struct contact a, b;

	contact_read(text, &a);
	CHECK(a.label);
	CHECK(!a.none || (!a.all && !a.emergency && a.label == CONTACT_ONLY));
	for (char *p = text; *p; p++)
		*p = toupper((unsigned char)*p);
	contact_read(text, &b);
	CHECK(a.none == b.none && a.all == b.all && a.label == b.label &&
	      a.emergency == b.emergency);
}

static void check_same(const char *a, const char *b)
{
	char *more;

	CHECK(uri_same(a, b) == uri_same(b, a));
	CHECK(!strchr(a, ':') || a[0] == ':' || uri_same(a, a));
	if (strncasecmp(a, "sip:", 4))
		return;
	more = malloc(strlen(a) + 8);
	sprintf(more, "%s;x=y", a);
	CHECK(uri_same(a, more) && uri_same(more, a));
	CHECK(uri_same(a, b) == uri_same(more, b));
	free(more);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	char *text = take_text(&in), *other = take_text(&in);
	json_t *uris = uris_parse(text);

	CHECK(uris && json_array_size(uris) <= MOST);
	check_written(uris);
	check_identity(text, uris);
	json_decref(uris);
	check_same(text, other);
	check_addresses(text);
	check_contact(text);
	free(text);
	free(other);
	return 0;
}
