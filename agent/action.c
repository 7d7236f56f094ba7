// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * action.c - see action.h
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "action.h"

static const struct {
	int code;
	const char *reason;
} reasons[] = {
	{ 400, "Bad Request" },
	{ 403, "Forbidden" },
	{ 421, "Extension Required" },
	{ 494, "Security Agreement Required" },
	{ 500, "Privacy Function Not Available" },
	{ 503, "Service Unavailable" },
};

/**
 * refuse() - say why a REGISTER is rejected
 * @no: where to say it
 * @code: SIP status code
 * @fmt: printf() format
 *
 * Return: -EACCES.
 */
int refuse(struct refusal *no, int code, const char *fmt, ...)
{
	va_list ap;

	no->code = code;
	no->doom = false;
	va_start(ap, fmt);
	vsnprintf(no->detail, sizeof(no->detail), fmt, ap);
	va_end(ap);
	for (char *p = no->detail; *p; p++) {
		if (*p < ' ' || *p == 0x7f)
			*p = '?';
	}
	return -EACCES;
}

static const char *reason_of(int code)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].code == code)
			return reasons[i].reason;
	}
	return "Rejected";
}

/**
 * action_forward() - let a message pass
 * @set: id of the set that it belongs to, 0 for none
 *
 * Return: the action, to which more members may be added; NULL without
 * memory.
 */
json_t *action_forward(uint32_t set)
{
	return json_pack("{s:s, s:I}", "action", "forward",
			 "set", (json_int_t)set);
}

/**
 * action_reject() - have a message rejected
 * @no: why
 * @security_server: what to agree upon (RFC 3329 2.3.1), NULL: nothing
 *
 * Return: the action; NULL without memory.
 */
json_t *action_reject(const struct refusal *no, const char *security_server)
{
	json_t *headers = json_array();

	if (security_server) {
		json_array_append_new(headers,
				      json_sprintf("Security-Server: %s",
						   security_server));
		json_array_append_new(headers,
				      json_string("Require: sec-agree"));
	}
	return json_pack("{s:s, s:i, s:s, s:o, s:s}", "action", "reject",
			 "code", no->code, "reason", reason_of(no->code),
			 "headers", headers, "detail", no->detail);
}
