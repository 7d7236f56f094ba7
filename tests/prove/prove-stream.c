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
		GMG_STREAM_CLEAR, GMG_STREAM_CLEAR_SOS,
	};
	size_t i = nondet_size();

	ASSUME(i < COUNT(modes));
	return modes[i];
}

static size_t word_len(const struct gmg_stream *s)
{
	if (s->flags & IS_RESPONSE)
		return sizeof(response_word) - 1;
	return (s->flags & IS_SOS ? sizeof(invite_word) :
				    sizeof(register_word)) - 1;
}

static bool is_word_state(const struct gmg_stream *s)
{
	switch (s->state) {
	case WORD:
		return s->matched >= 1 && s->matched < word_len(s);
	case STATUS:
		return s->matched <= 3;
	case SOS:
		return s->matched < sizeof(sos_word) - 1;
	case SOS_END:
		return s->matched == sizeof(sos_word) - 1;
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
		(is_word_state(s) && is_number(s) && is_length(s) &&
		 !(s->flags & IS_RESPONSE && s->flags & IS_SOS)));
}

/* A REGISTER, an error or, where it may be, the INVITE of a call. */
static bool holds_in_clear(const struct gmg_stream *s)
{
	bool response = s->flags & IS_RESPONSE;
	bool sos = s->flags & IS_SOS;

	if (s->state == METHOD)
		return false;
	if (s->state == WORD)
		return true;
	if (s->state == STATUS)
		return response;
	if (s->state == SOS || s->state == SOS_END)
		return sos;
	/* the INVITE of a call is known as such from its start line on */
	if (sos)
		return s->state == URI || s->state == VERSION;
	return response ? s->state >= TEXT : !!(s->flags & IS_REGISTER);
}

/* What a stream that was read in one mode only holds as well. */
static bool holds_in(const struct gmg_stream *s, enum gmg_stream_mode mode)
{
	bool header = s->state >= TEXT && s->state <= END_LF;
	bool calls = mode == GMG_STREAM_CLEAR_SOS;
	bool clear = calls || mode == GMG_STREAM_CLEAR;

	if (s->state != LOST &&
	    ((s->flags & (IN_CALL | IS_SOS) && !calls) ||
	     ((s->state == SOS || s->state == SOS_END) && !calls) ||
	     (s->state == STATUS && !clear)))
		return false;
	switch (s->state) {
	case START:
	case START_LF:
	case LOST:
		return true;
	default:
		break;
	}
	if (clear && !(s->flags & IN_CALL))
		return holds_in_clear(s);
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
	CLAIM(seen <= (GMG_STREAM_SAW_REGISTER | GMG_STREAM_SAW_OTHER |
		       GMG_STREAM_SAW_SOS));
	/* a body ends where Content-Length says */
	CLAIM(before.state != BODY ||
	      (!seen && s.left == before.left - 1 &&
	       s.state == (s.left ? BODY : START)));
}

/* One byte of a stream that was read in one mode from its beginning. */
void prove_stream_mode(void)
{
	struct gmg_stream s = any_stream(), before = s;
	enum gmg_stream_mode mode = any_mode();
	unsigned int seen;
	char c = nondet_u8();

	ASSUME(holds_in(&s, mode));
	gmg_stream_feed(&s, mode, &c, 1, &seen);
	CLAIM(holds_in(&s, mode));
	CLAIM(mode != GMG_STREAM_REGISTER || !(seen & GMG_STREAM_SAW_OTHER));
	CLAIM(mode != GMG_STREAM_RESPONSE ||
	      !(seen & GMG_STREAM_SAW_REGISTER));
	/* GM-02: in clear, a response or the beginning of a call */
	CLAIM(mode != GMG_STREAM_CLEAR ||
	      (!(seen & GMG_STREAM_SAW_SOS) &&
	       (!(seen & GMG_STREAM_SAW_OTHER) || s.flags & IS_RESPONSE)));
	CLAIM(mode != GMG_STREAM_CLEAR_SOS || before.flags & IN_CALL ||
	      !(seen & GMG_STREAM_SAW_OTHER) || s.flags & IS_RESPONSE ||
	      (seen & GMG_STREAM_SAW_SOS && s.flags & IN_CALL));
}

/* GM-02: of a response in clear, the code is that of an error. */
void prove_stream_error(void)
{
	struct gmg_stream s = any_stream();
	enum gmg_stream_mode mode = nondet_bool() ? GMG_STREAM_CLEAR :
						    GMG_STREAM_CLEAR_SOS;
	bool in_call = mode == GMG_STREAM_CLEAR_SOS && s.flags & IN_CALL;
	uint8_t state = s.state, matched = s.matched;
	unsigned int seen;
	char c = nondet_u8();

	ASSUME(holds_in(&s, mode) && !in_call);
	gmg_stream_feed(&s, mode, &c, 1, &seen);
	/* behind "SIP/2.0 " comes the code, first digit 4 to 6, then a blank */
	CLAIM(!(seen & GMG_STREAM_SAW_OTHER) || !(s.flags & IS_RESPONSE) ||
	      (s.state == STATUS && !s.matched));
	CLAIM(state != STATUS || s.state == LOST ||
	      (matched == 0 ? c >= '4' && c <= '6' :
	       matched < 3 ? c >= '0' && c <= '9' :
			     c == ' ' && s.state == TEXT));
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
