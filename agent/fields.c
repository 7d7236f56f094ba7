// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fields.c - see fields.h
 *
 * For hostile input: nothing is copied, every step goes forward, and what two
 * readers could understand in two ways is refused.
 */
#include <stdlib.h>
#include <string.h>

#include "fields.h"

/* Compact forms that are registered with IANA. */
static const struct {
	char compact;
	const char *full;
} forms[] = {
	{ 'a', "Accept-Contact" },
	{ 'b', "Referred-By" },
	{ 'c', "Content-Type" },
	{ 'd', "Request-Disposition" },
	{ 'e', "Content-Encoding" },
	{ 'f', "From" },
	{ 'i', "Call-ID" },
	{ 'j', "Reject-Contact" },
	{ 'k', "Supported" },
	{ 'l', "Content-Length" },
	{ 'm', "Contact" },
	{ 'n', "Identity-Info" },
	{ 'o', "Event" },
	{ 'r', "Refer-To" },
	{ 's', "Subject" },
	{ 't', "To" },
	{ 'u', "Allow-Events" },
	{ 'v', "Via" },
	{ 'x', "Session-Expires" },
	{ 'y', "Identity" },
};

static struct str long_form(struct str name)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (name.len == 1 && (*name.p | 0x20) == forms[i].compact)
			return (struct str){ forms[i].full,
					     strlen(forms[i].full) };
	}
	return name;
}

/* Bytes up to the end of a header field: a line end without a blank behind. */
static size_t field_len(const char *p)
{
	size_t n = 0;

	while (p[n]) {
		n += strcspn(p + n, "\n");
		if (!p[n] || (p[n + 1] != ' ' && p[n + 1] != '\t'))
			return n;
		n++;
	}
	return n;
}

/* A CR that ends no line is an end of line to some readers only. */
static bool has_lone_cr(const char *p)
{
	for (; (p = strchr(p, '\r')); p++) {
		if (p[1] != '\n')
			return true;
	}
	return false;
}

/* Return: whether there is a name and a colon. */
static bool split(struct str line, struct field *field)
{
	struct lex lx;

	memset(field, 0, sizeof(*field));
	lex_init(&lx, line.p, line.len);
	if (!line.len || *line.p == ' ' || *line.p == '\t' ||
	    lex_token(&lx, &field->name))
		return false;
	while (lx.p < lx.end && (*lx.p == ' ' || *lx.p == '\t'))
		lx.p++;
	if (lx.p == lx.end || *lx.p != ':')
		return false;
	field->full = long_form(field->name);
	field->value.p = lx.p + 1;
	field->value.len = lx.end - field->value.p;
	field->value = str_trim(field->value);
	return true;
}

/**
 * fields_parse() - take a header section apart
 * @text: the lines behind the start line; an empty line may end it
 * @fields: the header fields, which point into @text; for fields_clear()
 *
 * Return: NULL, or what is wrong.
 */
const char *fields_parse(const char *text, struct fields *fields)
{
	fields->n = 0;
	if (strlen(text) > FIELDS_MAX_LEN)
		return "the header section has more than 65536 bytes";
	if (has_lone_cr(text))
		return "a CR stands alone in the header section";
	while (*text && strspn(text, "\r\n") != strlen(text)) {
		struct str line = { text, field_len(text) };

		text += line.len + (text[line.len] == '\n');
		if (fields->n == FIELDS_MAX)
			return "there are more than 256 header fields";
		if (!split(line, &fields->field[fields->n]))
			return "a line is no header field";
		fields->n++;
	}
	return NULL;
}

/**
 * fields_clear() - give the memory of changed values back
 * @fields: the header fields
 */
void fields_clear(struct fields *fields)
{
	for (unsigned int i = 0; i < fields->n; i++)
		free(fields->field[i].own);
	fields->n = 0;
}

/**
 * field_is() - compare the name of a header field
 * @field: the header field
 * @name: the long form
 *
 * Return: whether it is the name.
 */
bool field_is(const struct field *field, const char *name)
{
	return str_is(field->full, name);
}

/**
 * field_sound() - can a value be understood in one way only?
 * @value: of a header field
 *
 * Return: false if quotes or angle brackets are left open or nested, or a
 * control character is in it.
 */
bool field_sound(struct str value)
{
	bool quoted = false, angle = false;

	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = value.p[i];

		if ((c < ' ' && !strchr("\t\r\n", c)) || !c || c == 0x7f)
			return false;
		if (quoted && c == '\\') {
			if (++i == value.len || (unsigned char)value.p[i] < ' ')
				return false;
		} else if (c == '"') {
			if (angle)
				return false;
			quoted = !quoted;
		} else if (!quoted && (c == '<' || c == '>')) {
			if (angle != (c == '>'))
				return false;
			angle = !angle;
		}
	}
	return !quoted && !angle;
}

/**
 * field_unfold() - write a value on one line
 * @value: of a header field
 *
 * Return: the text, for free(); NULL without memory.
 */
char *field_unfold(struct str value)
{
	char *text = malloc(value.len + 1), *to = text;

	for (size_t i = 0; text && i < value.len; i++) {
		if (value.p[i] != '\r' && value.p[i] != '\n')
			*to++ = value.p[i];
	}
	if (text)
		*to = '\0';
	return text;
}

/**
 * field_change() - give a header field another value
 * @field: the header field
 * @value: the value, for free(); NULL: remove the header field
 * @why: the reason, static
 */
void field_change(struct field *field, char *value, const char *why)
{
	free(field->own);
	field->own = value;
	field->value.p = value ? value : "";
	field->value.len = value ? strlen(value) : 0;
	field->fate = value ? FIELD_CHANGED : FIELD_REMOVED;
	field->judged = true;
	field->why = why;
}
