// SPDX-License-Identifier: GPL-2.0-only
/*
 * Start line and two header fields of a SIP message in one datagram. Every
 * loop is bounded by the length that it was given; nothing is written but the
 * result, and no byte beyond the end is read.
 */
#include "sipline.h"

#ifdef __KERNEL__
#include <linux/string.h>
#else
#include <string.h>
#endif

static bool is_token(char c)
{
	if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9'))
		return true;
	switch (c) {
	case '-': case '.': case '!': case '%': case '*': case '_':
	case '+': case '`': case '\'': case '~':
		return true;
	default:
		return false;
	}
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/* Whether @data begins with @word, letters in either case; @word is lower. */
static bool begins(const char *data, size_t len, const char *word)
{
	size_t n = strlen(word);
	size_t i;

	if (len < n)
		return false;
	for (i = 0; i < n; i++)
		if (lower(data[i]) != word[i])
			return false;
	return true;
}

/* Length of the line at @data without its LF; @len if there is none. */
static size_t line_len(const char *data, size_t len)
{
	const char *lf = memchr(data, '\n', len);

	return lf ? (size_t)(lf - data) : len;
}

/**
 * gmg_sip_kind() - classify a datagram by its start line
 * @data: the datagram's payload
 * @len: its length in bytes; may be cut off behind the start line
 *
 * Methods are case-sensitive (RFC 3261 7.1), so "register" is another method.
 *
 * Context: any, pure.
 * Return: what it is.
 */
enum gmg_sip_kind gmg_sip_kind(const char *data, size_t len)
{
	size_t end = line_len(data, len);
	size_t method = 0;

	if (end == len)
		return GMG_SIP_NONE;
	if (begins(data, end, "sip/2.0 "))
		return GMG_SIP_RESPONSE;
	while (method < end && is_token(data[method]))
		method++;
	if (!method || method == end || data[method] != ' ')
		return GMG_SIP_NONE;
	if (data[end - 1] == '\r')
		end--;
	if (end - method < sizeof(" x SIP/2.0") - 1 ||
	    !begins(data + end - 8, 8, " sip/2.0"))
		return GMG_SIP_NONE;
	if (method == 8 && !memcmp(data, "REGISTER", 8))
		return GMG_SIP_REGISTER;
	return GMG_SIP_REQUEST;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "SIP/2.0 4xx " to 6xx; the line begins with "SIP/2.0 ". */
static bool is_error(const char *line, size_t len)
{
	return len > 11 && line[8] >= '4' && line[8] <= '6' &&
	       is_digit(line[9]) && is_digit(line[10]) && line[11] == ' ';
}

/* A request line to urn:service:sos or to a service below it (RFC 5031). */
static bool is_sos(const char *line, size_t len)
{
	static const char sos[] = "urn:service:sos";
	const size_t uri = sizeof("INVITE ") - 1;
	const size_t end = uri + sizeof(sos) - 1;

	if (len <= end || memcmp(line, "INVITE ", uri) ||
	    !begins(line + uri, len - uri, sos))
		return false;
	return line[end] == ' ' || line[end] == '.' || line[end] == ';';
}

static size_t read16(const char *data)
{
	return (size_t)(unsigned char)data[0] << 8 | (unsigned char)data[1];
}

/*
 * A STUN Binding request: attributes up to its end, which is that of the
 * datagram (RFC 8489 5, 14).
 */
static bool is_stun(const char *data, size_t len)
{
	static const char binding[2] = { 0, 1 };
	static const char cookie[4] = { 0x21, 0x12, (char)0xa4, 0x42 };
	size_t at = 20;

	if (len < at || memcmp(data, binding, sizeof(binding)) ||
	    memcmp(data + 4, cookie, sizeof(cookie)) ||
	    read16(data + 2) != len - at)
		return false;
	while (len - at >= 4) {
		size_t attr = 4 + ((read16(data + at + 2) + 3) & ~(size_t)3);

		if (attr > len - at)
			return false;
		at += attr;
	}
	return at == len;
}

/*
 * Whether a start line is one for every reader: it ends with CRLF, and holds
 * no control character, at which some readers stop.
 */
static bool is_plain(const char *data, size_t len)
{
	size_t end = line_len(data, len);
	size_t i;

	if (end == len || !end || data[end - 1] != '\r')
		return false;
	for (i = 0; i < end - 1; i++)
		if ((unsigned char)data[i] < ' ' || data[i] == 0x7f)
			return false;
	return true;
}

/**
 * gmg_sip_clear() - what a datagram in clear is to an unprotected port
 * @data: the datagram's payload
 * @len: its length in bytes; may be cut off behind the start line
 *
 * CRLF in front of a message is skipped (RFC 3261 7.5).
 *
 * Context: any, pure.
 * Return: what it is.
 */
enum gmg_sip_clear gmg_sip_clear(const char *data, size_t len)
{
	bool small = len <= GMG_SIP_ALIVE_MAX;

	if (is_stun(data, len))
		return GMG_SIP_CLEAR_STUN;
	while (len > 1 && data[0] == '\r' && data[1] == '\n') {
		data += 2;
		len -= 2;
	}
	if (!len)
		return small ? GMG_SIP_CLEAR_ALIVE : GMG_SIP_CLEAR_JUNK;
	if (!is_plain(data, len))
		return GMG_SIP_CLEAR_JUNK;
	switch (gmg_sip_kind(data, len)) {
	case GMG_SIP_REGISTER:
		return GMG_SIP_CLEAR_REGISTER;
	case GMG_SIP_RESPONSE:
		return is_error(data, line_len(data, len)) ?
		       GMG_SIP_CLEAR_ERROR : GMG_SIP_CLEAR_SIP;
	case GMG_SIP_REQUEST:
		return is_sos(data, line_len(data, len)) ?
		       GMG_SIP_CLEAR_SOS : GMG_SIP_CLEAR_SIP;
	default:
		return GMG_SIP_CLEAR_JUNK;
	}
}

/* The value of a header line whose name is @name or @compact, or NULL. */
static const char *header_value(const char *line, size_t len, const char *name,
				const char *compact, size_t *value_len)
{
	size_t n;

	if (begins(line, len, name))
		n = strlen(name);
	else if (compact && begins(line, len, compact))
		n = strlen(compact);
	else
		return NULL;
	while (n < len && is_blank(line[n]))
		n++;
	if (n == len || line[n] != ':')
		return NULL;
	n++;
	while (n < len && is_blank(line[n]))
		n++;
	while (len > n && (is_blank(line[len - 1]) || line[len - 1] == '\r'))
		len--;
	*value_len = len - n;
	return line + n;
}

static bool parse_cseq(const char *value, size_t len, struct gmg_sip *sip)
{
	__u64 number = 0;
	size_t i = 0;

	while (i < len && i < 10 && is_digit(value[i]))
		number = number * 10 + (value[i++] - '0');
	if (!i || i == len || !is_blank(value[i]) || number > 0xffffffffULL)
		return false;
	while (i < len && is_blank(value[i]))
		i++;
	sip->cseq = number;
	sip->cseq_register = len - i == 8 && !memcmp(value + i, "REGISTER", 8);
	return true;
}

/*
 * Reads the line behind the LF at @at. Where the LF is that ends it, @len if
 * there is none or the header has ended: in any case further on.
 */
static size_t scan_line(const char *data, size_t len, size_t at,
			struct gmg_sip *sip, bool *have_cseq)
{
	const char *line = data + ++at;
	size_t n = line_len(line, len - at);
	const char *value;
	size_t value_len;

	if (!n || (n == 1 && line[0] == '\r'))
		return len;
	value = header_value(line, n, "call-id", "i", &value_len);
	if (value && !sip->call_id) {
		sip->call_id = value;
		sip->call_id_len = value_len;
	}
	value = header_value(line, n, "cseq", NULL, &value_len);
	if (value && !*have_cseq)
		*have_cseq = parse_cseq(value, value_len, sip);
	return at + n;
}

/**
 * gmg_sip_scan() - find what names the transaction of a message
 * @data: the datagram's payload
 * @len: its length in bytes
 * @sip: filled in; points into @data
 *
 * Context: any, pure.
 * Return: true if both Call-ID and CSeq were found in the header.
 */
bool gmg_sip_scan(const char *data, size_t len, struct gmg_sip *sip)
{
	bool have_cseq = false;
	size_t at = line_len(data, len);

	memset(sip, 0, sizeof(*sip));
	while (at < len)
		at = scan_line(data, len, at, sip, &have_cseq);
	return have_cseq && sip->call_id;
}

/**
 * gmg_sip_is_register_response() - whether a datagram answers a REGISTER
 * @data: the datagram's payload
 * @len: its length in bytes
 * @sip: filled in if it does
 *
 * Context: any, pure.
 * Return: true if it does.
 */
bool gmg_sip_is_register_response(const char *data, size_t len,
				  struct gmg_sip *sip)
{
	return gmg_sip_kind(data, len) == GMG_SIP_RESPONSE &&
	       gmg_sip_scan(data, len, sip) && sip->cseq_register;
}
