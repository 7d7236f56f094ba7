// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * msg.c - see msg.h
 *
 * Unknown members are ignored, so that a proxy may tell more than we need.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "lex.h"
#include "msg.h"

/**
 * addr_of_host() - read an address as SIP writes it
 * @host: an address, IPv6 also in brackets
 * @addr: the address; an IPv4 one that is mapped into IPv6 becomes IPv4
 *
 * Return: 0, or -EINVAL for everything else, for example a name.
 */
int addr_of_host(const char *host, struct gmg_addr *addr)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (gmg_addr_parse(host, addr))
		return -EINVAL;
	if (addr->family == AF_INET6 &&
	    !memcmp(addr->bytes, mapped, sizeof(mapped))) {
		addr->family = AF_INET;
		memmove(addr->bytes, addr->bytes + sizeof(mapped), 4);
		memset(addr->bytes + 4, 0, sizeof(addr->bytes) - 4);
	}
	return 0;
}

static bool bad(struct rpc_fault *fault, const char *name,
		const char *expected)
{
	rpc_fail(fault, RPC_INVALID_PARAMS, "params.%s: expected %s", name,
		 expected);
	return false;
}

/**
 * param_text() - read a text
 * @params: parameters of a call
 * @name: the member
 * @text: its value, "" for null
 * @fault: filled in when it is missing or something else
 *
 * Return: whether it is there.
 */
bool param_text(const json_t *params, const char *name, const char **text,
		struct rpc_fault *fault)
{
	const json_t *value = json_object_get(params, name);

	*text = json_is_null(value) ? "" : json_string_value(value);
	return *text || bad(fault, name, "a string, \"\" if there is none");
}

/**
 * param_number() - read a whole number
 * @params: parameters of a call
 * @name: the member
 * @min: smallest one allowed
 * @max: largest one allowed
 * @number: its value
 * @fault: filled in when it is missing or something else
 *
 * Return: whether it is there.
 */
bool param_number(const json_t *params, const char *name, int64_t min,
		  int64_t max, int64_t *number, struct rpc_fault *fault)
{
	const json_t *value = json_object_get(params, name);

	*number = json_integer_value(value);
	if (json_is_integer(value) && *number >= min && *number <= max)
		return true;
	rpc_fail(fault, RPC_INVALID_PARAMS,
		 "params.%s: expected a whole number from %" PRId64 " to %"
		 PRId64, name, min, max);
	return false;
}

/**
 * param_addr() - read an IP address
 * @params: parameters of a call
 * @name: the member
 * @addr: its value
 * @fault: filled in when it is missing or something else
 *
 * Return: whether it is there.
 */
bool param_addr(const json_t *params, const char *name, struct gmg_addr *addr,
		struct rpc_fault *fault)
{
	const char *text = json_string_value(json_object_get(params, name));

	if (text && !addr_of_host(text, addr))
		return true;
	return bad(fault, name, "an IPv4 or IPv6 address");
}

/**
 * param_port() - read a port
 * @params: parameters of a call
 * @name: the member
 * @port: its value
 * @fault: filled in when it is missing or something else
 *
 * Return: whether it is there.
 */
bool param_port(const json_t *params, const char *name, uint16_t *port,
		struct rpc_fault *fault)
{
	int64_t number;

	if (!param_number(params, name, 1, UINT16_MAX, &number, fault))
		return false;
	*port = number;
	return true;
}

static bool read_transport(const json_t *params, struct rpc_fault *fault)
{
	const char *text = json_string_value(json_object_get(params,
							     "transport"));

	if (text && (!strcasecmp(text, "udp") || !strcasecmp(text, "tcp")))
		return true;
	return bad(fault, "transport", "\"udp\" or \"tcp\"");
}

static bool read_flow(const json_t *params, struct msg *msg,
		      struct rpc_fault *fault)
{
	struct flow *flow = &msg->flow;

	if (!read_transport(params, fault) ||
	    !param_addr(params, "ue_addr", &flow->ue_addr, fault) ||
	    !param_port(params, "ue_port", &flow->ue_port, fault) ||
	    !param_addr(params, "local_addr", &flow->local_addr, fault) ||
	    !param_port(params, "local_port", &flow->local_port, fault))
		return false;
	gmg_addr_format(&flow->ue_addr, msg->ue, sizeof(msg->ue));
	return true;
}

/**
 * msg_read() - read what the proxy tells about a message
 * @params: parameters of a call
 * @scope: how much of it is needed
 * @msg: the message
 * @fault: filled in when something is missing or wrong
 *
 * Return: whether all that is needed is there.
 */
bool msg_read(const json_t *params, enum msg_scope scope, struct msg *msg,
	      struct rpc_fault *fault)
{
	const struct {
		const char *name;
		const char **text;
	} texts[] = {
		{ "call_id", &msg->call_id },
		{ "impi", &msg->impi },
		{ "impu", &msg->impu },
		{ "contact", &msg->contact },
		{ "via_addr", &msg->via_addr },
		{ "security_client", &msg->security_client },
		{ "security_verify", &msg->security_verify },
		{ "require", &msg->require },
		{ "proxy_require", &msg->proxy_require },
		{ "supported", &msg->supported },
		{ "authorization", &msg->authorization },
	};

	memset(msg, 0, sizeof(*msg));
	if (!read_flow(params, msg, fault))
		return false;
	if (scope == MSG_FLOW)
		return true;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (!param_text(params, texts[i].name, texts[i].text, fault))
			return false;
	}
	return param_number(params, "cseq", 0, UINT32_MAX, &msg->cseq, fault);
}

/**
 * msg_wants_agreement() - does the UE know security agreement?
 * @msg: a REGISTER
 *
 * Return: whether it has the option tag sec-agree (RFC 3329 2.3.1).
 */
bool msg_wants_agreement(const struct msg *msg)
{
	return list_has(msg->require, "sec-agree") ||
	       list_has(msg->proxy_require, "sec-agree") ||
	       list_has(msg->supported, "sec-agree");
}
