// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * metrics.c - see metrics.h and metrics-list.h
 *
 * Cheap, whatever the kernel holds: two netlink requests, whose answers have
 * the same length with one SA set as with a million; and one for the ruleset if
 * the configuration has a short one.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "charon.h"
#include "exposition.h"
#include "limits.h"
#include "metrics.h"
#include "metrics-list.h"

#define NS_PER_S	1000000000ULL
#define NS_PER_MS	1000000ULL
#define NS_PER_US	1000ULL
/* Longest name of a limit, with its NUL. */
#define LIMIT_NAME_MAX	32
/* Rules and prefixes that are read at each scrape. */
#define RULES_MAX	256
#define PREFIXES_MAX	4096

/** enum source - where a metric comes from */
enum source {
	SOURCE_KERNEL,
	SOURCE_AGENT,
	SOURCE_PROCESS,
};

/**
 * struct scrape - all that is shown at one time
 * @x: the text
 * @agent: the agent
 * @up: the kernel module has answered
 * @stats: what it answered
 * @limits: its limits
 * @rules: its ruleset, or none
 */
struct scrape {
	struct exposition x;
	const struct agent *agent;
	bool up;
	struct gmg_stats stats;
	struct gmg_limits limits;
	struct gmg_ruleset rules;
};

/* A sample with one label, or none. */
static void put(struct scrape *s, const char *label, const char *value,
		uint64_t number)
{
	expo_sample(&s->x, "");
	if (label)
		expo_label(&s->x, label, value);
	expo_number(&s->x, number);
}

/* "in-plaintext", "xfrm-out-error" */
static const char *direction_of(const char *reason)
{
	if (!strncmp(reason, "xfrm-", 5))
		reason += 5;
	return strncmp(reason, "out-", 4) ? "in" : "out";
}

static void put_reason(struct scrape *s, const struct gmg_count *count,
		       uint64_t packets)
{
	expo_sample(&s->x, "");
	expo_label(&s->x, "reason", count->name);
	expo_label(&s->x, "direction", direction_of(count->name));
	expo_number(&s->x, packets);
}

static void put_DROPPED(struct scrape *s)
{
	for (unsigned int i = 0; i < s->stats.n_count; i++)
		put_reason(s, &s->stats.count[i], s->stats.count[i].packets);
}

static void put_AUDITED(struct scrape *s)
{
	for (unsigned int i = 0; i < s->stats.n_count; i++)
		put_reason(s, &s->stats.count[i], s->stats.count[i].audited);
}

static void put_SA_SETS(struct scrape *s)
{
	put(s, "phase", "temporary", s->stats.temporary);
	put(s, "phase", "established", s->stats.established);
	put(s, "phase", "superseded", s->stats.superseded);
	put(s, "phase", "lingering", s->stats.lingering);
}

static void put_ENDPOINTS(struct scrape *s)
{
	const struct mirror *m = &s->agent->mirror;
	unsigned int audit = 0;

	for (unsigned int i = 0; i < m->n_endpoint; i++)
		audit += m->endpoint[i].audit;
	put(s, "mode", "enforce", m->n_endpoint - audit);
	put(s, "mode", "audit", audit);
}

static void put_CONNECTIONS(struct scrape *s)
{
	put(s, NULL, NULL, s->stats.connections);
}

static void put_rule(struct scrape *s, const struct gmg_rule *rule,
		     const char *result, uint64_t packets)
{
	expo_sample(&s->x, "");
	expo_label(&s->x, "kind", rule_kind_name(rule->kind));
	expo_label(&s->x, "name", rule->name);
	expo_label(&s->x, "result", result);
	expo_number(&s->x, packets);
}

static void put_RULES(struct scrape *s)
{
	for (size_t i = 0; i < s->rules.n_rule; i++) {
		const struct gmg_rule *rule = &s->rules.rule[i];

		if (rule->kind == GMGUARD_RULE_KIND_BINDING)
			continue;
		put_rule(s, rule, "passed", rule->packets);
		for (unsigned int j = 0; j < rule->n_reason; j++)
			put_rule(s, rule,
				 gmg_reason_name(rule->reason[j].reason),
				 rule->reason[j].packets);
	}
}

static void put_LARVAL(struct scrape *s)
{
	put(s, NULL, NULL, s->stats.larval);
}

#define LIMIT(id, name, alias, time, least, most, what, more) \
	[GMGUARD_A_LIMITS_##id] = { name, time },

static const struct {
	const char *name;
	bool time;
} limits[GMGUARD_A_LIMITS_MAX + 1] = { GMG_LIMITS(LIMIT) };

static void put_limits(struct scrape *s, bool times)
{
	char name[LIMIT_NAME_MAX];

	for (int i = 1; i <= GMGUARD_A_LIMITS_MAX; i++) {
		if (limits[i].time != times || !gmg_limits_has(&s->limits, i))
			continue;
		snprintf(name, sizeof(name), "%s", limits[i].name);
		/* "temporary-ms" */
		if (times)
			name[strlen(name) - strlen("-ms")] = '\0';
		expo_sample(&s->x, "");
		expo_label(&s->x, "limit", name);
		if (times)
			expo_seconds(&s->x, s->limits.value[i] * NS_PER_MS);
		else
			expo_number(&s->x, s->limits.value[i]);
	}
}

static void put_LIMIT(struct scrape *s)
{
	put_limits(s, false);
}

static void put_LIMIT_SECONDS(struct scrape *s)
{
	put_limits(s, true);
}

static void put_MODULE_INFO(struct scrape *s)
{
	put(s, "version", s->stats.version, 1);
}

static void put_MODULE_UP(struct scrape *s)
{
	put(s, NULL, NULL, s->up);
}

#define NAME(id, name, ...)	name,

static void put_REGISTRATIONS(struct scrape *s)
{
	static const char * const names[] = { TALLY_OUTCOMES(NAME) };

	for (int i = 0; i < TALLY_N_OUTCOMES; i++)
		put(s, "outcome", names[i], s->agent->tally.outcome[i]);
}

static void put_REFUSED(struct scrape *s)
{
	static const char * const names[] = { TALLY_CODES(NAME) };

	for (int i = 0; i < TALLY_N_CODES; i++)
		put(s, "code", names[i], s->agent->tally.refused[i]);
}

static const char * const ways[PARTNER_N_WAYS] = {
	[PARTNER_IN] = "in",
	[PARTNER_OUT] = "out",
};

static void put_PARTNERS(struct scrape *s)
{
	const struct partners *partners = &s->agent->partners;

	for (int way = 0; way < PARTNER_N_WAYS; way++) {
		for (int i = 0; i < PARTNER_N_CAUSES; i++) {
			expo_sample(&s->x, "");
			expo_label(&s->x, "direction", ways[way]);
			expo_label(&s->x, "result", partner_cause_name(i));
			expo_number(&s->x, partners->count[way][i]);
		}
	}
}

/* Of causes only those that came up: 1000 networks have no use for all. */
static void put_peer(struct scrape *s, const struct partner_peer *peer, int way)
{
	for (int i = 0; i < PARTNER_N_CAUSES; i++) {
		if (!peer->count[way][i] && i != PARTNER_ALLOWED)
			continue;
		expo_sample(&s->x, "");
		expo_label(&s->x, "peer", peer->name);
		expo_label(&s->x, "direction", ways[way]);
		expo_label(&s->x, "result", partner_cause_name(i));
		expo_number(&s->x, peer->count[way][i]);
	}
}

static void put_PEERS(struct scrape *s)
{
	const struct partners *partners = &s->agent->partners;

	for (unsigned int i = 0; i < partners->n; i++) {
		for (int way = 0; way < PARTNER_N_WAYS; way++)
			put_peer(s, &partners->peer[i], way);
	}
}

static void put_CHARON_UP(struct scrape *s)
{
	const struct charon *charon = s->agent->charon;

	put(s, NULL, NULL, charon && charon->known);
}

static void put_CHILD_SAS(struct scrape *s)
{
	const struct charon *charon = s->agent->charon;
	size_t n = 0;

	for (size_t i = 0; charon && i < charon->list.n; i++)
		n += child_is_up(&charon->list.v[i]);
	put(s, NULL, NULL, n);
}

static void put_ESP_PEERS(struct scrape *s)
{
	const struct charon *charon = s->agent->charon;

	for (int i = 0; i < NEED_STATES; i++)
		put(s, "state", need_state_name(i),
		    charon ? needs_count(&charon->needs, i) : 0);
}

static void put_ESP_MISSED(struct scrape *s)
{
	put(s, NULL, NULL, s->agent->charon ? s->agent->charon->missed : 0);
}

static void put_SETS_MADE(struct scrape *s)
{
	put(s, "result", "made", s->agent->tally.sets_made);
	put(s, "result", "refused", s->agent->tally.sets_refused);
}

static void put_results(struct scrape *s, const char *method,
			const struct tally_calls *calls, int first, int end)
{
	static const char * const names[] = { TALLY_RESULTS(NAME) };

	for (int i = first; i < end; i++) {
		expo_sample(&s->x, "");
		expo_label(&s->x, "method", method);
		expo_label(&s->x, "result", names[i]);
		expo_number(&s->x, calls->result[i]);
	}
}

static void put_RPC_REQUESTS(struct scrape *s)
{
	const struct rpc *rpc = &s->agent->rpc;

	for (int i = 0; i < TALLY_METHODS && rpc->methods[i].name; i++)
		put_results(s, rpc->methods[i].name, &rpc->calls[i], 0,
			    TALLY_RPC_PARSE_ERROR);
	put_results(s, "none", &rpc->calls[TALLY_METHODS],
		    TALLY_RPC_PARSE_ERROR, TALLY_N_RESULTS);
}

static void put_durations(struct scrape *s, const char *method,
			  const struct tally_calls *calls)
{
#define END(ns, seconds)	seconds,
	static const char * const ends[] = { TALLY_CLASSES(END) "+Inf" };
	uint64_t n = 0;

	for (int i = 0; i < TALLY_N_CLASSES; i++) {
		n += calls->duration[i];
		expo_sample(&s->x, "_bucket");
		expo_label(&s->x, "method", method);
		expo_label(&s->x, "le", ends[i]);
		expo_number(&s->x, n);
	}
	expo_sample(&s->x, "_sum");
	expo_label(&s->x, "method", method);
	expo_seconds(&s->x, calls->ns);
	expo_sample(&s->x, "_count");
	expo_label(&s->x, "method", method);
	expo_number(&s->x, n);
}

static void put_RPC_DURATION(struct scrape *s)
{
	const struct rpc *rpc = &s->agent->rpc;

	for (int i = 0; i < TALLY_METHODS && rpc->methods[i].name; i++)
		put_durations(s, rpc->methods[i].name, &rpc->calls[i]);
}

static void put_PROXIES(struct scrape *s)
{
	put(s, NULL, NULL, s->agent->connections);
}

static void put_PROXIES_MAX(struct scrape *s)
{
	put(s, NULL, NULL, s->agent->conf->max_connections);
}

static void put_ACCEPTS(struct scrape *s)
{
	put(s, "result", "accepted", s->agent->tally.accepted);
	put(s, "result", "refused", s->agent->tally.turned_away);
}

static void put_KERNEL_ERRORS(struct scrape *s)
{
#define ERROR(id)	#id,
	static const char * const names[] = { GMG_ERRORS(ERROR) "other" };

	for (int i = 0; i < GMG_N_ERRORS; i++)
		put(s, "error", names[i], s->agent->kernel.errors[i]);
}

static void put_RECONCILIATIONS(struct scrape *s)
{
	put(s, NULL, NULL, s->agent->mirror.resyncs);
}

static void put_LOSSES(struct scrape *s)
{
	put(s, NULL, NULL, s->agent->tally.losses);
}

static void put_INDEXED(struct scrape *s)
{
	put(s, NULL, NULL, s->agent->mirror.by_id.count);
}

static void put_RELOADS(struct scrape *s)
{
	put(s, "result", "success", s->agent->tally.reloads);
	put(s, "result", "failure", s->agent->tally.bad_reloads);
}

static void put_RELOAD_GOOD(struct scrape *s)
{
	put(s, NULL, NULL, !s->agent->tally.reload_is_bad);
}

static void put_LOADED(struct scrape *s)
{
	put(s, NULL, NULL, s->agent->tally.loaded);
}

static void put_SCRAPES(struct scrape *s)
{
	put(s, NULL, NULL, s->agent->tally.scrapes);
}

static void put_BUILD_INFO(struct scrape *s)
{
	put(s, "version", GMGUARD_VERSION, 1);
}

static void put_START_TIME(struct scrape *s)
{
	put(s, NULL, NULL, s->agent->tally.started);
}

static void put_CPU(struct scrape *s)
{
	struct rusage use;

	if (getrusage(RUSAGE_SELF, &use))
		return;
	expo_sample(&s->x, "");
	expo_seconds(&s->x, (use.ru_utime.tv_sec + use.ru_stime.tv_sec) *
		     NS_PER_S + (use.ru_utime.tv_usec +
				 use.ru_stime.tv_usec) * NS_PER_US);
}

static void put_MEMORY(struct scrape *s)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long pages;

	if (!file)
		return;
	if (fscanf(file, "%*u %lu", &pages) == 1)
		put(s, NULL, NULL, (uint64_t)pages * sysconf(_SC_PAGESIZE));
	fclose(file);
}

static void put_FDS(struct scrape *s)
{
	DIR *dir = opendir("/proc/self/fd");
	/* "." and "..", and the one that reads them */
	int n = -3;

	if (!dir)
		return;
	while (readdir(dir))
		n++;
	closedir(dir);
	put(s, NULL, NULL, n);
}

static void put_MAX_FDS(struct scrape *s)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit))
		put(s, NULL, NULL, limit.rlim_cur);
}

#define TYPE_COUNTER	"counter"
#define TYPE_GAUGE	"gauge"
#define TYPE_HISTOGRAM	"histogram"

#define METRIC(id, source, type, name, unit, labels, help, more) \
	{ SOURCE_##source, TYPE_##type, name, help, put_##id },

static const struct {
	enum source source;
	const char *type;
	const char *name;
	const char *help;
	void (*put)(struct scrape *s);
} metrics[] = { GMG_METRICS(METRIC) };

static bool rules_are_few(const struct conf *conf)
{
	size_t prefixes = 0;

	for (size_t i = 0; i < conf->rules.n_rule; i++)
		prefixes += conf->rules.rule[i].n_prefix;
	return conf->guards && conf->rules.n_rule <= RULES_MAX &&
	       prefixes <= PREFIXES_MAX;
}

/**
 * metrics_write() - write all metrics in Prometheus' text format
 * @agent: the agent
 * @out: the text
 */
void metrics_write(struct agent *agent, struct evbuffer *out)
{
	struct scrape s = { .x.out = out, .agent = agent };

	agent->tally.scrapes++;
	s.up = agent->up && !agent->mirror.gone &&
	       !kernel_stats(&agent->kernel, &s.stats) &&
	       !kernel_limits_get(&agent->kernel, &s.limits);
	if (s.up && rules_are_few(agent->conf) &&
	    kernel_ruleset_get(&agent->kernel, &s.rules))
		ruleset_clear(&s.rules);
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++) {
		if (metrics[i].source == SOURCE_KERNEL && !s.up)
			continue;
		expo_metric(&s.x, metrics[i].name, metrics[i].type,
			    metrics[i].help);
		metrics[i].put(&s);
	}
	ruleset_clear(&s.rules);
}
