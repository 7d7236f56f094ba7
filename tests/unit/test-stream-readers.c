// SPDX-License-Identifier: GPL-2.0-only
/*
 * Readers of a SIP stream that take things more easily than the module does,
 * each in a way that some program has: whatever the module allows they have to
 * understand as the same messages.
 */
#include "test.h"

#include <stdbool.h>
#include <stdio.h>

#include "tests/stream-text.h"
#include "stream.h"

#define MESSAGES_MAX	64
#define BROKEN		(-1)
#define MORE		(-2)
#define STRANGER	(-3)
#define DENIED		(-1)

/* How a reader understands what is not clear. */
struct habit {
	bool fold_is_header;	/* a folded line may be Content-Length */
	bool fold_goes_on;	/* a folded line goes on with the one before */
	bool underscore;	/* Content_Length is as good */
	bool last_counts;	/* of several Content-Lengths, not the first */
	bool blank_ends;	/* a line of blanks ends the header */
	bool cr_ends;		/* CR ends a line as LF does */
};

static const struct habit habits[] = {
	/* SER and its descendants */
	{ .fold_is_header = true, .underscore = true },
	{ .fold_goes_on = true },
	{ .fold_goes_on = true, .last_counts = true, .blank_ends = true },
	{ .last_counts = true, .cr_ends = true, .fold_is_header = true },
};

/* Length of a line with its end, 0 if that has not come. */
static size_t line_end(const struct habit *h, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (data[i] == '\n')
			return i + 1;
		if (data[i] == '\r' && h->cr_ends && i + 1 < len)
			return i + 1 + (data[i + 1] == '\n');
	}
	return 0;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

static char small(char c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/* The number of a Content-Length line, BROKEN if it is none. */
static long line_length(const struct habit *h, const char *line, size_t len)
{
	static const char name[] = "content-length";
	size_t i = 0, j;
	long value = 0;

	while (h->fold_is_header && i < len && blank(line[i]))
		i++;
	for (j = 0; name[j] && i + j < len; j++)
		if (small(line[i + j]) != name[j] &&
		    !(h->underscore && name[j] == '-' && line[i + j] == '_'))
			break;
	if (!name[j])
		i += j;
	else if (i < len && small(line[i]) == 'l')
		i++;
	else
		return BROKEN;
	while (i < len && blank(line[i]))
		i++;
	if (i == len || line[i++] != ':')
		return BROKEN;
	while (i < len && (blank(line[i]) || (h->fold_goes_on &&
					      strchr("\r\n", line[i]))))
		i++;
	if (i == len || line[i] < '0' || line[i] > '9')
		return BROKEN;
	while (i < len && line[i] >= '0' && line[i] <= '9')
		value = (value * 10 + line[i++] - '0') & 0x7fffffff;
	return value;
}

static bool ends_header(const struct habit *h, const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!strchr("\r\n", line[i]) &&
		    !(h->blank_ends && blank(line[i])))
			return false;
	return true;
}

/* Length of the header at data, its end included; *body is set. */
static long read_header(const struct habit *h, const char *data, size_t len,
			long *body)
{
	size_t at = line_end(h, data, len);

	*body = BROKEN;
	while (at && at < len) {
		size_t n = line_end(h, data + at, len - at);
		long value;

		if (!n)
			return MORE;
		if (ends_header(h, data + at, n))
			return *body == BROKEN ? BROKEN : (long)(at + n);
		while (h->fold_goes_on && at + n < len && blank(data[at + n])) {
			size_t more = line_end(h, data + at + n, len - at - n);

			if (!more)
				return MORE;
			if (ends_header(h, data + at + n, more))
				break;
			n += more;
		}
		value = line_length(h, data + at, n);
		if (value != BROKEN && (*body == BROKEN || h->last_counts))
			*body = value;
		at += n;
	}
	return MORE;
}

/*
 * Where the headers of messages end; how many, BROKEN if it gave up, STRANGER
 * if there is another message than REGISTER.
 */
static int read_stream(const struct habit *h, const char *data, size_t len,
		       size_t *ends)
{
	size_t at = 0;
	int n = 0;

	while (true) {
		long header, body;

		while (at < len && strchr("\r\n \t", data[at]))
			at++;
		if (at >= len)
			return n;
		header = read_header(h, data + at, len - at, &body);
		if (header == BROKEN)
			return BROKEN;
		if (header == MORE)
			return n;
		assert_true(n < MESSAGES_MAX);
		if (memcmp(data + at, "REGISTER ", 9))
			return STRANGER;
		ends[n++] = at + header;
		at += header + body;
	}
}

/* The same as the module sees it; DENIED if it does not like it. */
static int module_ends(const char *data, size_t len, size_t *ends)
{
	struct gmg_stream s;
	int n = 0;

	gmg_stream_init(&s);
	for (size_t at = 0; at < len; at++) {
		unsigned int seen;

		if (!gmg_stream_feed(&s, GMG_STREAM_REGISTER, data + at, 1,
				     &seen))
			return DENIED;
		assert_true(n < MESSAGES_MAX);
		if (seen)
			ends[n++] = at + 1;
	}
	return n;
}

/* What the module allows all others read as the same REGISTER requests. */
static bool agree(const char *data, size_t len)
{
	size_t ours[MESSAGES_MAX], theirs[MESSAGES_MAX];
	int n = module_ends(data, len, ours);

	if (n == DENIED)
		return false;
	for (size_t h = 0; h < COUNT(habits); h++) {
		int m = read_stream(&habits[h], data, len, theirs);
		bool same = m == n && !memcmp(ours, theirs, n * sizeof(*ours));

		if (!same)
			print_message("reader %zu sees %d, not %d, in:\n%.*s\n",
				      h, m, n, (int)len, data);
		assert_true(same);
	}
	return true;
}

static const char *const pieces[] = {
	REG, "\r\n", "\r\n", "\n", "\r", " ", "\t", "\0", "_", ":", "0", "7",
	"Content-Length: 0\r\n", "Content-Length: 7\r\n", "l: 3\r\n", "L:0\r\n",
	"Content_Length: 3\r\n", " Content-Length: 3\r\n", " l:3\r\n",
	"Content-Length:\r\n 3\r\n", "Content-Length : 1\r\n", "a: b\r\n",
	" c\r\n", " \r\n", "Content-Length: 1,2\r\n", "abc", "INVITE",
	"Content-Length: 4294967296\r\n", "l", "c", "Content-",
	"Content-Length",
};

/* Puts random pieces into, or over, a stream; its new length. */
static size_t spoil(char *data, size_t len, size_t room)
{
	for (uint32_t n = random_below(4); n; n--) {
		const char *piece = pieces[random_below(COUNT(pieces))];
		size_t size = strlen(piece) + !*piece;
		size_t at = random_below(len + 1);
		size_t gone = random_below(3) ? 0 : random_below(12);

		if (gone > len - at)
			gone = len - at;
		if (len + size - gone > room)
			break;
		memmove(data + at + size, data + at + gone, len - at - gone);
		memcpy(data + at, piece, size);
		len += size - gone;
	}
	return len;
}

static void test_readers(void **state)
{
	static const char *const messages[] = {
		MESSAGE, WITH(VIA "l: 7\r\n") "\r\n l: 0",
		WITH("Content-Length : 3\r\na: b\r\n c\r\n") "abc",
		WITH("l:106\r\n") INVITE, "\r\n\r\n",
	};
	char data[2048];
	int allowed = 0;

	(void)state;
	for (int round = 0; round < 400000; round++) {
		size_t len = 0;

		for (int n = random_below(3); n >= 0; n--) {
			const char *m = messages[random_below(COUNT(messages))];

			memcpy(data + len, m, strlen(m));
			len += strlen(m);
		}
		allowed += agree(data, spoil(data, len, sizeof(data)));
	}
	/* Else this has proven nothing. */
	assert_true(allowed > 100000);
	assert_true(allowed < 350000);
}

/* Denied in itself: some reader sees another thing in each of these. */
static void test_needed(void **state)
{
	static const char *const data[] = {
		WITH("a: b\r\n l: 0\r\nl: 106\r\n") INVITE,
		WITH("Content_Length: 0\r\nl: 106\r\n") INVITE,
		WITH("l: 0\r\nl: 106\r\n") INVITE,
		REG "l: 0\r\n \r\n" INVITE,
		WITH("l: 106\r\na: b\rl: 0\r\n") INVITE,
	};
	size_t ends[MESSAGES_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(data); i++) {
		int seen = 0, n;

		for (size_t h = 0; h < COUNT(habits); h++) {
			n = read_stream(&habits[h], data[i], strlen(data[i]),
					ends);
			seen |= 1 << (n - STRANGER);
		}
		assert_true(seen & (seen - 1));
		assert_int_equal(module_ends(data[i], strlen(data[i]), ends),
				 DENIED);
	}
}

int main(void)
{
	add_test("GM-15 AT-36: other readers see the same messages",
		 test_readers);
	add_test("GM-15: readers who differ exist", test_needed);
	return run_all("stream-readers");
}
