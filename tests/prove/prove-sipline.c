// SPDX-License-Identifier: GPL-2.0-only
/*
 * kmod/sipline.c: whatever a datagram holds, no byte beside it is read, every
 * loop ends and what is found lies inside.
 */
#include "../../kmod/sipline.c"

#include "prove.h"

/* Does a value lie in its line? */
static bool fits(const char *line, size_t len, const char *value,
		 size_t value_len)
{
	return value >= line && value_len <= len &&
	       (size_t)(value - line) <= len - value_len;
}

/* What prove_header_value() says of header_value(), and no more. */
const char *any_header_value(const char *line, size_t len, const char *name,
			     const char *compact, size_t *value_len)
{
	size_t at = nondet_size(), n = nondet_size();

	CLAIM(__CPROVER_r_ok(line, len));
	if (nondet_bool())
		return NULL;
	ASSUME(at <= len && n <= len - at);
	*value_len = n;
	return line + at;
}

/* The same for prove_parse_cseq(). */
bool any_parse_cseq(const char *value, size_t len, struct gmg_sip *sip)
{
	CLAIM(__CPROVER_r_ok(value, len));
	CLAIM(__CPROVER_w_ok(sip, sizeof(*sip)));
	if (nondet_bool())
		return false;
	sip->cseq = nondet_u32();
	sip->cseq_register = nondet_bool();
	return true;
}

void prove_header_value(void)
{
	size_t len, value_len;
	const char *line = any_bytes(&len);
	const char *value;

	value = nondet_bool() ?
		header_value(line, len, "call-id", "i", &value_len) :
		header_value(line, len, "cseq", NULL, &value_len);
	CLAIM(!value || fits(line, len, value, value_len));
}

void prove_parse_cseq(void)
{
	size_t len;
	const char *value = any_bytes(&len);
	struct gmg_sip sip = { 0 };

	parse_cseq(value, len, &sip);
	CLAIM(!sip.call_id && !sip.call_id_len);
}

/* No Call-ID, or one inside the datagram. */
static bool is_inside(const char *data, size_t len, const struct gmg_sip *sip)
{
	return !sip->call_id ||
	       fits(data, len, sip->call_id, sip->call_id_len);
}

/* A Call-ID anywhere inside, or none. */
static void any_sip(const char *data, size_t len, struct gmg_sip *sip)
{
	size_t at = nondet_size(), n = nondet_size();

	ASSUME(at <= len && n <= len - at);
	sip->call_id = nondet_bool() ? data + at : NULL;
	sip->call_id_len = n;
	sip->cseq = nondet_u32();
	sip->cseq_register = nondet_bool();
}

/* What prove_scan_line() says of scan_line(). */
size_t any_scan_line(const char *data, size_t len, size_t at,
		     struct gmg_sip *sip, bool *have_cseq)
{
	size_t next = nondet_size();

	CLAIM(__CPROVER_r_ok(data, len) && at < len);
	CLAIM(is_inside(data, len, sip));
	any_sip(data, len, sip);
	*have_cseq = nondet_bool();
	ASSUME(next > at && next <= len);
	return next;
}

/* One step of the only loop over lines: so they may be any number. */
void prove_scan_line(void)
{
	size_t len, at = nondet_size(), next;
	const char *data = any_bytes(&len);
	bool have_cseq = nondet_bool();
	struct gmg_sip sip;

	ASSUME(at < len);
	any_sip(data, len, &sip);
	next = scan_line(data, len, at, &sip, &have_cseq);
	CLAIM(next > at && next <= len);
	CLAIM(is_inside(data, len, &sip));
}

void prove_sip_scan(void)
{
	size_t len;
	const char *data = any_bytes(&len);
	struct gmg_sip sip;

	CLAIM(!gmg_sip_scan(data, len, &sip) || sip.call_id);
	CLAIM(is_inside(data, len, &sip));
}

void prove_sip_register_response(void)
{
	size_t len;
	const char *data = any_bytes(&len);
	struct gmg_sip sip;

	if (gmg_sip_is_register_response(data, len, &sip)) {
		CLAIM(sip.cseq_register && sip.call_id);
		CLAIM(is_inside(data, len, &sip));
	}
}

void prove_sip_kind(void)
{
	size_t len;
	const char *data = any_bytes(&len);

	CLAIM(gmg_sip_kind(data, len) <= GMG_SIP_RESPONSE);
}

void prove_sip_clear(void)
{
	size_t len;
	const char *data = any_bytes(&len);
	enum gmg_sip_clear clear = gmg_sip_clear(data, len);

	CLAIM(clear <= GMG_SIP_CLEAR_JUNK);
	/* GM-02: what may come in clear begins as such, CRLF aside */
	CLAIM(clear != GMG_SIP_CLEAR_REGISTER || data[0] == 'R' ||
	      (data[0] == '\r' && data[1] == '\n'));
	CLAIM(clear != GMG_SIP_CLEAR_SOS || data[0] == 'I' ||
	      (data[0] == '\r' && data[1] == '\n'));
}
