// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent/fields.c, fieldedit.c and privacy.c: whatever comes in, what is left
 * can be written as header fields again, and nothing that the table removes is
 * in it; what is done once is not done again.
 *
 * Input: a byte: way, class, kind, none = keep, and a table that changes more;
 * Request-URI, NUL, header section.
 */
#include "fields.h"
#include "fuzz.h"
#include "privacy.h"

static void pick_policy(struct privacy_policy *policy, uint8_t how)
{
	privacy_defaults(policy);
	policy->none_keeps = how & 0x10;
	if (!(how & 0x20))
		return;
	privacy_find(policy, PRIVACY_FIELD, "History-Info",
		     "")->what[PRIVACY_TO_FOREIGN] = PRIVACY_ANONYMIZE;
	privacy_find(policy, PRIVACY_FIELD, "P-Charging-Vector",
		     "")->what[PRIVACY_TO_FOREIGN] = PRIVACY_IOI;
}

/* No line ends in it, and it does not become another header field. */
static void check_line(const struct field *field)
{
	char *text = field_unfold(field->value);

	CHECK(!strpbrk(text, "\r\n"));
	free(text);
	CHECK(field->name.len && field->full.len);
	CHECK(!memchr(field->full.p, ':', field->full.len));
}

static bool is_removed(const struct privacy_policy *policy,
		       const struct field *field, enum privacy_column column,
		       bool request)
{
	for (unsigned int i = 0; i < policy->n; i++) {
		const struct privacy_row *row = &policy->row[i];

		if (row->what[column] == PRIVACY_REMOVE &&
		    (row->kind == PRIVACY_FIELD ||
		     (row->kind == PRIVACY_RESPONSE_FIELD && !request)) &&
		    field_is(field, row->name))
			return true;
	}
	return false;
}

static void check_left(const struct privacy_policy *policy,
		       const struct privacy_msg *msg,
		       enum privacy_column column)
{
	bool none = policy->none_keeps && column == PRIVACY_TO_FOREIGN;

	for (unsigned int i = 0; i < msg->fields.n; i++) {
		const struct field *field = &msg->fields.field[i];

		CHECK((field->fate == FIELD_CHANGED) == !!field->own);
		if (field->fate == FIELD_REMOVED)
			continue;
		check_line(field);
		if (!none)
			CHECK(!is_removed(policy, field, column,
					  msg->request));
	}
}

/* What is left, as a header section. */
static char *write_left(const struct fields *fields)
{
	size_t size = 1;
	char *text, *to;

	for (unsigned int i = 0; i < fields->n; i++)
		size += fields->field[i].full.len +
			fields->field[i].value.len + 4;
	text = malloc(size);
	to = text;
	*to = '\0';
	for (unsigned int i = 0; i < fields->n; i++) {
		const struct field *field = &fields->field[i];
		char *value;

		if (field->fate == FIELD_REMOVED)
			continue;
		value = field_unfold(field->value);
		to += sprintf(to, "%.*s: %s\r\n", (int)field->full.len,
			      field->full.p, value);
		free(value);
	}
	return text;
}

/* What crosses the same border once more is no more changed. */
static void check_again(const struct privacy_policy *policy,
			const struct privacy_msg *first,
			enum privacy_way way, enum peer_class peer)
{
	struct privacy_msg *msg = calloc(1, sizeof(*msg));
	char *text = write_left(&first->fields), *uri;

	uri = strdup(first->new_uri ? first->new_uri : first->uri);
	msg->request = first->request;
	msg->services = first->services;
	msg->uri = uri;
	if (!fields_parse(text, &msg->fields) &&
	    !privacy_cross(policy, msg, way, peer) && !msg->no.code) {
		for (unsigned int i = 0; i < msg->fields.n; i++)
			CHECK(msg->fields.field[i].fate == FIELD_KEPT);
		CHECK(!msg->new_uri);
	} else {
		CHECK(msg->no.code || strlen(text) > FIELDS_MAX_LEN);
	}
	privacy_clear(msg);
	free(msg);
	free(text);
	free(uri);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	uint8_t how = take_byte(&in);
	enum privacy_way way = how & 1 ? PRIVACY_FROM : PRIVACY_TO;
	enum peer_class peer = how & 2 ? PEER_PARTNER : PEER_FOREIGN;
	char *uri = take_text(&in), *headers = take_text(&in);
	struct privacy_msg *msg = calloc(1, sizeof(*msg));
	struct privacy_policy policy;

	pick_policy(&policy, how);
	msg->request = how & 4;
	msg->services = how & 8 ? PRIVACY_HEADER | PRIVACY_SESSION : 0;
	msg->uri = uri;
	if (!fields_parse(headers, &msg->fields)) {
		CHECK(msg->fields.n <= FIELDS_MAX);
		CHECK(!privacy_cross(&policy, msg, way, peer));
		CHECK(!msg->no.code || is_printable(msg->no.detail));
		if (!msg->no.code) {
			check_left(&policy, msg, 2 * !!(how & 2) + (how & 1));
			check_again(&policy, msg, way, peer);
		}
	}
	privacy_clear(msg);
	free(msg);
	free(uri);
	free(headers);
	return 0;
}
