// SPDX-License-Identifier: GPL-2.0-only
/*
 * kmod/stream.c, which lets a temporary set carry REGISTERs and nothing else:
 * however a stream is cut into segments it gets the same verdict, and no
 * reader of another character finds another message in a stream that passes.
 *
 * Input: mode, character of the reader, sizes of the segments, NUL, the stream.
 */
#include <ctype.h>

#include "fuzz.h"
#include "stream.h"

#define MOST	64

/** enum character - how a reader takes liberties; bits */
enum character {
	LF_ENDS_LINE = 1,	/* a line needs no CR */
	FOLDED_LENGTH = 2,	/* Content-Length counts behind blanks, too */
	UNDERSCORE = 4,		/* "content_length" is the same */
	FIRST_LENGTH = 8,	/* the first of several counts, not the last */
	SKIP_BLANKS = 16,	/* blanks in front of a message */
	SKIP_EMPTY = 32,	/* a Content-Length without a number is none */
	BLANKS_END = 64,	/* a line of blanks ends the header */
	JOIN_NUMBER = 128,	/* a folded line continues the number */
};

/**
 * struct reader - a SIP program that reads the stream
 * @how: enum character
 * @p: next byte
 * @end: behind the last one
 */
struct reader {
	uint8_t how;
	const char *p;
	const char *end;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void skip_gap(struct reader *r)
{
	while (r->p < r->end && (*r->p == '\r' || *r->p == '\n' ||
				 (r->how & SKIP_BLANKS && is_blank(*r->p))))
		r->p++;
}

/* One line without its end. Return: false when there is no end of a line. */
static bool read_line(struct reader *r, const char **line, size_t *len)
{
	const char *at = r->p;

	for (; at < r->end; at++) {
		if (*at == '\n' && (r->how & LF_ENDS_LINE ||
				    (at > r->p && at[-1] == '\r')))
			break;
	}
	if (at == r->end)
		return false;
	*line = r->p;
	*len = at - r->p;
	while (*len && (*line)[*len - 1] == '\r')
		--*len;
	r->p = at + 1;
	return true;
}

static bool is_length_name(const struct reader *r, const char *line, size_t len)
{
	static const char word[] = "content-length";

	while (len && is_blank(line[len - 1]))
		len--;
	if (len == 1)
		return *line == 'l' || *line == 'L';
	if (len != sizeof(word) - 1)
		return false;
	for (size_t i = 0; i < len; i++) {
		if ((line[i] | 0x20) != (word[i] | 0x20) &&
		    !(r->how & UNDERSCORE && line[i] == '_' && word[i] == '-'))
			return false;
	}
	return true;
}

/* Is it Content-Length? Then how much, -1 for no number. */
static bool read_length(const struct reader *r, const char *line, size_t len,
			long *length)
{
	const char *colon;

	while (len && r->how & FOLDED_LENGTH && is_blank(*line)) {
		line++;
		len--;
	}
	colon = memchr(line, ':', len);
	if (!colon || !is_length_name(r, line, colon - line))
		return false;
	*length = -1;
	for (const char *p = colon + 1; p < line + len; p++) {
		if (is_blank(*p) && *length < 0)
			continue;
		if (*p < '0' || *p > '9' || *length > 100000000)
			break;
		*length = (*length < 0 ? 0 : *length * 10) + *p - '0';
	}
	return true;
}

/* More digits in a line that continues Content-Length. */
static void join_number(const char *line, size_t len, long *length)
{
	for (const char *p = line; p < line + len; p++) {
		if (*p >= '0' && *p <= '9' && *length <= 100000000)
			*length = (*length < 0 ? 0 : *length * 10) + *p - '0';
	}
}

/*
 * The rest of the header: the length of the body in @length.
 *
 * Return: false when it does not end in the stream.
 */
static bool read_header(struct reader *r, long *length)
{
	bool is_length = false;
	const char *line;
	size_t len, rest;
	long now;

	*length = -1;
	while (true) {
		if (!read_line(r, &line, &len))
			return false;
		rest = len;
		while (r->how & BLANKS_END && rest && is_blank(line[rest - 1]))
			rest--;
		if (!rest)
			break;
		if (r->how & JOIN_NUMBER && is_length && is_blank(*line)) {
			join_number(line, len, length);
			continue;
		}
		is_length = read_length(r, line, len, &now);
		if (!is_length)
			continue;
		if (now < 0 && r->how & SKIP_EMPTY)
			continue;
		if (*length < 0 || !(r->how & FIRST_LENGTH))
			*length = now;
	}
	return true;
}

static bool is_register(const char *line, size_t len)
{
	return len > 17 && !memcmp(line, "REGISTER ", 9) &&
	       !strncasecmp(line + len - 8, " SIP/2.0", 8);
}

/* What a P-CSCF gets in clear beside REGISTER (TS 33.203 7.1). */
static bool is_error(const char *line, size_t len)
{
	return len >= 12 && !strncasecmp(line, "SIP/2.0 ", 8) &&
	       strchr("456", line[8]) && isdigit((uint8_t)line[9]) &&
	       isdigit((uint8_t)line[10]) && line[11] == ' ';
}

static bool is_sos(const char *line, size_t len)
{
	return len >= 30 && !memcmp(line, "INVITE ", 7) &&
	       !strncasecmp(line + 7, "urn:service:sos", 15) &&
	       strchr(" .;", line[22]) &&
	       !strncasecmp(line + len - 8, " SIP/2.0", 8);
}

/*
 * What such a reader takes for messages, the stream's reader saw as well: a
 * REGISTER with the end of its header, others in their start line.
 */
static void check_reader(struct reader r, enum gmg_stream_mode mode,
			 const char *stream, const unsigned int *seen)
{
	const char *line, *at;
	bool in_call = false;
	unsigned int saw;
	long length = 0;
	size_t len;

	while (length <= r.end - r.p) {
		r.p += length;
		skip_gap(&r);
		if (r.p == r.end || !read_line(&r, &line, &len))
			return;
		saw = 0;
		for (at = line; at < r.p; at++)
			saw |= seen[at - stream];
		if (mode == GMG_STREAM_REGISTER)
			CHECK(is_register(line, len));
		if (mode == GMG_STREAM_RESPONSE)
			CHECK(len >= 8 && !strncasecmp(line, "SIP/2.0 ", 8));
		if (mode == GMG_STREAM_CLEAR ||
		    (mode == GMG_STREAM_CLEAR_SOS && !in_call)) {
			in_call = is_sos(line, len);
			CHECK(is_register(line, len) || is_error(line, len) ||
			      (in_call && mode == GMG_STREAM_CLEAR_SOS));
			CHECK(!!(saw & GMG_STREAM_SAW_SOS) == in_call);
			saw &= ~GMG_STREAM_SAW_SOS;
		}
		CHECK(saw == (is_register(line, len) ? 0 :
						       GMG_STREAM_SAW_OTHER));
		saw = is_register(line, len) ? GMG_STREAM_SAW_REGISTER : 0;
		if (!read_header(&r, &length))
			return;
		CHECK(seen[r.p - 1 - stream] == saw);
		CHECK(length >= 0);
	}
}

static bool same_state(const struct gmg_stream *a, const struct gmg_stream *b)
{
	if (!gmg_stream_in_step(a) || !gmg_stream_in_step(b))
		return gmg_stream_in_step(a) == gmg_stream_in_step(b);
	return a->state == b->state && a->left == b->left &&
	       a->matched == b->matched && a->digits == b->digits &&
	       a->flags == b->flags;
}

/* Byte by byte, noting what is seen where; false when it is refused. */
static bool feed_bytes(struct gmg_stream *s, enum gmg_stream_mode mode,
		       const char *stream, size_t len, unsigned int *seen,
		       unsigned int *all)
{
	bool good = true;

	*all = 0;
	for (size_t i = 0; i < len; i++) {
		good = gmg_stream_feed(s, mode, stream + i, 1, &seen[i]);
		*all |= seen[i];
	}
	return good;
}

/* The same in segments. */
static void check_cuts(const char *sizes, const struct gmg_stream *want,
		       enum gmg_stream_mode mode, const char *stream,
		       size_t len, bool good, unsigned int all)
{
	unsigned int seen, some = 0;
	struct gmg_stream s;
	bool ok = true;
	size_t at = 0;

	gmg_stream_init(&s);
	while (at < len) {
		size_t n = *sizes ? (uint8_t)*sizes++ : len - at;
		char *segment;

		n = n < len - at ? n : len - at;
		segment = copy_bytes(stream + at, n);
		ok = gmg_stream_feed(&s, mode, segment, n, &seen);
		free(segment);
		some |= seen;
		at += n;
	}
	CHECK(ok == good && some == all && same_state(&s, want));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	enum gmg_stream_mode mode = take_byte(&in) % 5;
	struct reader reader = { .how = take_byte(&in) };
	char *sizes = take_text(&in);
	char *stream = copy_bytes(in.p, in.left);
	unsigned int *seen = calloc(in.left + 1, sizeof(*seen)), all;
	struct gmg_stream s;
	bool good;

	gmg_stream_init(&s);
	good = feed_bytes(&s, mode, stream, in.left, seen, &all);
	check_cuts(sizes, &s, mode, stream, in.left, good, all);
	check_cuts("", &s, mode, stream, in.left, good, all);
	CHECK(good == (mode == GMG_STREAM_ANY || gmg_stream_in_step(&s)));
	if (gmg_stream_in_step(&s)) {
		reader.p = stream;
		reader.end = stream + in.left;
		check_reader(reader, mode, stream, seen);
	}
	free(seen);
	free(stream);
	free(sizes);
	return 0;
}
