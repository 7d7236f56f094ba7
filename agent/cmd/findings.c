// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * findings.c - what "gmguard doctor" says, from plain facts.
 *
 * Pure: no kernel, no output.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "findings.h"

/* Ages are whole seconds of two clocks. */
#define SLACK_MS	2000
/* A registration is refreshed more often, and that uses its SAs. */
#define IDLE_MS		(24 * 3600 * 1000ull)

struct kind {
	const char *id;
	enum severity severity;
	const char *advice;
};

#define FINDING_KIND(name, id, severity, advice) \
	[FINDING_##name] = { id, SEVERITY_##severity, advice },

static const struct kind kinds[FINDING_KINDS] = { FINDINGS(FINDING_KIND) };

/**
 * finding_id() - the name of a kind, for programs
 * @kind: kind
 *
 * Return: its name.
 */
const char *finding_id(enum finding_kind kind)
{
	return kinds[kind].id;
}

/**
 * finding_advice() - what to do
 * @kind: kind
 *
 * Return: sentences.
 */
const char *finding_advice(enum finding_kind kind)
{
	return kinds[kind].advice;
}

/**
 * finding_severity() - how bad it is
 * @kind: kind
 *
 * Return: enum severity.
 */
enum severity finding_severity(enum finding_kind kind)
{
	return kinds[kind].severity;
}

/**
 * severity_name() - name of a severity
 * @severity: severity
 *
 * Return: its name.
 */
const char *severity_name(enum severity severity)
{
	static const char * const names[] = {
		[SEVERITY_NOTE] = "note",
		[SEVERITY_WARNING] = "warning",
		[SEVERITY_ERROR] = "error",
	};

	return names[severity];
}

/**
 * finding_add() - add a finding
 * @list: list
 * @kind: kind
 * @fmt: what about it
 *
 * Return: the finding, valid until the next is added; without memory one that
 * is not in the list.
 */
struct finding *finding_add(struct finding_list *list, enum finding_kind kind,
			    const char *fmt, ...)
{
	static struct finding nowhere;
	struct finding *found;
	va_list ap;

	if (list->n == list->room) {
		size_t room = list->room ? 2 * list->room : 32;
		void *v = reallocarray(list->v, room, sizeof(*list->v));

		if (!v) {
			list->failed = true;
			return &nowhere;
		}
		list->v = v;
		list->room = room;
	}
	found = &list->v[list->n++];
	*found = (struct finding){ .kind = kind };
	va_start(ap, fmt);
	vsnprintf(found->text, sizeof(found->text), fmt, ap);
	va_end(ap);
	return found;
}

static void format_end(const struct gmg_addr *addr, uint16_t port, char *buf,
		       size_t size)
{
	char text[GMG_ADDR_TEXT_MAX];

	gmg_addr_format(addr, text, sizeof(text));
	if (!port)
		snprintf(buf, size, "%s", text[0] ? text : "any");
	else
		snprintf(buf, size, addr->family == AF_INET6 ? "[%s]:%u" :
			 "%s:%u", text, port);
}

/**
 * finding_sa() - an SA in words
 * @sa: SA
 * @buf: result
 * @size: bytes of @buf, 160 suffice
 *
 * Return: @buf.
 */
const char *finding_sa(const struct gmg_adopted *sa, char *buf, size_t size)
{
	char ue[GMG_ADDR_TEXT_MAX + 8], local[GMG_ADDR_TEXT_MAX + 8];
	bool in = sa->direction == GMGUARD_DIRECTION_IN;

	format_end(&sa->ue_addr, sa->ue_port, ue, sizeof(ue));
	format_end(&sa->local_addr, sa->local_port, local, sizeof(local));
	snprintf(buf, size, "SA 0x%08x %s > %s", sa->spi, in ? ue : local,
		 in ? local : ue);
	return buf;
}

static const char *ue_of(const struct pair_set *set, char *buf, size_t size)
{
	return gmg_addr_format(&pair_any(set)->ue_addr, buf, size);
}

static void find_endpoint(const struct gmg_endpoint *ep,
			  struct finding_list *list)
{
	unsigned int want = ep->n_exempt + ep->n_port_ps + 2 * ep->n_port_pc;
	char addr[GMG_ADDR_TEXT_MAX];

	/* one that audits has none */
	if (ep->audit || ep->policies >= want)
		return;
	finding_add(list, FINDING_POLICIES,
		    "endpoint %u (%s) has %u of its %u out policies", ep->id,
		    gmg_addr_format(&ep->local_addr, addr, sizeof(addr)),
		    ep->policies, want);
}

static void find_iface(const struct host_iface *iface,
		       struct finding_list *list)
{
	struct finding *found;
	int version = iface->ipv6 ? 6 : 4;

	if (iface->disable_xfrm) {
		found = finding_add(list, FINDING_IFACE_XFRM,
				    "net.ipv%d.conf.%s.disable_xfrm is set: what leaves there is not protected",
				    version, iface->name);
		found->fix = FIX_ENABLE_XFRM;
		found->iface = iface;
	}
	if (iface->disable_policy) {
		found = finding_add(list, FINDING_IFACE_POLICY,
				    "net.ipv%d.conf.%s.disable_policy is set: xfrm does not check what comes in there",
				    version, iface->name);
		found->fix = FIX_ENABLE_POLICY;
		found->iface = iface;
	}
}

static void find_inexact(const struct gmg_adopted *sa,
			 struct finding_list *list)
{
	char buf[160];

	if (sa->selector != GMGUARD_SELECTOR_EXACT)
		finding_add(list, FINDING_INEXACT, "%s: %s",
			    finding_sa(sa, buf, sizeof(buf)),
			    gmg_selector_doc(sa->selector));
}

static const struct host_listener *listener_of(const struct facts *f,
					       uint32_t endpoint_id)
{
	size_t i;

	for (i = 0; i < f->host->n_listeners; i++)
		if (f->host->listener[i].endpoint_id == endpoint_id)
			return &f->host->listener[i];
	return NULL;
}

static void find_leftover(const struct facts *f, const struct pair_set *set,
			  struct finding_list *list)
{
	const struct host_listener *who =
		listener_of(f, pair_any(set)->endpoint_id);
	char ue[GMG_ADDR_TEXT_MAX];
	int i;

	if (!who)
		return;
	for (i = 0; i < GMG_SA_NUM; i++)
		if (set->sa[i] &&
		    set->sa[i]->age_ms <= who->age_ms + SLACK_MS)
			return;
	finding_add(list, FINDING_LEFTOVER,
		    "UE %s: its SAs are %llu s older than %s (process %d), which listens on port %u",
		    ue_of(set, ue, sizeof(ue)),
		    (unsigned long long)(pair_age_ms(set) - who->age_ms) /
		    1000, who->name, who->pid, who->port);
}

static void find_idle(const struct pair_set *set, struct finding_list *list)
{
	char ue[GMG_ADDR_TEXT_MAX];
	uint64_t ms;
	int i;

	for (i = 0; i < GMG_SA_NUM; i++)
		if (set->sa[i] && set->sa[i]->lifetime_ms)
			return;
	if (!pair_is_used(set))
		ms = pair_age_ms(set);
	else if (!pair_last_use(set, &ms))
		return;
	if (ms < IDLE_MS)
		return;
	finding_add(list, FINDING_IDLE,
		    "UE %s: no packet for %llu h, and no lifetime",
		    ue_of(set, ue, sizeof(ue)),
		    (unsigned long long)ms / 3600000);
}

static void find_set(const struct facts *f, const struct pair_set *set,
		     struct finding_list *list)
{
	char ue[GMG_ADDR_TEXT_MAX], spi[16];

	if (set->stray)
		return;
	if (!pair_is_complete(set)) {
		snprintf(spi, sizeof(spi), "0x%08x", pair_any(set)->spi);
		finding_add(list, FINDING_INCOMPLETE,
			    "UE %s: %u of 4 SAs are there%s, with SPI %s",
			    ue_of(set, ue, sizeof(ue)), pair_count(set),
			    pair_count(set) == GMG_SA_NUM ? " but expired" :
			    "", spi);
	}
	find_leftover(f, set, list);
	find_idle(set, list);
}

static void find_count(const struct facts *f, uint32_t reason,
		       enum finding_kind kind, const char *what,
		       struct finding_list *list)
{
	unsigned long long packets = 0;
	unsigned int i;

	/* an audit shows it before it matters */
	for (i = 0; i < f->stats->n_count; i++)
		if (f->stats->count[i].reason == reason)
			packets += f->stats->count[i].packets +
				   f->stats->count[i].audited;
	if (packets)
		finding_add(list, kind, "%llu packets %s", packets, what);
}

static int by_kind(const void *x, const void *y)
{
	const struct finding *a = x, *b = y;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return strcmp(a->text, b->text);
}

/**
 * findings_find() - find all that is not as it should be
 * @f: the facts
 * @list: result, for findings_free() whatever is returned
 *
 * Return: 0, or -ENOMEM.
 */
int findings_find(const struct facts *f, struct finding_list *list)
{
	size_t i;
	int ret;

	*list = (struct finding_list){ 0 };
	for (i = 0; i < f->n_endpoints; i++)
		find_endpoint(&f->endpoints[i], list);
	for (i = 0; i < f->host->n_ifaces; i++)
		find_iface(&f->host->iface[i], list);
	for (i = 0; i < f->n_adopted; i++)
		find_inexact(&f->adopted[i], list);
	for (i = 0; i < f->pairs->n; i++)
		find_set(f, &f->pairs->v[i], list);
	findings_duplicates(f, list);
	findings_spis(f, list);
	ret = findings_policies(f, list);
	find_count(f, GMGUARD_REASON_OUT_PLAINTEXT, FINDING_OUT_PLAINTEXT,
		   "were about to leave protected ports in clear", list);
	find_count(f, GMGUARD_REASON_IN_PLAINTEXT, FINDING_IN_PLAINTEXT,
		   "came in clear for protected ports", list);
	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), by_kind);
	return list->failed ? -ENOMEM : ret;
}

/**
 * findings_matter() - whether something is left to do
 * @list: findings
 *
 * Return: true if there is more than notes and what was mended.
 */
bool findings_matter(const struct finding_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (!list->v[i].fixed &&
		    finding_severity(list->v[i].kind) > SEVERITY_NOTE)
			return true;
	return false;
}

/**
 * findings_free() - free a list
 * @list: list
 */
void findings_free(struct finding_list *list)
{
	free(list->v);
	*list = (struct finding_list){ 0 };
}
