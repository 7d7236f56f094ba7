// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * frame.c - see frame.h
 */
#include <ctype.h>
#include <errno.h>

#include "frame.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* "LEN:TEXT,": the digits first, because they say how much to wait for. */
static int next_netstring(const char *data, size_t len, struct frame *frame)
{
	size_t i, n = 0;

	for (i = 0; i < len && isdigit((unsigned char)data[i]); i++) {
		n = n * 10 + (data[i] - '0');
		if (n > FRAME_MAX)
			return -EMSGSIZE;
		if (i == 1 && data[0] == '0')
			return -EBADMSG;
	}
	if (i == len)
		return 0;
	if (!i || data[i] != ':')
		return -EBADMSG;
	if (len - i < n + 2)
		return 0;
	if (data[i + 1 + n] != ',')
		return -EBADMSG;
	frame->text = data + i + 1;
	frame->len = n;
	frame->used += i + n + 2;
	return 1;
}

/* Does this byte end the text? Only brackets and strings matter here. */
static bool ends_text(struct framer *framer, char c)
{
	if (framer->escaped) {
		framer->escaped = false;
	} else if (framer->quoted) {
		framer->escaped = c == '\\';
		framer->quoted = c != '"';
	} else if (c == '"') {
		framer->quoted = true;
	} else if (c == '{' || c == '[') {
		framer->depth++;
	} else if (c == '}' || c == ']') {
		return !--framer->depth;
	}
	return false;
}

static int next_plain(struct framer *framer, const char *data, size_t len,
		      struct frame *frame)
{
	if (*data != '{' && *data != '[')
		return -EBADMSG;
	while (framer->scanned < len) {
		if (framer->scanned == FRAME_MAX)
			return -EMSGSIZE;
		if (!ends_text(framer, data[framer->scanned++]))
			continue;
		frame->text = data;
		frame->len = framer->scanned;
		frame->used += framer->scanned;
		framer->scanned = 0;
		return 1;
	}
	return 0;
}

/**
 * frame_next() - find the next request
 * @framer: what is known of the stream
 * @data: what was received and not used up to now
 * @len: bytes of it
 * @frame: the request; used is set whatever is returned
 *
 * Return: 1; 0 when more has to be received; -EMSGSIZE for a request that is
 * too long, -EBADMSG for what is none: the stream is of no use any more.
 */
int frame_next(struct framer *framer, const char *data, size_t len,
	       struct frame *frame)
{
	size_t blanks = 0;

	frame->used = 0;
	if (!framer->scanned) {
		while (blanks < len && is_blank(data[blanks]))
			blanks++;
	}
	frame->used = blanks;
	data += blanks;
	len -= blanks;
	if (!len)
		return 0;
	if (framer->kind == FRAME_UNKNOWN)
		framer->kind = isdigit((unsigned char)*data) ?
			       FRAME_NETSTRING : FRAME_PLAIN;
	if (framer->kind == FRAME_NETSTRING)
		return next_netstring(data, len, frame);
	return next_plain(framer, data, len, frame);
}

/**
 * frame_problem() - say why a stream is of no use any more
 * @error: what frame_next() returned
 *
 * Return: one sentence.
 */
const char *frame_problem(int error)
{
	if (error == -EMSGSIZE)
		return "a request is longer than 262144 bytes";
	return "neither a netstring LEN:JSON, nor a JSON object or array";
}
