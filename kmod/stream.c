// SPDX-License-Identifier: GPL-2.0-only
/*
 * The boundaries of SIP messages in a TCP stream, read so strictly that no
 * other program can see other ones: what readers may understand differently
 * is refused.
 *
 *   stream  = *( CRLF / message )
 *   message = start-line CRLF 1*( line CRLF ) CRLF body
 *
 * A request line is "REGISTER", one blank, a URI of printable characters, one
 * blank, "SIP/2.0"; a status line begins with "SIP/2.0" and a blank. Exactly
 * one line is Content-Length, in a line of its own, with 1 to 9 digits.
 *
 * In clear (TS 33.203 7.1) a response has to be an error, 4xx to 6xx, and an
 * INVITE has to be an emergency call; that call then has its methods, too.
 *
 * The proxies that descend from SER (Kamailio, OpenSIPS) set the traps. Their
 * readers
 *   - end a line at LF, whatever stands in front of it;
 *   - find Content-Length in a folded line, too, and write it with "_" as well;
 *   - take the first of several and skip one that has no number;
 *   - skip any blanks and line ends in front of a message.
 */
#include "stream.h"

#ifdef __KERNEL__
#include <linux/string.h>
#else
#include <string.h>
#endif

/**
 * enum gmg_stream_state - what is expected next
 * @START: a message, or a CRLF in front of it
 * @START_LF: the LF of such a CRLF
 * @WORD: the rest of the word that begins a message
 * @METHOD: the rest of a method that is not to be REGISTER
 * @STATUS: the code of an error response, and the blank behind it
 * @SOS: the rest of "urn:service:sos"
 * @SOS_END: the end of that URI, or a service below it (RFC 5031)
 * @URI: the Request-URI
 * @VERSION: "SIP/2.0" and CRLF at the end of a request line
 * @TEXT: the rest of a line
 * @TEXT_LF: the LF of such a line
 * @LINE: a line of the header, or its end
 * @FOLD: the rest of the blanks of a folded line
 * @NAME: the rest of "Content-Length"
 * @NAME_END: what comes behind that name, or behind "l"
 * @COLON: a colon, behind blanks
 * @LENGTH: blanks or the first digit
 * @DIGITS: more digits
 * @LENGTH_END: blanks or CR behind the digits
 * @LENGTH_LF: the LF of that line
 * @END_LF: the LF of the empty line
 * @BODY: the body
 * @LOST: nothing can be said any more
 */
enum gmg_stream_state {
	START,
	START_LF,
	WORD,
	METHOD,
	STATUS,
	SOS,
	SOS_END,
	URI,
	VERSION,
	TEXT,
	TEXT_LF,
	LINE,
	FOLD,
	NAME,
	NAME_END,
	COLON,
	LENGTH,
	DIGITS,
	LENGTH_END,
	LENGTH_LF,
	END_LF,
	BODY,
	LOST,
};

/* There was a Content-Length. */
#define HAS_LENGTH 1
/* The line before must not be continued. */
#define NO_FOLD 2
/* This line continues the one before. */
#define FOLDED 4
/* It is a REGISTER request. */
#define IS_REGISTER 8
/* The word that has to match is that of a response. */
#define IS_RESPONSE 16
/* The word that has to match is that of an emergency call. */
#define IS_SOS 32
/* There has been an emergency call: it outlives the message. */
#define IN_CALL 64

#define DIGITS_MAX 9
#define SIP_LEN 3

static const char register_word[] = "REGISTER ";
static const char response_word[] = "sip/2.0 ";
static const char invite_word[] = "INVITE ";
static const char sos_word[] = "urn:service:sos";
static const char version_word[] = "sip/2.0\r\n";
static const char length_word[] = "content-length";

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What a method or the name of a header field is made of (RFC 3261 25.1). */
static bool is_token(char c)
{
	return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') ||
	       (c && strchr("-.!%*_+`'~", c));
}

/* Everything that RFC 3261 lets stand in a line, which is no control. */
static bool is_text(char c)
{
	return c == '\t' || ((unsigned char)c >= ' ' && c != 0x7f);
}

/* Whether the beginning of any method will do. */
static bool takes_any(const struct gmg_stream *s, enum gmg_stream_mode mode)
{
	return mode == GMG_STREAM_ANY ||
	       (mode == GMG_STREAM_CLEAR_SOS && s->flags & IN_CALL);
}

static bool takes_errors_only(const struct gmg_stream *s,
			      enum gmg_stream_mode mode)
{
	return (mode == GMG_STREAM_CLEAR || mode == GMG_STREAM_CLEAR_SOS) &&
	       !takes_any(s, mode);
}

/* One more byte of a line that nothing depends on. */
static int step_text(char c)
{
	if (c == '\r')
		return TEXT_LF;
	return is_text(c) ? TEXT : LOST;
}

static int step_start(struct gmg_stream *s, enum gmg_stream_mode mode, char c)
{
	if (c == '\r')
		return START_LF;
	s->flags = NO_FOLD | (s->flags & IN_CALL);
	s->digits = 0;
	s->matched = 1;
	if (mode != GMG_STREAM_RESPONSE && c == register_word[0])
		return WORD;
	if (mode != GMG_STREAM_REGISTER && lower(c) == response_word[0]) {
		s->flags |= IS_RESPONSE;
		return WORD;
	}
	if (mode == GMG_STREAM_CLEAR_SOS && c == invite_word[0]) {
		s->flags |= IS_SOS;
		return WORD;
	}
	return takes_any(s, mode) && is_token(c) ? METHOD : LOST;
}

static int step_method(struct gmg_stream *s, char c)
{
	s->flags &= ~IS_SOS;
	s->matched = 0;
	if (c == ' ')
		return URI;
	return is_token(c) ? METHOD : LOST;
}

static const char *word_of(const struct gmg_stream *s)
{
	if (s->flags & IS_RESPONSE)
		return response_word;
	return s->flags & IS_SOS ? invite_word : register_word;
}

/* Behind "SIP" of a response comes what is in no method. */
static int step_word(struct gmg_stream *s, enum gmg_stream_mode mode, char c,
		     unsigned int *seen)
{
	bool response = s->flags & IS_RESPONSE;
	const char *word = word_of(s);

	if ((response ? lower(c) : c) != word[s->matched])
		return takes_any(s, mode) &&
		       !(response && s->matched > SIP_LEN) ?
		       step_method(s, c) : LOST;
	if (word[++s->matched])
		return WORD;
	s->matched = 0;
	if (response) {
		*seen |= GMG_STREAM_SAW_OTHER;
		return takes_errors_only(s, mode) ? STATUS : TEXT;
	}
	if (s->flags & IS_SOS)
		return takes_any(s, mode) ? step_method(s, c) : SOS;
	s->flags |= IS_REGISTER;
	return URI;
}

static int step_status(struct gmg_stream *s, char c)
{
	if (s->matched == 3)
		return c == ' ' ? TEXT : LOST;
	if (s->matched++ ? !is_digit(c) : c < '4' || c > '6')
		return LOST;
	return STATUS;
}

static int step_sos(struct gmg_stream *s, char c)
{
	if (lower(c) != sos_word[s->matched])
		return LOST;
	return sos_word[++s->matched] ? SOS : SOS_END;
}

static int step_sos_end(struct gmg_stream *s, char c)
{
	bool more = c == '.' || c == ';';

	s->matched = more;
	if (more)
		return URI;
	return c == ' ' ? VERSION : LOST;
}

static int step_uri(struct gmg_stream *s, char c)
{
	if (c > ' ' && c < 0x7f) {
		s->matched = 1;
		return URI;
	}
	if (c != ' ' || !s->matched)
		return LOST;
	s->matched = 0;
	return VERSION;
}

static int step_version(struct gmg_stream *s, char c, unsigned int *seen)
{
	if (lower(c) != version_word[s->matched])
		return LOST;
	if (version_word[++s->matched])
		return VERSION;
	if (!(s->flags & IS_REGISTER))
		*seen |= GMG_STREAM_SAW_OTHER;
	if (s->flags & IS_SOS) {
		*seen |= GMG_STREAM_SAW_SOS;
		s->flags |= IN_CALL;
	}
	return LINE;
}

/* The first byte of a name, which may stand in a folded line. */
static int step_name_start(struct gmg_stream *s, char c)
{
	if (lower(c) == 'l')
		return NAME_END;
	s->matched = 1;
	return lower(c) == length_word[0] ? NAME : step_text(c);
}

static int step_line(struct gmg_stream *s, char c)
{
	if (c == '\r')
		return END_LF;
	if (is_blank(c)) {
		s->flags |= FOLDED;
		return s->flags & NO_FOLD ? LOST : FOLD;
	}
	s->flags &= ~(FOLDED | NO_FOLD);
	return step_name_start(s, c);
}

/* A line of nothing but blanks: some take it for the end of the header. */
static int step_fold(struct gmg_stream *s, char c)
{
	if (is_blank(c))
		return FOLD;
	return c == '\r' ? LOST : step_name_start(s, c);
}

static int step_name(struct gmg_stream *s, char c)
{
	if (c == '_' && length_word[s->matched] == '-')
		return LOST;
	if (lower(c) != length_word[s->matched])
		return step_text(c);
	return length_word[++s->matched] ? NAME : NAME_END;
}

/* Behind the name of Content-Length: it may yet be a longer one. */
static int step_name_end(const struct gmg_stream *s, char c, bool blanks)
{
	if (is_blank(c))
		return COLON;
	if (c == ':')
		return s->flags & (HAS_LENGTH | FOLDED) ? LOST : LENGTH;
	if (s->flags & FOLDED || (is_token(c) && !blanks))
		return step_text(c);
	return LOST;
}

static int step_length(struct gmg_stream *s, char c)
{
	if (is_digit(c) && s->state != LENGTH_END) {
		if (s->digits == DIGITS_MAX)
			return LOST;
		s->digits++;
		s->left = s->left * 10 + (c - '0');
		return DIGITS;
	}
	if (is_blank(c))
		return s->digits ? LENGTH_END : LENGTH;
	if (c != '\r' || !s->digits)
		return LOST;
	s->flags |= HAS_LENGTH | NO_FOLD;
	return LENGTH_LF;
}

static int step_end(const struct gmg_stream *s, char c, unsigned int *seen)
{
	if (c != '\n' || !(s->flags & HAS_LENGTH))
		return LOST;
	if (s->flags & IS_REGISTER)
		*seen |= GMG_STREAM_SAW_REGISTER;
	return s->left ? BODY : START;
}

static int step(struct gmg_stream *s, enum gmg_stream_mode mode, char c,
		unsigned int *seen)
{
	switch (s->state) {
	case START:
		return step_start(s, mode, c);
	case START_LF:
		return c == '\n' ? START : LOST;
	case WORD:
		return step_word(s, mode, c, seen);
	case METHOD:
		return step_method(s, c);
	case STATUS:
		return step_status(s, c);
	case SOS:
		return step_sos(s, c);
	case SOS_END:
		return step_sos_end(s, c);
	case URI:
		return step_uri(s, c);
	case VERSION:
		return step_version(s, c, seen);
	case TEXT:
		return step_text(c);
	case TEXT_LF:
	case LENGTH_LF:
		return c == '\n' ? LINE : LOST;
	case LINE:
		return step_line(s, c);
	case FOLD:
		return step_fold(s, c);
	case NAME:
		return step_name(s, c);
	case NAME_END:
	case COLON:
		return step_name_end(s, c, s->state == COLON);
	case LENGTH:
	case DIGITS:
	case LENGTH_END:
		return step_length(s, c);
	case END_LF:
		return step_end(s, c, seen);
	default:
		return LOST;
	}
}

/**
 * gmg_stream_init() - begin with a stream
 * @s: the state at its first byte
 */
void gmg_stream_init(struct gmg_stream *s)
{
	memset(s, 0, sizeof(*s));
	s->state = START;
}

/**
 * gmg_stream_in_step() - whether the boundaries of messages are still known
 * @s: the state
 *
 * Context: any, pure.
 * Return: false once something could not be understood.
 */
bool gmg_stream_in_step(const struct gmg_stream *s)
{
	return s->state != LOST;
}

/**
 * gmg_stream_is_between() - whether no message has been begun
 * @s: the state
 *
 * Context: any, pure.
 * Return: true at the beginning, behind a message, and in a CRLF there.
 */
bool gmg_stream_is_between(const struct gmg_stream *s)
{
	return s->state == START || s->state == START_LF;
}

/**
 * gmg_stream_feed() - read on
 * @s: the state, which moves behind the bytes
 * @mode: what may begin in them
 * @data: the bytes
 * @len: how many
 * @seen: set to the bits of enum gmg_stream_seen. A CRLF in front of messages
 *	is none of them, nor is STUN.
 *
 * Context: any, pure.
 * Return: false if the bytes, or some before them, are not allowed.
 */
bool gmg_stream_feed(struct gmg_stream *s, enum gmg_stream_mode mode,
		     const char *data, size_t len, unsigned int *seen)
{
	size_t at = 0;

	*seen = 0;
	while (at < len && s->state != LOST) {
		if (s->state == BODY) {
			size_t n = len - at < s->left ? len - at : s->left;

			at += n;
			s->left -= n;
			if (!s->left)
				s->state = START;
		} else {
			s->state = step(s, mode, data[at++], seen);
		}
	}
	return s->state != LOST || mode == GMG_STREAM_ANY;
}
