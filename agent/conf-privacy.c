// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conf-privacy.c - the [privacy] section, the table of privacy.h: defaults,
 * words, values
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "conf-reader.h"
#include "conf-value.h"
#include "privacy-table.h"

/* Longest value: no line is longer. */
#define VALUE_MAX	200
/* Most words of a row: a name, a value, what to do in each column. */
#define WORDS_MAX	(2 + PRIVACY_COLUMNS)

static const char *const do_names[] = {
	[PRIVACY_KEEP] = "keep",
	[PRIVACY_REMOVE] = "remove",
	[PRIVACY_ANONYMIZE] = "anonymize",
	[PRIVACY_IOI] = "ioi",
};

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static const struct privacy_row defaults[] = {
#define ROW(kind, name, value, to, from, to_partner, from_partner, why)	\
	{ PRIVACY_ ## kind, name, value,				\
	  { PRIVACY_ ## to, PRIVACY_ ## from, PRIVACY_ ## to_partner,	\
	    PRIVACY_ ## from_partner } },
	GMG_PRIVACY_TABLE(ROW)
#undef ROW
};

_Static_assert(COUNT(defaults) < PRIVACY_ROWS_MAX, "room for more rows");

/**
 * privacy_defaults() - the table as long as nobody says otherwise
 * @policy: filled in
 */
void privacy_defaults(struct privacy_policy *policy)
{
	memcpy(policy->row, defaults, sizeof(defaults));
	policy->n = COUNT(defaults);
	policy->none_keeps = false;
}

/**
 * privacy_find() - find a row, or make one where nothing is done
 * @policy: the table
 * @kind: what it is about
 * @name: name of a header field or of a URI parameter
 * @value: value of the header field, or ""
 *
 * Return: the row; NULL when the table is full or a text is too long.
 */
struct privacy_row *privacy_find(struct privacy_policy *policy,
				 enum privacy_kind kind, const char *name,
				 const char *value)
{
	struct privacy_row *row = policy->row;

	for (; row < policy->row + policy->n; row++) {
		if (row->kind == kind && !strcasecmp(row->name, name) &&
		    !strcasecmp(row->value, value))
			return row;
	}
	if (policy->n == PRIVACY_ROWS_MAX || strlen(name) >= PRIVACY_NAME_MAX ||
	    strlen(value) >= PRIVACY_NAME_MAX)
		return NULL;
	policy->n++;
	memset(row, 0, sizeof(*row));
	row->kind = kind;
	strcpy(row->name, name);
	strcpy(row->value, value);
	return row;
}

/**
 * privacy_do_name() - name of what a row says
 * @what: what
 *
 * Return: the name, as the configuration writes it.
 */
const char *privacy_do_name(enum privacy_do what)
{
	return do_names[what];
}

/**
 * privacy_do_by_name() - find what a row says
 * @name: its name
 *
 * Return: enum privacy_do, or -1.
 */
int privacy_do_by_name(const char *name)
{
	for (size_t i = 0; i < COUNT(do_names); i++) {
		if (!strcmp(name, do_names[i]))
			return i;
	}
	return -1;
}

/*
 * Without these a message is none, finds no way, or says what is not true;
 * Privacy has rules of its own.
 */
static const char *const untouchable[] = {
	"Via", "From", "To", "Call-ID", "CSeq", "Contact", "Max-Forwards",
	"Route", "Record-Route", "Require", "Proxy-Require", "Content-Type",
	"Content-Length", "Content-Encoding", "Privacy",
};

static bool is_token(const char *word)
{
	if (!*word)
		return false;
	for (; *word; word++) {
		if (!isalnum((unsigned char)*word) &&
		    !strchr("-.!%*_+`'~", *word))
			return false;
	}
	return true;
}

static bool may_be(enum privacy_kind kind, const char *name,
		   enum privacy_do what)
{
	switch (what) {
	case PRIVACY_KEEP:
		return true;
	case PRIVACY_REMOVE:
		for (size_t i = 0; i < COUNT(untouchable); i++) {
			if (kind != PRIVACY_PARAMETER &&
			    !strcasecmp(name, untouchable[i]))
				return false;
		}
		return true;
	case PRIVACY_ANONYMIZE:
		return kind == PRIVACY_FIELD &&
		       !strcasecmp(name, "History-Info");
	case PRIVACY_IOI:
		return kind == PRIVACY_FIELD &&
		       !strcasecmp(name, "P-Charging-Vector");
	}
	return false;
}

/* Return: how many words there are, WORDS_MAX + 1 for more. */
static unsigned int split(char *text, char *word[WORDS_MAX])
{
	unsigned int n = 0;
	char *save;

	for (text = strtok_r(text, " \t", &save); text;
	     text = strtok_r(NULL, " \t", &save)) {
		if (n == WORDS_MAX)
			return WORDS_MAX + 1;
		word[n++] = text;
	}
	return n;
}

/* A row of the table: changes it, or adds one. */
static int value_row(const char *text, enum privacy_kind kind,
		     struct privacy_policy *policy)
{
	unsigned int n, names = kind == PRIVACY_FIELD_VALUE ? 2 : 1;
	enum privacy_do what[PRIVACY_COLUMNS];
	char buf[VALUE_MAX], *word[WORDS_MAX];
	struct privacy_row *row;

	if (value_text(text, buf, sizeof(buf)))
		return -EINVAL;
	n = split(buf, word);
	if (n != names + PRIVACY_COLUMNS || !is_token(word[0]))
		return -EINVAL;
	for (unsigned int i = 0; i < PRIVACY_COLUMNS; i++) {
		int found = privacy_do_by_name(word[names + i]);

		if (found < 0 || !may_be(kind, word[0], found))
			return -EINVAL;
		what[i] = found;
	}
	row = privacy_find(policy, kind, word[0], names == 2 ? word[1] : "");
	if (!row)
		return -E2BIG;
	memcpy(row->what, what, sizeof(what));
	return 0;
}

static int set_field(struct reader *r, const char *value)
{
	return value_row(value, PRIVACY_FIELD, &r->conf->privacy);
}

static int set_response_field(struct reader *r, const char *value)
{
	return value_row(value, PRIVACY_RESPONSE_FIELD, &r->conf->privacy);
}

static int set_field_value(struct reader *r, const char *value)
{
	return value_row(value, PRIVACY_FIELD_VALUE, &r->conf->privacy);
}

static int set_parameter(struct reader *r, const char *value)
{
	return value_row(value, PRIVACY_PARAMETER, &r->conf->privacy);
}

static int set_none(struct reader *r, const char *value)
{
	int what = privacy_do_by_name(value);

	r->conf->privacy.none_keeps = what == PRIVACY_KEEP;
	return what == PRIVACY_KEEP || what == PRIVACY_REMOVE ? 0 : -EINVAL;
}

#define WAYS_EXPECTED \
	"what to do towards a foreign network, from one, towards a partner, " \
	"from one: keep or remove each"


static const struct key keys[] = {
	{ SECTION_PRIVACY, "field", set_field,
	  "a header field that may go, then " WAYS_EXPECTED
	  "; for History-Info also anonymize, for P-Charging-Vector also ioi",
	  true },
	{ SECTION_PRIVACY, "response_field", set_response_field,
	  "a header field that may go, then " WAYS_EXPECTED, true },
	{ SECTION_PRIVACY, "field_value", set_field_value,
	  "a header field that may go, a value of it, then " WAYS_EXPECTED,
	  true },
	{ SECTION_PRIVACY, "parameter", set_parameter,
	  "a parameter of URIs, then " WAYS_EXPECTED, true },
	{ SECTION_PRIVACY, "none", set_none,
	  "remove (TS 33.203 5.3) or keep (RFC 3325)", false },
};

KEY_TABLE(conf_privacy_keys, keys);
