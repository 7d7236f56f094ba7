// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * reg.c - see reg.h
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "reg.h"
#include "uris.h"

/**
 * reg_log() - say something about a REGISTER
 * @reg: the REGISTER
 * @level: LOG_ERR to LOG_DEBUG
 * @fmt: printf() format
 */
void reg_log(const struct reg *reg, int level, const char *fmt, ...)
{
	struct log_about about = {
		.method = reg->method,
		.impi = reg->impi,
		.ue = reg->msg.ue,
		.call_id = reg->msg.call_id,
		.set = reg->set.id,
	};
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_about(level, &about, "%s", text);
}

static bool has_port(const uint16_t *port, unsigned int n, uint16_t wanted)
{
	while (n--) {
		if (port[n] == wanted)
			return true;
	}
	return false;
}

static bool is_protected(const struct gmg_endpoint *ep, uint16_t port)
{
	return has_port(ep->port_ps, ep->n_port_ps, port) ||
	       has_port(ep->port_pc, ep->n_port_pc, port);
}

/* The private identity, "" if there is none that the kernel could take. */
static void find_impi(struct reg *reg)
{
	if (!*reg->msg.impi)
		uri_to_identity(reg->msg.impu, reg->impi, sizeof(reg->impi));
	else if (strlen(reg->msg.impi) < sizeof(reg->impi))
		strcpy(reg->impi, reg->msg.impi);
}

/* 0, -ENOENT when no live set has the REGISTER's flow, or another error. */
static int find_set(struct agent *agent, struct reg *reg)
{
	const struct flow *flow = &reg->msg.flow;
	struct mirror_set *ms;
	int ret;

	reg->ep = mirror_endpoint(&agent->mirror, &flow->local_addr);
	if (!reg->ep) {
		ret = mirror_drain(&agent->mirror);
		if (ret)
			return ret;
		reg->ep = mirror_endpoint(&agent->mirror, &flow->local_addr);
	}
	if (!reg->ep || !is_protected(reg->ep, flow->local_port))
		return 0;
	ret = mirror_get_flow(&agent->mirror, flow, &reg->set);
	/* waiting events may have moved the endpoints */
	reg->ep = mirror_endpoint(&agent->mirror, &flow->local_addr);
	if (ret)
		return ret;
	reg->has_memo = !memo_decode(&reg->set, &reg->memo);
	ms = mirror_find(&agent->mirror, reg->set.id);
	reg->doomed = ms && ms->doomed;
	return 0;
}

/* Whose registration is it? What Contact does not say, the set does. */
static void find_registration(struct reg *reg)
{
	const struct msg *msg = &reg->msg;

	contact_read(msg->contact, &reg->contact);
	reg->emergency = reg->contact.emergency;
	if (reg->set.id && (reg->contact.none || reg->contact.all)) {
		reg->emergency = reg->set.emergency;
		if (reg->set.group)
			reg->contact.label = reg->set.group;
	}
	reg->scheme = scheme_of_register(msg->security_client,
					 msg->authorization);
}

/**
 * reg_open() - read what the proxy tells, and find the set
 * @agent: the agent
 * @reg: the REGISTER, for reg_close() whatever happens
 * @method: name of the proxy's call
 * @params: parameters of the call
 * @ok: whether to go on
 * @fault: filled in when @ok is false and NULL is returned
 *
 * Return: NULL; or the rejection of a REGISTER that came to a protected port
 * without a set, and then @ok is false.
 */
json_t *reg_open(struct agent *agent, struct reg *reg, const char *method,
		 const json_t *params, bool *ok, struct rpc_fault *fault)
{
	struct refusal no;
	int ret;

	*ok = false;
	memset(reg, 0, sizeof(*reg));
	reg->method = method;
	if (!msg_read(params, MSG_REGISTER, &reg->msg, fault))
		return NULL;
	find_impi(reg);
	if (!agent_check(agent))
		return agent_kernel_fault(agent, fault);
	ret = find_set(agent, reg);
	if (ret == -ENOENT) {
		refuse(&no, 403, "no live SA set has these addresses and ports: it expired, or it failed");
		return reg_reject(agent, reg, &no);
	}
	if (ret)
		return agent_kernel_fault(agent, fault);
	find_registration(reg);
	*ok = true;
	return NULL;
}

/**
 * reg_close() - give back what reg_open() took
 * @reg: the REGISTER
 */
void reg_close(struct reg *reg)
{
	memo_clear(&reg->memo);
	gmg_saset_clear(&reg->set);
}

/**
 * reg_reject() - have a REGISTER rejected
 * @agent: the agent
 * @reg: the REGISTER
 * @no: why
 *
 * Return: the action for the proxy.
 */
json_t *reg_reject(struct agent *agent, struct reg *reg,
		   const struct refusal *no)
{
	bool agreement = no->code == 421 || no->code == 494;
	char server[SEC_SERVER_MAX];

	reg_log(reg, LOG_NOTICE, "rejected with %d: %s", no->code,
		no->detail);
	tally_refused(&agent->tally, no->code);
	if (no->doom && reg->set.id)
		reaper_doom(&agent->reaper, reg->set.id,
			    agent->conf->failed_ms);
	if (reg->has_memo && reg->set.phase == GMGUARD_PHASE_TEMPORARY)
		reg_server(&reg->memo.server, &reg->set, server);
	else
		sec_server_write(&agent->conf->prefs, NULL, server);
	return action_reject(no, agreement ? server : NULL);
}
