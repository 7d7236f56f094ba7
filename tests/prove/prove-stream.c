// SPDX-License-Identifier: GPL-2.0-only
/*
 * kmod/stream.c, for streams of any length: INVARIANT holds at the first byte
 * and, when it holds before a byte, behind it as well. So each claim about
 * one byte, or about two pieces, is one about all of them.
 */
#include "../../kmod/stream.c"

#include "prove.h"

/* One more mode, one more line. */
static enum gmg_stream_mode any_mode(void)
{
	static const enum gmg_stream_mode modes[] = {
		GMG_STREAM_REGISTER, GMG_STREAM_RESPONSE, GMG_STREAM_ANY,
	};
	size_t i = nondet_size();

	ASSUME(i < COUNT(modes));
	return modes[i];
}

static bool is_word_state(const struct gmg_stream *s)
{
	bool response = s->flags & IS_RESPONSE;

	switch (s->state) {
	case WORD:
		return s->matched >= 1 && s->matched <
		       (response ? sizeof(response_word) :
				   sizeof(register_word)) - 1;
	case URI:
		return s->matched <= 1;
	case VERSION:
		return s->matched < sizeof(version_word) - 1;
	case NAME:
		return s->matched >= 1 &&
		       s->matched < sizeof(length_word) - 1;
	default:
		return true;
	}
}

/* Below 10 to the power of the number of digits. */
static bool is_number(const struct gmg_stream *s)
{
	uint32_t bound = 1;

	if (s->digits > DIGITS_MAX)
		return false;
	for (int i = 0; i < DIGITS_MAX; i++)
		bound *= i < s->digits ? 10 : 1;
	return s->left < bound;
}

/* Has there been a Content-Length? Then it had digits, else it has none. */
static bool is_length(const struct gmg_stream *s)
{
	bool has = s->flags & HAS_LENGTH;

	switch (s->state) {
	case START:
	case START_LF:
		return !s->left;
	case BODY:
		return has && s->left;
	case LENGTH:
		return !has && !s->digits;
	case DIGITS:
	case LENGTH_END:
		return !has && s->digits;
	default:
		return has == !!s->digits;
	}
}

/*
 * INVARIANT of a stream that was read in any modes. What a state says that
 * has lost its step does not matter.
 */
static bool holds(const struct gmg_stream *s)
{
	return s->state <= LOST &&
	       (s->state == LOST ||
		(is_word_state(s) && is_number(s) && is_length(s)));
}

/* What a stream that was read in one mode only holds as well. */
static bool holds_in(const struct gmg_stream *s, enum gmg_stream_mode mode)
{
	bool header = s->state >= TEXT && s->state <= END_LF;

	switch (s->state) {
	case START:
	case START_LF:
	case LOST:
		return true;
	default:
		break;
	}
	if (mode == GMG_STREAM_REGISTER)
		return !(s->flags & IS_RESPONSE) && s->state != METHOD &&
		       (s->state == WORD || s->flags & IS_REGISTER);
	if (mode == GMG_STREAM_RESPONSE)
		return s->flags & IS_RESPONSE && !(s->flags & IS_REGISTER) &&
		       (s->state == WORD || header || s->state == BODY);
	return true;
}

static struct gmg_stream any_stream(void)
{
	struct gmg_stream s;

	s.left = nondet_u32();
	s.state = nondet_u8();
	s.matched = nondet_u8();
	s.digits = nondet_u8();
	s.flags = nondet_u8();
	ASSUME(holds(&s));
	return s;
}

static bool is_same(const struct gmg_stream *a, const struct gmg_stream *b)
{
	return a->state == b->state &&
	       (a->state == LOST ||
		(a->left == b->left && a->matched == b->matched &&
		 a->digits == b->digits && a->flags == b->flags));
}

void prove_stream_init(void)
{
	struct gmg_stream s;

	gmg_stream_init(&s);
	CLAIM(holds(&s));
	CLAIM(holds_in(&s, any_mode()));
	CLAIM(gmg_stream_in_step(&s));
}

/* One byte, of any value, in any state. */
void prove_stream_step(void)
{
	struct gmg_stream s = any_stream(), before = s;
	enum gmg_stream_mode mode = any_mode();
	unsigned int seen;
	char c = nondet_u8();
	bool ok = gmg_stream_feed(&s, mode, &c, 1, &seen);

	CLAIM(holds(&s));
	CLAIM(ok == (mode == GMG_STREAM_ANY || gmg_stream_in_step(&s)));
	/* never found again, and nothing is seen there */
	CLAIM(gmg_stream_in_step(&before) ||
	      (!gmg_stream_in_step(&s) && !seen));
	CLAIM(seen <= (GMG_STREAM_SAW_REGISTER | GMG_STREAM_SAW_OTHER));
	/* a body ends where Content-Length says */
	CLAIM(before.state != BODY ||
	      (!seen && s.left == before.left - 1 &&
	       s.state == (s.left ? BODY : START)));
}

/* One byte of a stream that was read in one mode from its beginning. */
void prove_stream_mode(void)
{
	struct gmg_stream s = any_stream();
	enum gmg_stream_mode mode = any_mode();
	unsigned int seen;
	char c = nondet_u8();

	ASSUME(holds_in(&s, mode));
	gmg_stream_feed(&s, mode, &c, 1, &seen);
	CLAIM(holds_in(&s, mode));
	CLAIM(mode != GMG_STREAM_REGISTER || !(seen & GMG_STREAM_SAW_OTHER));
	CLAIM(mode != GMG_STREAM_RESPONSE ||
	      !(seen & GMG_STREAM_SAW_REGISTER));
}

/* However the bytes are cut, the outcome is the same. */
void prove_stream_cut(void)
{
	struct gmg_stream whole = any_stream(), cut = whole;
	enum gmg_stream_mode mode = any_mode();
	unsigned int all, first, second;
	size_t len, at = nondet_size();
	const char *data = any_bytes(&len);
	bool ok;

	ASSUME(at <= len);
	ok = gmg_stream_feed(&whole, mode, data, len, &all);
	gmg_stream_feed(&cut, mode, data, at, &first);
	CLAIM(gmg_stream_feed(&cut, mode, data + at, len - at, &second) == ok);
	CLAIM(is_same(&whole, &cut));
	CLAIM(all == (first | second));
	CLAIM(holds(&whole));
}

/* Of a body no byte is read, however much of it comes at once. */
void prove_stream_body(void)
{
	struct gmg_stream s = any_stream();
	size_t len = nondet_size();
	uint32_t left = s.left;
	unsigned int seen;

	ASSUME(s.state == BODY && len <= left);
	CLAIM(gmg_stream_feed(&s, any_mode(), NULL, len, &seen));
	CLAIM(holds(&s) && !seen && s.left == left - len);
	CLAIM(s.state == (s.left ? BODY : START));
}
