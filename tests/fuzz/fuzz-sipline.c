// SPDX-License-Identifier: GPL-2.0-only
/*
 * kmod/sipline.c against an oracle that cuts a datagram into lines first, and
 * with every byte behind the end out of bounds.
 *
 * Input: a datagram.
 */
#include <ctype.h>

#include "fuzz.h"
#include "sipline.h"

/**
 * struct line - a line without its end
 * @p: first byte
 * @len: bytes
 * @whole: a line feed ends it
 */
struct line {
	const char *p;
	size_t len;
	bool whole;
};

static bool next_line(const char **at, const char *end, struct line *line)
{
	if (*at == end)
		return false;
	line->p = *at;
	while (*at < end && **at != '\n')
		++*at;
	line->len = *at - line->p;
	line->whole = *at < end;
	*at += line->whole;
	return true;
}

static bool is_word(const char *p, size_t len, const char *word)
{
	return len == strlen(word) && !strncasecmp(p, word, len);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static enum gmg_sip_kind expect_kind(const char *data, size_t len)
{
	static const char marks[] = "-.!%*_+`'~";
	const char *at = data;
	struct line line = { NULL, 0, false };
	size_t method = 0;

	if (!next_line(&at, data + len, &line) || !line.whole)
		return GMG_SIP_NONE;
	if (line.len >= 8 && is_word(line.p, 8, "SIP/2.0 "))
		return GMG_SIP_RESPONSE;
	if (line.len && line.p[line.len - 1] == '\r')
		line.len--;
	for (; method < line.len && line.p[method] != ' '; method++) {
		char c = line.p[method];

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') &&
		    !(c >= 'A' && c <= 'Z') &&
		    !memchr(marks, c, sizeof(marks) - 1))
			return GMG_SIP_NONE;
	}
	/* METHOD " " URI " SIP/2.0", the URI of one byte at least */
	if (!method || line.len < method + 10 ||
	    !is_word(line.p + line.len - 8, 8, " SIP/2.0"))
		return GMG_SIP_NONE;
	return method == 8 && !memcmp(line.p, "REGISTER", 8) ?
	       GMG_SIP_REGISTER : GMG_SIP_REQUEST;
}

/* Name and value of a header line. */
static bool cut(struct line line, struct line *name, struct line *value)
{
	const char *colon = memchr(line.p, ':', line.len);

	if (!colon)
		return false;
	name->p = line.p;
	name->len = colon - line.p;
	while (name->len && is_blank(name->p[name->len - 1]))
		name->len--;
	value->p = colon + 1;
	value->len = line.p + line.len - value->p;
	while (value->len && is_blank(*value->p)) {
		value->p++;
		value->len--;
	}
	while (value->len && (is_blank(value->p[value->len - 1]) ||
			      value->p[value->len - 1] == '\r'))
		value->len--;
	return true;
}

static bool expect_cseq(struct line v, struct gmg_sip *sip)
{
	unsigned long long number = 0;
	size_t digits = 0, i;

	while (digits < v.len && v.p[digits] >= '0' && v.p[digits] <= '9')
		digits++;
	if (!digits || digits > 10 || digits == v.len ||
	    !is_blank(v.p[digits]))
		return false;
	for (i = 0; i < digits; i++)
		number = 10 * number + v.p[i] - '0';
	while (i < v.len && is_blank(v.p[i]))
		i++;
	sip->cseq = number;
	sip->cseq_register = v.len - i == 8 && !memcmp(v.p + i, "REGISTER", 8);
	return number <= 0xffffffffULL;
}

static bool expect_scan(const char *data, size_t len, struct gmg_sip *sip)
{
	struct line line, name, value;
	bool have_cseq = false;
	const char *at = data;

	memset(sip, 0, sizeof(*sip));
	if (!next_line(&at, data + len, &line))
		return false;
	while (next_line(&at, data + len, &line)) {
		if (!line.len || (line.len == 1 && *line.p == '\r'))
			break;
		if (!cut(line, &name, &value))
			continue;
		if (!sip->call_id && (is_word(name.p, name.len, "call-id") ||
				      is_word(name.p, name.len, "i"))) {
			sip->call_id = value.p;
			sip->call_id_len = value.len;
		}
		if (!have_cseq && is_word(name.p, name.len, "cseq"))
			have_cseq = expect_cseq(value, sip);
	}
	return have_cseq && sip->call_id;
}

static bool is_crlf(const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (data[i] != "\r\n"[i % 2])
			return false;
	return !(len % 2);
}

/* Behind CRLF, one line that every reader takes for the same. */
static void check_clear(const char *data, size_t len)
{
	enum gmg_sip_clear clear = gmg_sip_clear(data, len);
	const char *at = data, *end;

	if (clear == GMG_SIP_CLEAR_ALIVE) {
		CHECK(len <= 64 && is_crlf(data, len));
		return;
	}
	if (clear == GMG_SIP_CLEAR_STUN) {
		CHECK(len >= 20 && !memcmp(data, "\0\1", 2) &&
		      !memcmp(data + 4, "\x21\x12\xa4\x42", 4));
		return;
	}
	if (clear == GMG_SIP_CLEAR_JUNK)
		return;
	while (data + len - at >= 2 && !memcmp(at, "\r\n", 2))
		at += 2;
	end = memchr(at, '\n', data + len - at);
	CHECK(end && end > at && end[-1] == '\r');
	for (const char *p = at; p < end - 1; p++)
		CHECK((uint8_t)*p >= ' ' && *p != 0x7f);
	switch (expect_kind(at, data + len - at)) {
	case GMG_SIP_REGISTER:
		CHECK(clear == GMG_SIP_CLEAR_REGISTER);
		break;
	case GMG_SIP_RESPONSE:
		CHECK((clear == GMG_SIP_CLEAR_ERROR) ==
		      (end - at > 12 && strchr("456", at[8]) &&
		       isdigit((uint8_t)at[9]) && isdigit((uint8_t)at[10]) &&
		       at[11] == ' '));
		break;
	case GMG_SIP_REQUEST:
		CHECK((clear == GMG_SIP_CLEAR_SOS) ==
		      (end - at > 30 && !memcmp(at, "INVITE ", 7) &&
		       !strncasecmp(at + 7, "urn:service:sos", 15) &&
		       strchr(" .;", at[22])));
		break;
	default:
		CHECK(false);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = copy_bytes(data, size);
	struct gmg_sip got, want;
	bool found;

	CHECK(gmg_sip_kind(copy, size) == expect_kind(copy, size));
	found = gmg_sip_is_register_response(copy, size, &got);
	CHECK(found == (expect_kind(copy, size) == GMG_SIP_RESPONSE &&
			expect_scan(copy, size, &want) && want.cseq_register));
	found = gmg_sip_scan(copy, size, &got);
	CHECK(found == expect_scan(copy, size, &want));
	if (found) {
		CHECK(got.call_id_len == want.call_id_len);
		CHECK(!memcmp(got.call_id, want.call_id, want.call_id_len));
		CHECK(got.cseq == want.cseq);
		CHECK(got.cseq_register == want.cseq_register);
	}
	check_clear(copy, size);
	free(copy);
	return 0;
}
