// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * privacy.c - see privacy.h
 *
 * Fails closed: a value that can be understood in two ways gets what a foreign
 * network would get, and a message that cannot be made safe is rejected.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fieldedit.h"
#include "privacy.h"
#include "privacy-table.h"

/**
 * struct wish - what Privacy asks for (RFC 3323 4.2)
 * @id: hide the asserted identity (RFC 3325)
 * @header: hide the way
 * @session: hide the addresses of media
 * @user: hide what the user has written
 * @history: hide whom it was meant for before (RFC 7044)
 * @none: hide nothing
 * @critical: or else reject it
 * @unknown: something that is not known here
 * @malformed: it cannot be read
 */
struct wish {
	bool id;
	bool header;
	bool session;
	bool user;
	bool history;
	bool none;
	bool critical;
	bool unknown;
	bool malformed;
};

/**
 * struct border - one crossing of a border
 * @policy: the table
 * @msg: the message
 * @column: of the table
 * @foreign: the column that it would be if the network were foreign
 * @wish: what Privacy asks for; nothing, unless it goes to a foreign network
 * @memory: there is enough of it
 */
struct border {
	const struct privacy_policy *policy;
	struct privacy_msg *msg;
	enum privacy_column column;
	enum privacy_column foreign;
	struct wish wish;
	bool memory;
};

static const char *const column_why[] = {
	[PRIVACY_TO_FOREIGN] = "the table: towards a foreign network",
	[PRIVACY_FROM_FOREIGN] = "the table: from a foreign network",
	[PRIVACY_TO_PARTNER] = "the table: towards a partner",
	[PRIVACY_FROM_PARTNER] = "the table: from a partner",
};

static const char *const user_fields[] = {
#define NAME(name) name,
	GMG_PRIVACY_USER_FIELDS(NAME)
#undef NAME
};

/* Whose URIs may have parameters of the table; optional ones can go whole. */
static const struct {
	const char *name;
	bool optional;
} address_fields[] = {
	{ "From", false },
	{ "To", false },
	{ "Contact", false },
	{ "Route", false },
	{ "Record-Route", false },
	{ "Additional-Identity", true },
	{ "Diversion", true },
	{ "History-Info", true },
	{ "P-Asserted-Identity", true },
	{ "P-Associated-URI", true },
	{ "P-Called-Party-ID", true },
	{ "P-Preferred-Identity", true },
	{ "P-Profile-Key", true },
	{ "P-Served-User", true },
	{ "Path", true },
	{ "Refer-To", true },
	{ "Referred-By", true },
	{ "Remote-Party-ID", true },
	{ "Reply-To", true },
	{ "Service-Route", true },
};

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static void wish_for(struct wish *wish, struct str token)
{
	const struct {
		const char *name;
		bool *flag;
	} known[] = {
		{ "id", &wish->id },
		{ "header", &wish->header },
		{ "session", &wish->session },
		{ "user", &wish->user },
		{ "history", &wish->history },
		{ "none", &wish->none },
		{ "critical", &wish->critical },
	};

	for (size_t i = 0; i < COUNT(known); i++) {
		if (str_is(token, known[i].name)) {
			*known[i].flag = true;
			return;
		}
	}
	wish->unknown = true;
}

/* Commas are not in the grammar, but phones write them. */
static bool read_wish(struct wish *wish, struct str value)
{
	struct str token;
	struct lex lx;

	lex_init(&lx, value.p, value.len);
	do {
		if (lex_token(&lx, &token))
			return false;
		wish_for(wish, token);
	} while (lex_eat(&lx, ';') || lex_eat(&lx, ','));
	return lex_end(&lx);
}

/* All that somebody asks for, and more when it cannot be read. */
static void read_wishes(struct wish *wish, const struct fields *fields)
{
	memset(wish, 0, sizeof(*wish));
	for (unsigned int i = 0; i < fields->n; i++) {
		const struct field *field = &fields->field[i];

		if (field_is(field, "Privacy") &&
		    field->fate != FIELD_REMOVED &&
		    !read_wish(wish, field->value))
			wish->malformed = true;
	}
	/* RFC 3323 4.2: "none" stands alone */
	if (wish->none && (wish->id || wish->header || wish->session ||
			   wish->user || wish->history || wish->unknown))
		wish->malformed = true;
	if (!wish->malformed)
		return;
	wish->id = true;
	wish->header = true;
	wish->session = true;
	wish->user = true;
	wish->history = true;
	wish->critical = true;
	wish->none = false;
}

static void judge(struct field *field, enum field_fate fate, const char *why)
{
	if (fate == FIELD_REMOVED) {
		field_change(field, NULL, why);
		return;
	}
	field->judged = true;
	if (field->fate == FIELD_KEPT)
		field->why = why;
}

/* Give it this value, or remove it when there is none that is sound. */
static void replace(struct field *field, char *value, const char *why,
		    const char *else_why)
{
	if (value && !field_sound((struct str){ value, strlen(value) })) {
		free(value);
		value = NULL;
	}
	if (value && strlen(value) == field->value.len &&
	    !memcmp(value, field->value.p, field->value.len)) {
		free(value);
		judge(field, FIELD_KEPT, why);
		return;
	}
	field_change(field, value, value ? why : else_why);
}

/* What RFC 3325 and RFC 7044 say beyond the table. */
static enum privacy_do wished(const struct border *b,
			      const struct privacy_row *row,
			      enum privacy_do what, const char **why)
{
	bool identity = !strcasecmp(row->name, "P-Asserted-Identity");
	bool history = !strcasecmp(row->name, "History-Info");

	if (b->column != PRIVACY_TO_FOREIGN || (!identity && !history))
		return what;
	if (b->wish.none && b->policy->none_keeps) {
		*why = "Privacy: none, and the configuration honours it";
		return PRIVACY_KEEP;
	}
	if (identity && b->wish.id) {
		*why = "Privacy: id (RFC 3325 7)";
		return PRIVACY_REMOVE;
	}
	if (history && what == PRIVACY_KEEP &&
	    (b->wish.history || b->wish.header)) {
		*why = "Privacy: history or header (RFC 7044 10.1.2)";
		return PRIVACY_ANONYMIZE;
	}
	return what;
}

static void apply_row(struct border *b, const struct privacy_row *row,
		      struct field *field)
{
	bool sound = field_sound(field->value);
	enum privacy_column column = sound ? b->column : b->foreign;
	const char *why = sound ? column_why[column] :
				  "malformed, so as from or to a foreign network";
	enum privacy_do what = wished(b, row, row->what[column], &why);

	if (!sound && what != PRIVACY_KEEP)
		what = PRIVACY_REMOVE;
	switch (what) {
	case PRIVACY_KEEP:
		judge(field, FIELD_KEPT, why);
		break;
	case PRIVACY_REMOVE:
		judge(field, FIELD_REMOVED, why);
		break;
	case PRIVACY_ANONYMIZE:
		replace(field, edit_history(field->value, b->wish.history ||
					    b->wish.header), why,
			"malformed, so it cannot be made anonymous");
		break;
	case PRIVACY_IOI:
		replace(field, edit_ioi(field->value), why,
			"malformed, so nothing can be taken out of it");
		break;
	}
}

static bool row_is_about(const struct privacy_row *row,
			 const struct field *field, bool request)
{
	if (!field_is(field, row->name))
		return false;
	switch (row->kind) {
	case PRIVACY_FIELD:
		return true;
	case PRIVACY_RESPONSE_FIELD:
		return !request;
	case PRIVACY_FIELD_VALUE:
		return str_is(field->value, row->value);
	case PRIVACY_PARAMETER:
		break;
	}
	return false;
}

static void apply_table(struct border *b)
{
	struct fields *fields = &b->msg->fields;

	for (unsigned int i = 0; i < fields->n; i++) {
		struct field *field = &fields->field[i];

		for (unsigned int j = 0; j < b->policy->n; j++) {
			const struct privacy_row *row = &b->policy->row[j];

			if (field->fate != FIELD_REMOVED &&
			    row_is_about(row, field, b->msg->request))
				apply_row(b, row, field);
		}
	}
}

/**
 * struct drops - which URI parameters go
 * @policy: the table
 * @column: of it
 */
struct drops {
	const struct privacy_policy *policy;
	enum privacy_column column;
};

static bool drops_param(const char *name, void *arg)
{
	const struct drops *drops = arg;

	for (unsigned int i = 0; i < drops->policy->n; i++) {
		const struct privacy_row *row = &drops->policy->row[i];

		if (row->kind == PRIVACY_PARAMETER &&
		    row->what[drops->column] == PRIVACY_REMOVE &&
		    !strcasecmp(row->name, name))
			return true;
	}
	return false;
}

static void strip_params(struct border *b, struct field *field, bool optional)
{
	struct drops drops = { b->policy, b->column };
	const char *why = "a URI parameter of the table";
	char *text;

	if (!field_sound(field->value)) {
		if (optional)
			judge(field, FIELD_REMOVED,
			      "malformed, so nothing can be taken out of it");
		else
			refuse(&b->msg->no, 400,
			       "%.*s is malformed: quotes or angle brackets do not match",
			       (int)field->full.len, field->full.p);
		return;
	}
	text = edit_strip(field->value, drops_param, &drops);
	if (!text)
		b->memory = false;
	else if (strlen(text) == field->value.len)
		free(text);
	else
		field_change(field, text, why);
}

static void strip_uri(struct border *b)
{
	struct drops drops = { b->policy, b->column };
	const char *uri = b->msg->new_uri ? b->msg->new_uri : b->msg->uri;
	struct str text = { uri, strlen(uri) };
	char *changed;

	if (!field_sound(text) || strpbrk(uri, " \t\r\n<>\"")) {
		refuse(&b->msg->no, 400, "the Request-URI is malformed");
		return;
	}
	changed = edit_strip(text, drops_param, &drops);
	if (!changed) {
		b->memory = false;
	} else if (strlen(changed) == text.len) {
		free(changed);
	} else {
		free(b->msg->new_uri);
		b->msg->new_uri = changed;
	}
}

static void strip_addresses(struct border *b)
{
	struct fields *fields = &b->msg->fields;

	for (unsigned int i = 0; i < fields->n; i++) {
		struct field *field = &fields->field[i];

		for (size_t j = 0; j < COUNT(address_fields); j++) {
			if (field->fate != FIELD_REMOVED &&
			    field_is(field, address_fields[j].name))
				strip_params(b, field,
					     address_fields[j].optional);
		}
	}
	if (b->msg->request)
		strip_uri(b);
}

/* RFC 3323 5.3. In a response, From is that of the other side. */
static void serve_user(struct border *b)
{
	static const char why[] = "Privacy: user (RFC 3323 5.3)";
	struct fields *fields = &b->msg->fields;

	for (unsigned int i = 0; i < fields->n; i++) {
		struct field *field = &fields->field[i];
		char *value;

		for (size_t j = 0; j < COUNT(user_fields); j++) {
			if (field->fate != FIELD_REMOVED &&
			    field_is(field, user_fields[j]))
				judge(field, FIELD_REMOVED, why);
		}
		if (!b->msg->request || !field_is(field, "From"))
			continue;
		value = edit_anonymous(field->value);
		if (value)
			replace(field, value, why, NULL);
		else
			refuse(&b->msg->no, 400,
			       "From is malformed: it cannot be made anonymous");
	}
}

/* What is left to ask for of Privacy, so that nobody serves it twice. */
static bool is_served(const struct border *b, struct str token)
{
	if (str_is(token, "user") || str_is(token, "history") ||
	    str_is(token, "critical"))
		return true;
	if (str_is(token, "header"))
		return b->msg->services & PRIVACY_HEADER;
	return str_is(token, "session") &&
	       (b->msg->services & PRIVACY_SESSION);
}

/* Return: the rest of a value that can be read, perhaps "", for free(). */
static char *write_rest(const struct border *b, struct str value)
{
	char *text = malloc(value.len + 1), *to = text;
	struct str token;
	struct lex lx;

	if (!text)
		return NULL;
	lex_init(&lx, value.p, value.len);
	while (!lex_token(&lx, &token)) {
		if (!is_served(b, token)) {
			if (to > text)
				*to++ = ';';
			memcpy(to, token.p, token.len);
			to += token.len;
		}
		if (!lex_eat(&lx, ';') && !lex_eat(&lx, ','))
			break;
	}
	*to = '\0';
	return text;
}

static void rewrite_privacy(struct border *b, struct field *field)
{
	static const char why[] = "Privacy: what was served (RFC 3323 5)";
	char *text;

	if (b->wish.malformed)
		text = strdup("id");
	else
		text = write_rest(b, field->value);
	if (!text) {
		b->memory = false;
	} else if (*text) {
		replace(field, text, why, NULL);
	} else {
		free(text);
		judge(field, FIELD_REMOVED, why);
	}
}

/* Can everything be served that somebody insists on? */
static void serve_rest(struct border *b)
{
	uint32_t asked = (b->wish.header ? PRIVACY_HEADER : 0) |
			 (b->wish.session ? PRIVACY_SESSION : 0);
	uint32_t missing = asked & ~b->msg->services;

	b->msg->serve |= asked & b->msg->services;
	if (!b->wish.critical || (!missing && !b->wish.unknown))
		return;
	refuse(&b->msg->no, 500, "Privacy %s, but %s: see services in gmguard-rpc(7)",
	       b->wish.malformed ? "cannot be read, so it may be critical" :
				   "is critical",
	       missing & PRIVACY_HEADER ? "nobody hides header fields here" :
	       missing & PRIVACY_SESSION ? "nobody hides media here" :
	       "it asks for something unknown");
}

static void serve_wishes(struct border *b)
{
	struct fields *fields = &b->msg->fields;

	read_wishes(&b->wish, fields);
	serve_rest(b);
	if (b->wish.user)
		serve_user(b);
	for (unsigned int i = 0; i < fields->n; i++) {
		struct field *field = &fields->field[i];

		if (field_is(field, "Privacy") && field->fate != FIELD_REMOVED)
			rewrite_privacy(b, field);
	}
}

/**
 * privacy_cross() - decide what becomes of a message at a border
 * @policy: the table
 * @msg: the message; what was decided is written there. It may cross two
 *	borders, then what is decided adds up
 * @way: where it goes, seen from us
 * @peer: whose network is on the other side
 *
 * Return: 0, or -ENOMEM, and then nothing is decided.
 */
int privacy_cross(const struct privacy_policy *policy,
		  struct privacy_msg *msg, enum privacy_way way,
		  enum peer_class peer)
{
	struct border b = {
		.policy = policy,
		.msg = msg,
		.foreign = way == PRIVACY_TO ? PRIVACY_TO_FOREIGN :
					       PRIVACY_FROM_FOREIGN,
		.memory = true,
	};

	if (peer == PEER_OWN)
		return 0;
	b.column = b.foreign;
	if (peer == PEER_PARTNER)
		b.column = way == PRIVACY_TO ? PRIVACY_TO_PARTNER :
					       PRIVACY_FROM_PARTNER;
	if (b.column == PRIVACY_TO_FOREIGN)
		serve_wishes(&b);
	/* First, so that the table judges what is passed on. */
	strip_addresses(&b);
	apply_table(&b);
	return b.memory ? 0 : -ENOMEM;
}

/**
 * privacy_clear() - give the memory of a message back
 * @msg: the message
 */
void privacy_clear(struct privacy_msg *msg)
{
	fields_clear(&msg->fields);
	free(msg->new_uri);
	msg->new_uri = NULL;
}
