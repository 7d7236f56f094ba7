// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * format.c - values as text for people.
 */
#include <stdarg.h>
#include <string.h>

#include "cli.h"

/**
 * format_duration() - write a time in at most two units ("3m58s")
 * @ms: milliseconds
 * @buf: result
 * @size: bytes of @buf, DURATION_TEXT_MAX suffices
 *
 * Return: @buf.
 */
const char *format_duration(uint64_t ms, char *buf, size_t size)
{
	unsigned long long s = ms / 1000, n = ms;

	if (ms < 1000)
		snprintf(buf, size, "%llums", n);
	else if (s < 10)
		snprintf(buf, size, "%llu.%llus", s, n % 1000 / 100);
	else if (s < 60)
		snprintf(buf, size, "%llus", s);
	else if (s < 3600)
		snprintf(buf, size, "%llum%llus", s / 60, s % 60);
	else if (s < 86400)
		snprintf(buf, size, "%lluh%llum", s / 3600, s % 3600 / 60);
	else
		snprintf(buf, size, "%llud%lluh", s / 86400,
			 s % 86400 / 3600);
	return buf;
}

/*
 * Length of the UTF-8 character at p, 0 if it is not one (or a surrogate, too
 * long a form, or beyond U+10FFFF).
 */
static size_t utf8_length(const unsigned char *p, size_t left)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t code;
	size_t n, i;

	if (p[0] < 0x80)
		return 1;
	n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] > 0xf4 || n > left)
		return 0;
	code = p[0] & (0x7f >> n);
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3f);
	}
	if (code < least[n] || code > 0x10ffff ||
	    (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return n;
}

/* C0 and C1 controls and DEL could drive a terminal. */
static bool is_control(const unsigned char *p, size_t n)
{
	if (n == 1)
		return p[0] < 0x20 || p[0] == 0x7f;
	return n == 2 && p[0] == 0xc2 && p[1] < 0xa0;
}

/**
 * text_is_utf8() - see whether bytes are text
 * @text: bytes
 * @len: how many
 *
 * Return: true if they are valid UTF-8 without a NUL.
 */
bool text_is_utf8(const void *text, size_t len)
{
	const unsigned char *p = text;
	size_t n;

	for (; len; p += n, len -= n) {
		n = utf8_length(p, len);
		if (!n || !*p)
			return false;
	}
	return true;
}

/**
 * format_clean() - make text from outside safe for a terminal
 * @text: bytes, for example an IMPI that a UE sent
 * @len: how many
 * @buf: result: control characters and what is not UTF-8 become \xNN
 * @size: bytes of @buf, CLEAN_TEXT_MAX(len) suffices
 *
 * Return: @buf.
 */
const char *format_clean(const void *text, size_t len, char *buf, size_t size)
{
	const unsigned char *p = text;
	size_t used = 0;

	while (len && used + 5 < size) {
		size_t n = utf8_length(p, len);

		if (!n || is_control(p, n)) {
			used += snprintf(buf + used, size - used, "\\x%02x",
					 *p);
			n = 1;
		} else {
			memcpy(buf + used, p, n);
			used += n;
		}
		p += n;
		len -= n;
	}
	buf[used] = '\0';
	return buf;
}

/**
 * text_columns() - columns that a text takes on a terminal
 * @text: UTF-8; wide characters are not known
 *
 * Return: number of characters.
 */
size_t text_columns(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

/**
 * print_wrapped() - print a paragraph
 * @out: where to; the first line is indented already
 * @indent: columns before each further line
 * @width: columns of the terminal
 * @text: words
 */
void print_wrapped(FILE *out, unsigned int indent, unsigned int width,
		   const char *text)
{
	unsigned int column = indent;
	char word[256];

	while (*text) {
		size_t len = strcspn(text, " "), columns;

		snprintf(word, sizeof(word), "%.*s", (int)len, text);
		columns = text_columns(word);
		if (column > indent && column + 1 + columns > width) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			fputc(' ', out);
			column++;
		}
		fputs(word, out);
		column += columns;
		text += len;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

/**
 * format_ports() - write ports, runs of them as ranges ("5100-5107,5110")
 * @list: ports
 * @n: how many
 * @buf: result, "-" for none, cut to fit
 * @size: bytes of @buf
 *
 * Return: @buf.
 */
const char *format_ports(const uint16_t *list, unsigned int n, char *buf,
			 size_t size)
{
	unsigned int i, end;
	size_t used = 0;

	snprintf(buf, size, "-");
	for (i = 0; i < n && used < size; i = end) {
		for (end = i + 1; end < n; end++)
			if (list[end] != list[end - 1] + 1)
				break;
		used += snprintf(buf + used, size - used, "%s%u",
				 i ? "," : "", list[i]);
		if (end - i > 1 && used < size)
			used += snprintf(buf + used, size - used, "%c%u",
					 end - i > 2 ? '-' : ',',
					 list[end - 1]);
	}
	return buf;
}
