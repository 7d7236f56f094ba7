// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fake-kernel.c - see fake-kernel.h
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake-kernel.h"

#define EVENTS	256

struct fake fake = { .loaded = true };

static struct gmg_event queue[EVENTS];
static unsigned int queued;
static int wake[2] = { -1, -1 };
static uint32_t next_id;
static uint32_t next_spi = 0x10000;

static int fail(struct gmg_kernel *k, int error, const char *text)
{
	snprintf(k->err, sizeof(k->err), "%s", text);
	return error;
}

static int gone(struct gmg_kernel *k)
{
	return fail(k, -ENOENT, "family not found");
}

static void tell(uint32_t event, const struct gmg_saset *set)
{
	struct gmg_event *ev = &queue[queued];

	if (queued == EVENTS) {
		/* nobody reads them: as in a socket that is full */
		fake.lose_events = true;
		return;
	}
	memset(ev, 0, sizeof(*ev));
	ev->kind = GMG_EVENT_SASET;
	ev->event = event;
	ev->saset = *set;
	ev->saset.agent_data = NULL;
	ev->saset.agent_data_len = 0;
	queued++;
	if (wake[1] >= 0 && write(wake[1], "", 1) != 1)
		abort();
}

static void forget(struct gmg_saset *set)
{
	free((void *)set->agent_data);
	memset(set, 0, sizeof(*set));
}

void fake_reset(void)
{
	for (int i = 0; i < FAKE_SETS; i++)
		forget(&fake.set[i]);
	ruleset_clear(&fake.rules);
	memset(&fake, 0, sizeof(fake));
	fake.loaded = true;
	queued = 0;
}

/* rmmod: its last word is that it goes. */
void fake_unload(void)
{
	int out = wake[1];

	fake_reset();
	fake.loaded = false;
	fake.farewell = true;
	if (out >= 0 && write(out, "", 1) != 1)
		abort();
}

struct gmg_saset *fake_set(uint32_t id)
{
	for (int i = 0; id && i < FAKE_SETS; i++) {
		if (fake.set[i].id == id)
			return &fake.set[i];
	}
	return NULL;
}

unsigned int fake_count(void)
{
	unsigned int n = 0;

	for (int i = 0; i < FAKE_SETS; i++)
		n += !!fake.set[i].id;
	return n;
}

int kernel_open(struct gmg_kernel *k)
{
	memset(k, 0, sizeof(*k));
	if (!fake.loaded)
		return fail(k, -ENOENT, "kernel module gmguard is not loaded in this kernel (modprobe gmguard)");
	return 0;
}

void kernel_close(struct gmg_kernel *k)
{
	(void)k;
	for (int i = 0; i < 2; i++) {
		if (wake[i] >= 0)
			close(wake[i]);
		wake[i] = -1;
	}
}

int kernel_subscribe(struct gmg_kernel *k, bool events, bool drops)
{
	(void)events, (void)drops;
	fake.farewell = false;
	if (pipe2(wake, O_NONBLOCK | O_CLOEXEC))
		return fail(k, -errno, "no pipe");
	queued = 0;
	return wake[0];
}

int kernel_event_recv(struct gmg_kernel *k, gmg_event_fn *fn, void *arg)
{
	unsigned int n = queued;
	char byte;

	while (read(wake[0], &byte, 1) == 1)
		;
	queued = 0;
	if (fake.farewell) {
		fake.farewell = false;
		return fail(k, -ENODEV, "the kernel module gmguard was unloaded (modprobe gmguard)");
	}
	if (fake.lose_events && n) {
		fake.lose_events = false;
		return fail(k, -ENOBUFS, "some are lost");
	}
	for (unsigned int i = 0; i < n; i++) {
		int ret = fn(&queue[i], arg);

		if (ret)
			return ret;
	}
	return 0;
}

int kernel_endpoint_new(struct gmg_kernel *k, struct gmg_endpoint *ep)
{
	fake.n_endpoint_new++;
	for (int i = 0; i < FAKE_ENDPOINTS; i++) {
		if (fake.endpoint[i].id)
			continue;
		ep->id = i + 1;
		if (!ep->policy_priority)
			ep->policy_priority = 1000000;
		fake.endpoint[i] = *ep;
		return 0;
	}
	return fail(k, -ENOSPC, "too many endpoints");
}

int kernel_endpoint_set(struct gmg_kernel *k, struct gmg_endpoint *ep)
{
	fake.n_endpoint_set++;
	if (fake.fail_change)
		return fail(k, -fake.fail_change, "the fake kernel refuses");
	for (int i = 0; i < FAKE_ENDPOINTS; i++) {
		struct gmg_endpoint *have = &fake.endpoint[i];

		if (!have->id ||
		    !gmg_addr_equal(&have->local_addr, &ep->local_addr))
			continue;
		ep->id = have->id;
		ep->policy_priority = have->policy_priority;
		*have = *ep;
		return 0;
	}
	return fail(k, -ENOENT, "local-addr is not guarded");
}

int kernel_endpoint_dump(struct gmg_kernel *k, gmg_endpoint_fn *fn, void *arg)
{
	int ret = 0;

	if (!fake.loaded)
		return gone(k);
	for (int i = 0; i < FAKE_ENDPOINTS && !ret; i++) {
		if (fake.endpoint[i].id)
			ret = fn(&fake.endpoint[i], arg);
	}
	return ret;
}

static uint32_t limit(int which, uint32_t otherwise)
{
	return gmg_limits_has(&fake.limits, which) ?
		fake.limits.value[which] : otherwise;
}

static bool is_authenticated(const struct gmg_saset *set)
{
	return set->phase == GMGUARD_PHASE_ESTABLISHED ||
	       set->phase == GMGUARD_PHASE_SUPERSEDED;
}

static bool same_ue(const struct gmg_saset *a, const struct gmg_saset *b)
{
	return gmg_addr_equal(&a->ue_addr, &b->ue_addr);
}

/* Two sets of one registration: kmod's rule. */
static bool same_registration(const struct gmg_saset *a,
			      const struct gmg_saset *b)
{
	if (strcmp(a->impi, b->impi))
		return false;
	return (same_ue(a, b) && a->port_us == b->port_us) ||
	       (a->group && a->group == b->group &&
		a->emergency == b->emergency);
}

static bool clash(const struct gmg_saset *a, const struct gmg_saset *b)
{
	if (!same_ue(a, b))
		return false;
	return a->port_uc == b->port_uc || a->spi_uc == b->spi_uc ||
	       a->spi_us == b->spi_us ||
	       (a->port_us == b->port_us && a->port_pc == b->port_pc);
}

static void delete(struct gmg_saset *set, uint32_t cause)
{
	set->cause = cause;
	tell(GMGUARD_EVENT_SA_SET_DEL, set);
	forget(set);
}

static bool is_proven(const struct gmg_saset *set)
{
	return set->sa[GMGUARD_SA_NAME_A].packets ||
	       set->sa[GMGUARD_SA_NAME_D].packets;
}

/* Does a set give way to a new one? */
static bool yields(const struct gmg_saset *old, const struct gmg_saset *new)
{
	if (old->phase != GMGUARD_PHASE_TEMPORARY)
		return false;
	if (!strcmp(old->impi, new->impi) && same_ue(old, new) &&
	    old->port_uc == new->port_uc)
		return true;
	return clash(old, new) && !is_proven(old);
}

/* Six SAs a direction: what would be there after success. */
static bool is_over_quota(const struct gmg_saset *new)
{
	uint32_t n = 1;

	for (int i = 0; i < FAKE_SETS; i++) {
		const struct gmg_saset *old = &fake.set[i];

		if (old->id && old != new && is_authenticated(old) &&
		    !strcmp(old->impi, new->impi) &&
		    old->emergency == new->emergency &&
		    (!same_registration(old, new) ||
		     old->id == new->protected_by))
			n++;
	}
	return n > limit(GMGUARD_A_LIMITS_MAX_IMPI_SETS, 3);
}

static int check_new(struct gmg_kernel *k, const struct gmg_saset *set)
{
	for (int i = 0; i < FAKE_SETS; i++) {
		struct gmg_saset *old = &fake.set[i];

		if (!old->id || yields(old, set))
			continue;
		if (clash(old, set))
			return fail(k, -EEXIST, "(ue-addr, port-uc) is in use by another SA set: the UE has to choose another port-uc");
		if (same_ue(old, set) && old->port_us == set->port_us &&
		    is_authenticated(old) && strcmp(old->impi, set->impi))
			return fail(k, -EEXIST, "(ue-addr, port-us) belongs to another IMPI");
		if (same_ue(old, set) && old->port_us == set->port_us &&
		    is_authenticated(old) && old->emergency != set->emergency)
			return fail(k, -EEXIST, "(ue-addr, port-us) belongs to another kind of registration");
	}
	if (is_over_quota(set))
		return fail(k, -EDQUOT, "the IMPI has max-impi-sets authenticated sets already");
	for (int i = 0; i < FAKE_SETS; i++) {
		if (fake.set[i].id && yields(&fake.set[i], set))
			delete(&fake.set[i], GMGUARD_CAUSE_REPLACED);
	}
	return 0;
}

static void *copy(const void *data, size_t len)
{
	void *to = malloc(len);

	if (!to)
		abort();
	return memcpy(to, data, len);
}

static void fill(struct gmg_saset *set, const struct gmg_saset_req *req,
		 const struct gmg_endpoint *ep)
{
	memset(set, 0, sizeof(*set));
	set->endpoint_id = ep->id;
	set->local_addr = ep->local_addr;
	set->ue_addr = req->ue_addr;
	set->port_uc = req->port_uc;
	set->port_us = req->port_us;
	set->port_ps = ep->port_ps[0];
	set->port_pc = ep->port_pc[fake.n_new % ep->n_port_pc];
	set->spi_uc = req->spi_uc;
	set->spi_us = req->spi_us;
	set->spi_pc = next_spi++;
	set->spi_ps = next_spi++;
	set->alg = req->alg;
	set->ealg = req->ealg;
	set->phase = GMGUARD_PHASE_TEMPORARY;
	set->lifetime_ms = limit(GMGUARD_A_LIMITS_TEMPORARY_MS, 240000);
	set->protected_by = req->protected_by;
	set->group = req->group;
	set->emergency = req->emergency;
	snprintf(set->impi, sizeof(set->impi), "%s", req->impi);
}

/* A test that looks for keys in memory must not find them here. */
static void take_keys(int i, const struct gmg_saset_req *req)
{
	fake.key_len[i][0] = req->alg_key_len;
	fake.key_len[i][1] = req->ealg_key_len;
	if (getenv("FAKE_FORGETS_KEYS"))
		return;
	if (req->alg_key)
		memcpy(fake.key[i][0], req->alg_key, req->alg_key_len);
	if (req->ealg_key)
		memcpy(fake.key[i][1], req->ealg_key, req->ealg_key_len);
}

int kernel_saset_new(struct gmg_kernel *k, const struct gmg_saset_req *req,
		     struct gmg_saset *out)
{
	struct gmg_endpoint *ep = NULL;
	struct gmg_saset set;
	int i, ret;

	if (!fake.loaded)
		return gone(k);
	if (fake.fail_new)
		return fail(k, -fake.fail_new, "the fake kernel refuses");
	for (i = 0; i < FAKE_ENDPOINTS; i++) {
		if (fake.endpoint[i].id == req->endpoint_id)
			ep = &fake.endpoint[i];
	}
	if (!ep)
		return fail(k, -ENOENT, "no such endpoint");
	fill(&set, req, ep);
	ret = check_new(k, &set);
	if (ret)
		return ret;
	for (i = 0; i < FAKE_SETS && fake.set[i].id; i++)
		;
	if (i == FAKE_SETS)
		return fail(k, -ENOSPC, "the limit max-sets is reached");
	set.id = ++next_id;
	take_keys(i, req);
	fake.set[i] = set;
	fake.set[i].agent_data = copy(req->agent_data, req->agent_data_len);
	fake.set[i].agent_data_len = req->agent_data_len;
	fake.n_new++;
	tell(GMGUARD_EVENT_SA_SET_NEW, &set);
	*out = set;
	return 0;
}

static void linger(struct gmg_saset *set)
{
	uint32_t grace = limit(GMGUARD_A_LIMITS_GRACE_MS, 128000);

	set->phase = GMGUARD_PHASE_LINGERING;
	set->in_use = false;
	if (set->lifetime_ms > grace)
		set->lifetime_ms = grace;
}

/* SM12: kmod's rules for the other sets of the registration. */
static void establish(struct gmg_saset *set)
{
	struct gmg_saset *by = fake_set(set->protected_by);

	set->phase = GMGUARD_PHASE_ESTABLISHED;
	set->in_use = !by;
	for (int i = 0; i < FAKE_SETS; i++) {
		struct gmg_saset *old = &fake.set[i];

		if (!old->id || old == set || old == by ||
		    !is_authenticated(old) || !same_registration(old, set))
			continue;
		if (same_ue(old, set)) {
			delete(old, GMGUARD_CAUSE_REPLACED);
		} else {
			linger(old);
			tell(GMGUARD_EVENT_SA_SET_CHANGE, old);
		}
	}
}

/* A SIP message comes in on SA A: the set proves itself, and is used. */
void fake_packet(uint32_t id)
{
	struct gmg_saset *set = fake_set(id);
	uint32_t grace = limit(GMGUARD_A_LIMITS_GRACE_MS, 128000);

	set->sa[GMGUARD_SA_NAME_A].packets++;
	if (set->phase != GMGUARD_PHASE_ESTABLISHED || set->in_use)
		return;
	set->in_use = true;
	tell(GMGUARD_EVENT_SA_SET_USED, set);
	for (int i = 0; i < FAKE_SETS; i++) {
		struct gmg_saset *old = &fake.set[i];

		if (!old->id || old == set ||
		    old->phase != GMGUARD_PHASE_ESTABLISHED ||
		    !same_registration(old, set))
			continue;
		old->phase = GMGUARD_PHASE_SUPERSEDED;
		old->in_use = false;
		if (old->lifetime_ms > grace)
			old->lifetime_ms = grace;
		tell(GMGUARD_EVENT_SA_SET_CHANGE, old);
	}
}

static int change_phase(struct gmg_kernel *k, struct gmg_saset *set,
			uint32_t phase)
{
	if (phase == GMGUARD_PHASE_ESTABLISHED &&
	    set->phase == GMGUARD_PHASE_TEMPORARY) {
		if (is_over_quota(set))
			return fail(k, -EDQUOT, "the IMPI has max-impi-sets authenticated sets already");
		establish(set);
	} else if (phase == GMGUARD_PHASE_LINGERING && is_authenticated(set)) {
		linger(set);
	} else if (phase != set->phase) {
		return fail(k, -EINVAL, "phase");
	}
	return 0;
}

int kernel_saset_set(struct gmg_kernel *k, const struct gmg_saset_change *c)
{
	struct gmg_saset *set = fake_set(c->id);
	uint32_t before;
	int ret;

	if (!fake.loaded)
		return gone(k);
	if (fake.fail_set)
		return fail(k, -fake.fail_set, "the fake kernel refuses");
	if (!set)
		return fail(k, -ENOENT, "no such SA set");
	if (c->lifetime_ms > INT32_MAX)
		return fail(k, -ERANGE, "lifetime-ms");
	before = set->phase;
	ret = c->phase ? change_phase(k, set, c->phase) : 0;
	if (ret)
		return ret;
	/* only ever lengthened, but success has a lifetime of its own */
	if (set->phase != GMGUARD_PHASE_LINGERING && c->lifetime_ms &&
	    (set->phase != before || c->lifetime_ms > set->lifetime_ms))
		set->lifetime_ms = c->lifetime_ms;
	if (c->agent_data) {
		free((void *)set->agent_data);
		set->agent_data = copy(c->agent_data, c->agent_data_len);
		set->agent_data_len = c->agent_data_len;
	}
	tell(GMGUARD_EVENT_SA_SET_CHANGE, set);
	return 0;
}

int kernel_saset_del(struct gmg_kernel *k, uint32_t id)
{
	struct gmg_saset *set = fake_set(id);

	if (!fake.loaded)
		return gone(k);
	if (fake.fail_del)
		return fail(k, -fake.fail_del, "the fake kernel refuses");
	if (!set)
		return fail(k, -ENOENT, "no such SA set");
	delete(set, GMGUARD_CAUSE_REQUEST);
	return 0;
}

int kernel_saset_get(struct gmg_kernel *k, uint32_t id, struct gmg_saset *set)
{
	struct gmg_saset *from = fake_set(id);

	memset(set, 0, sizeof(*set));
	if (!fake.loaded)
		return gone(k);
	if (!from)
		return fail(k, -ENOENT, "no such SA set");
	*set = *from;
	if (from->agent_data)
		set->agent_data = copy(from->agent_data, from->agent_data_len);
	return 0;
}

int kernel_saset_dump(struct gmg_kernel *k, gmg_saset_fn *fn, void *arg)
{
	int ret = 0;

	if (!fake.loaded)
		return gone(k);
	if (fake.fail_dumps) {
		fake.fail_dumps--;
		return fail(k, -ENOMEM, "the fake kernel has no memory");
	}
	for (int i = 0; i < FAKE_SETS && !ret; i++) {
		if (fake.set[i].id)
			ret = fn(&fake.set[i], arg);
	}
	return ret;
}

void gmg_saset_clear(struct gmg_saset *set)
{
	forget(set);
}

int kernel_stats(struct gmg_kernel *k, struct gmg_stats *st)
{
	if (!fake.loaded)
		return gone(k);
	memset(st, 0, sizeof(*st));
	for (int i = 0; i < FAKE_SETS; i++) {
		st->temporary += fake.set[i].phase == GMGUARD_PHASE_TEMPORARY;
		st->established +=
			fake.set[i].phase == GMGUARD_PHASE_ESTABLISHED;
		st->superseded +=
			fake.set[i].phase == GMGUARD_PHASE_SUPERSEDED;
		st->lingering += fake.set[i].phase == GMGUARD_PHASE_LINGERING;
	}
	for (int i = 0; i < FAKE_ENDPOINTS; i++)
		st->endpoints += !!fake.endpoint[i].id;
	snprintf(st->version, sizeof(st->version), "fake");
	return 0;
}

/* What the kernel takes of a ruleset: peers without addresses are not its. */
static void copy_rules(struct gmg_ruleset *to, const struct gmg_ruleset *from)
{
	*to = *from;
	to->rule = NULL;
	to->n_rule = 0;
	for (size_t i = 0; i < from->n_rule; i++) {
		const struct gmg_rule *rule = &from->rule[i];
		struct gmg_rule *copy;

		if (!rule_is_kernels(rule))
			continue;
		copy = ruleset_add(to, rule->kind, rule->name);
		*copy = *rule;
		copy->prefix = NULL;
		copy->n_prefix = 0;
		for (size_t j = rule->n_prefix; j; j--)
			rule_add_prefix(copy, &rule->prefix[j - 1]);
	}
}

int kernel_ruleset_get(struct gmg_kernel *k, struct gmg_ruleset *rs)
{
	memset(rs, 0, sizeof(*rs));
	if (!fake.loaded)
		return gone(k);
	copy_rules(rs, &fake.rules);
	return 0;
}

int kernel_ruleset_set(struct gmg_kernel *k, struct gmg_ruleset *rs)
{
	uint32_t generation = fake.rules.generation;

	fake.n_rules_set++;
	if (!fake.loaded)
		return gone(k);
	if (fake.race_rules) {
		fake.race_rules--;
		fake.rules.generation++;
		return fail(k, -EAGAIN, "the ruleset was replaced meanwhile");
	}
	if (fake.fail_rules)
		return fail(k, -fake.fail_rules, "the fake kernel refuses");
	if (rs->generation != generation)
		return fail(k, -EAGAIN, "the ruleset was replaced meanwhile");
	ruleset_clear(&fake.rules);
	copy_rules(&fake.rules, rs);
	fake.rules.generation = generation + 1;
	return 0;
}

int kernel_limits_set(struct gmg_kernel *k, const struct gmg_limits *lim)
{
	(void)k;
	fake.n_limits_set++;
	fake.limits = *lim;
	return 0;
}

int kernel_limits_get(struct gmg_kernel *k, struct gmg_limits *lim)
{
	if (!fake.loaded)
		return gone(k);
	if (fake.fail_limits)
		return fail(k, -fake.fail_limits, "the fake kernel refuses");
	memset(lim, 0, sizeof(*lim));
	gmg_limits_put(lim, GMGUARD_A_LIMITS_TEMPORARY_MS,
		       limit(GMGUARD_A_LIMITS_TEMPORARY_MS, 240000));
	gmg_limits_put(lim, GMGUARD_A_LIMITS_GRACE_MS,
		       limit(GMGUARD_A_LIMITS_GRACE_MS, 128000));
	return 0;
}
