// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * border.c - method "privacy": what becomes of a message that crosses the
 * border to another network
 */
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "msg.h"
#include "peer.h"
#include "privacy.h"

/**
 * struct side - one side of the border
 * @given: the proxy told about it
 * @peer: whose network that is
 * @why: how that is known
 */
struct side {
	bool given;
	enum peer_class peer;
	const char *why;
};

static bool read_optional(const json_t *object, const char *side,
			  const char *name, const char **text,
			  struct rpc_fault *fault)
{
	const json_t *value = json_object_get(object, name);

	*text = json_string_value(value);
	if (*text && !**text)
		*text = NULL;
	if (!value || json_is_null(value) || json_is_string(value))
		return true;
	rpc_fail(fault, RPC_INVALID_PARAMS,
		 "params.%s.%s: expected a string", side, name);
	return false;
}

static bool read_side(const struct agent *agent, const json_t *params,
		      const char *name, struct side *side,
		      struct rpc_fault *fault)
{
	const json_t *object = json_object_get(params, name);
	struct peer_facts facts = { 0 };

	side->given = object && !json_is_null(object);
	if (!side->given)
		return true;
	if (!json_is_object(object)) {
		rpc_fail(fault, RPC_INVALID_PARAMS,
			 "params.%s: expected an object", name);
		return false;
	}
	if (!read_optional(object, name, "peer", &facts.name, fault) ||
	    !read_optional(object, name, "class", &facts.class_name, fault) ||
	    !read_optional(object, name, "addr", &facts.addr, fault) ||
	    !read_optional(object, name, "domain", &facts.domain, fault))
		return false;
	facts.protected = json_is_true(json_object_get(object, "protected"));
	side->peer = peer_resolve(agent->conf, &facts, &side->why);
	return true;
}

static bool read_services(const json_t *params, struct privacy_msg *msg,
			  struct rpc_fault *fault)
{
	const json_t *list = json_object_get(params, "services"), *item;
	size_t i;

	if (list && !json_is_null(list) && !json_is_array(list))
		goto bad;
	json_array_foreach(list, i, item) {
		const char *name = json_string_value(item);

		if (name && !strcmp(name, "header"))
			msg->services |= PRIVACY_HEADER;
		else if (name && !strcmp(name, "session"))
			msg->services |= PRIVACY_SESSION;
		else
			goto bad;
	}
	return true;
bad:
	rpc_fail(fault, RPC_INVALID_PARAMS,
		 "params.services: expected an array of \"header\" and \"session\"");
	return false;
}

static bool read_message(const json_t *params, struct privacy_msg *msg,
			 struct rpc_fault *fault)
{
	const char *kind, *headers, *wrong;

	if (!param_text(params, "message", &kind, fault) ||
	    !param_text(params, "headers", &headers, fault) ||
	    !read_services(params, msg, fault))
		return false;
	msg->request = !strcmp(kind, "request");
	if (!msg->request && strcmp(kind, "response")) {
		rpc_fail(fault, RPC_INVALID_PARAMS,
			 "params.message: expected \"request\" or \"response\"");
		return false;
	}
	msg->uri = "";
	if (msg->request &&
	    !param_text(params, "request_uri", &msg->uri, fault))
		return false;
	wrong = fields_parse(headers, &msg->fields);
	if (wrong)
		refuse(&msg->no, 400, "%s", wrong);
	return true;
}

/* Are all header fields of this name left as they are? */
static bool is_untouched(const struct fields *fields, struct str full)
{
	for (unsigned int i = 0; i < fields->n; i++) {
		const struct field *field = &fields->field[i];

		if (field->fate != FIELD_KEPT && field->full.len == full.len &&
		    !strncasecmp(field->full.p, full.p, full.len))
			return false;
	}
	return true;
}

/* All spellings: a proxy need not know that "f" is From. */
static void list_name(json_t *names, struct str name)
{
	json_t *known;
	size_t i;

	json_array_foreach(names, i, known) {
		struct str other = { json_string_value(known),
				     json_string_length(known) };

		if (other.len == name.len &&
		    !strncasecmp(other.p, name.p, name.len))
			return;
	}
	json_array_append_new(names, json_stringn(name.p, name.len));
}

static void append_line(json_t *lines, const struct field *field)
{
	char *value = field_unfold(field->value);

	json_array_append_new(lines, json_sprintf("%.*s: %s",
						  (int)field->full.len,
						  field->full.p,
						  value ? value : ""));
	free(value);
}

static json_t *describe(const struct field *field)
{
	static const char *const fates[] = {
		[FIELD_KEPT] = "keep",
		[FIELD_CHANGED] = "change",
		[FIELD_REMOVED] = "remove",
	};

	return json_pack("{s:s%, s:s, s:s}", "name", field->full.p,
			 field->full.len, "do", fates[field->fate],
			 "why", field->why ? field->why : "");
}

static json_t *list_services(uint32_t services)
{
	json_t *list = json_array();

	if (services & PRIVACY_HEADER)
		json_array_append_new(list, json_string("header"));
	if (services & PRIVACY_SESSION)
		json_array_append_new(list, json_string("session"));
	return list;
}

/* Names of which all go, lines that come in their place. */
static json_t *answer(const struct privacy_msg *msg, const struct side *from,
		      const struct side *to)
{
	json_t *names = json_array(), *lines = json_array();
	json_t *fields = json_array(), *result;

	for (unsigned int i = 0; i < msg->fields.n; i++) {
		const struct field *field = &msg->fields.field[i];

		if (field->judged)
			json_array_append_new(fields, describe(field));
		if (is_untouched(&msg->fields, field->full))
			continue;
		list_name(names, field->name);
		if (field->fate != FIELD_REMOVED)
			append_line(lines, field);
	}
	result = json_pack("{s:s, s:o, s:o, s:o, s:o}", "action", "forward",
			   "remove", names, "append", lines,
			   "serve", list_services(msg->serve),
			   "fields", fields);
	if (msg->new_uri)
		json_object_set_new(result, "request_uri",
				    json_string(msg->new_uri));
	if (from->given)
		json_object_set_new(result, "from",
				    json_string(peer_class_name(from->peer)));
	if (to->given)
		json_object_set_new(result, "to",
				    json_string(peer_class_name(to->peer)));
	return result;
}

static json_t *decide(struct agent *agent, struct privacy_msg *msg,
		      const struct side *from, const struct side *to,
		      struct rpc_fault *fault)
{
	const struct privacy_policy *policy = &agent->conf->privacy;
	bool memory = true;

	if (!msg->no.code && from->given)
		memory = !privacy_cross(policy, msg, PRIVACY_FROM, from->peer);
	if (memory && !msg->no.code && to->given)
		memory = !privacy_cross(policy, msg, PRIVACY_TO, to->peer);
	if (!memory)
		return rpc_fail(fault, RPC_INTERNAL_ERROR, "out of memory");
	if (!msg->no.code)
		return answer(msg, from, to);
	log_notice("privacy: %d: %s", msg->no.code, msg->no.detail);
	return action_reject(&msg->no, NULL);
}

/**
 * method_privacy() - decide what becomes of a message at the border
 * @ctx: the agent
 * @params: the message, and what the proxy knows of both sides
 * @fault: filled in when it fails
 *
 * Needs no kernel module.
 *
 * Return: what to remove, to change or to keep; NULL.
 */
json_t *method_privacy(void *ctx, const json_t *params,
		       struct rpc_fault *fault)
{
	struct side from = { 0 }, to = { 0 };
	struct privacy_msg *msg = calloc(1, sizeof(*msg));
	struct agent *agent = ctx;
	json_t *result = NULL;

	if (!msg)
		return rpc_fail(fault, RPC_INTERNAL_ERROR, "out of memory");
	if (!read_side(agent, params, "from", &from, fault) ||
	    !read_side(agent, params, "to", &to, fault) ||
	    !read_message(params, msg, fault))
		goto out;
	if (from.given || to.given)
		result = decide(agent, msg, &from, &to, fault);
	else
		rpc_fail(fault, RPC_INVALID_PARAMS,
			 "params.from, params.to: expected an object in one of them at least");
out:
	privacy_clear(msg);
	free(msg);
	return result;
}
