// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * monitor.c - gmguard monitor: events and drops as they happen.
 */
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "cli.h"

enum { OPT_COUNT };

static const struct cli_opt monitor_opts[] = {
	[OPT_COUNT] = { 'c', "count", "N", "end after N lines" },
	{ 0 }
};

struct monitor {
	struct cli *c;
	uint32_t left;		/* lines until the end, 0: no end */
	bool done;
};

static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

/* for people: local, milliseconds; else as packet captures have it */
static void format_time(const struct timespec *now, bool utc, char *buf,
			size_t size)
{
	char date[64];
	struct tm tm;

	if (utc)
		gmtime_r(&now->tv_sec, &tm);
	else
		localtime_r(&now->tv_sec, &tm);
	strftime(date, sizeof(date), utc ? "%Y-%m-%dT%H:%M:%S" :
		 "%Y-%m-%d %H:%M:%S", &tm);
	if (utc)
		snprintf(buf, size, "%s.%06ldZ", date, now->tv_nsec / 1000);
	else
		snprintf(buf, size, "%s.%03ld", date, now->tv_nsec / 1000000);
}

static const char *format_socket(const struct gmg_addr *addr, uint16_t port,
				 char *buf, size_t size)
{
	char text[GMG_ADDR_TEXT_MAX];

	gmg_addr_format(addr, text, sizeof(text));
	if (!port)
		snprintf(buf, size, "%s", text);
	else
		snprintf(buf, size, addr->family == AF_INET6 ?
			 "[%s]:%u" : "%s:%u", text, port);
	return buf;
}

static const char *format_protocol(uint8_t protocol, char *buf, size_t size)
{
	static const struct {
		uint8_t number;
		const char *name;
	} known[] = {
		{ IPPROTO_TCP, "tcp" }, { IPPROTO_UDP, "udp" },
		{ IPPROTO_ICMP, "icmp" }, { IPPROTO_ICMPV6, "icmpv6" },
		{ IPPROTO_SCTP, "sctp" }, { IPPROTO_UDPLITE, "udplite" },
		{ IPPROTO_DCCP, "dccp" }, { IPPROTO_ESP, "esp" },
		{ IPPROTO_AH, "ah" }, { IPPROTO_FRAGMENT, "ipv6-frag" },
		{ IPPROTO_IPV6, "ipv6" }, { IPPROTO_IPIP, "ipip" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i].number == protocol)
			return known[i].name;
	snprintf(buf, size, "protocol %u", protocol);
	return buf;
}

/**
 * show_drop() - print a sample of a dropped packet, without a line feed
 * @c: the run
 * @d: the sample
 */
void show_drop(const struct cli *c, const struct gmg_drop *d)
{
	enum cli_style style = d->audited ? STYLE_WARN : STYLE_BAD;
	char src[GMG_ADDR_TEXT_MAX + 8], dst[GMG_ADDR_TEXT_MAX + 8];
	char proto[16], dev[IF_NAMESIZE];

	fprintf(c->out, "%s%s %s%s %s %s > %s", cli_style(c, style),
		d->audited ? "audited" : "drop",
		gmg_reason_name(d->reason), cli_style_end(c, style),
		format_protocol(d->protocol, proto, sizeof(proto)),
		format_socket(&d->src_addr, d->src_port, src, sizeof(src)),
		format_socket(&d->dst_addr, d->dst_port, dst, sizeof(dst)));
	if (d->spi)
		fprintf(c->out, " spi 0x%08x", d->spi);
	if (d->ifindex && if_indextoname(d->ifindex, dev))
		fprintf(c->out, " dev %s", dev);
	else if (d->ifindex)
		fprintf(c->out, " dev #%u", d->ifindex);
	if (d->suppressed)
		fprintf(c->out, " (%u more were not sampled before it)",
			d->suppressed);
}

static void print_saset(struct cli *c, const struct gmg_event *ev)
{
	const struct gmg_saset *s = &ev->saset;
	char addr[GMG_ADDR_TEXT_MAX], left[DURATION_TEXT_MAX];
	char impi[CLEAN_TEXT_MAX(GMGUARD_IMPI_MAX) + 5];

	fprintf(c->out, "%s%s%s set %u", cli_style(c, STYLE_HEAD),
		gmg_event_name(ev->event), cli_style_end(c, STYLE_HEAD),
		s->id);
	if (s->ue_addr.family != AF_UNSPEC)
		fprintf(c->out, " UE %s", gmg_addr_format(&s->ue_addr, addr,
							  sizeof(addr)));
	if (s->impi[0])
		fprintf(c->out, " %s", format_clean(s->impi, strlen(s->impi),
						    impi, sizeof(impi)));
	if (s->phase)
		fprintf(c->out, " %s%s", gmg_phase_name(s->phase),
			s->in_use ? ", in use" : "");
	if (s->cause)
		fprintf(c->out, " cause %s", gmg_cause_name(s->cause));
	else if (s->lifetime_ms)
		fprintf(c->out, " %s left",
			format_duration(s->lifetime_ms, left, sizeof(left)));
}

static void print_endpoint(struct cli *c, const struct gmg_event *ev)
{
	char addr[GMG_ADDR_TEXT_MAX];

	fprintf(c->out, "%s%s%s endpoint %u %s", cli_style(c, STYLE_HEAD),
		gmg_event_name(ev->event), cli_style_end(c, STYLE_HEAD),
		ev->endpoint.id,
		gmg_addr_format(&ev->endpoint.local_addr, addr,
				sizeof(addr)));
	if (ev->endpoint.audit)
		fprintf(c->out, " %sAUDIT: NOTHING IS DROPPED%s",
			cli_style(c, STYLE_BAD), cli_style_end(c, STYLE_BAD));
}

static void print_adopted(struct cli *c, const struct gmg_event *ev)
{
	const struct gmg_adopted *sa = &ev->adopted;
	char ue[GMG_ADDR_TEXT_MAX + 8], local[GMG_ADDR_TEXT_MAX + 8];
	bool in = sa->direction == GMGUARD_DIRECTION_IN;

	fprintf(c->out, "%s%s%s ", cli_style(c, STYLE_HEAD),
		gmg_event_name(ev->event), cli_style_end(c, STYLE_HEAD));
	if (!sa->spi) {
		fprintf(c->out, "look again with \"gmguard show adopted\"");
		return;
	}
	if (sa->ue_addr.family == AF_UNSPEC)
		snprintf(ue, sizeof(ue), "any");
	else
		format_socket(&sa->ue_addr, sa->ue_port, ue, sizeof(ue));
	format_socket(&sa->local_addr, sa->local_port, local, sizeof(local));
	fprintf(c->out, "SA %s > %s spi 0x%08x", in ? ue : local,
		in ? local : ue, sa->spi);
	if (sa->selector != GMGUARD_SELECTOR_EXACT)
		fprintf(c->out, " inexact: %s",
			gmg_selector_name(sa->selector));
}

static void print_text(struct cli *c, const struct gmg_event *ev,
		       const struct timespec *now)
{
	char when[96];

	format_time(now, false, when, sizeof(when));
	fprintf(c->out, "%s ", when);
	switch (ev->kind) {
	case GMG_EVENT_ENDPOINT:
		print_endpoint(c, ev);
		break;
	case GMG_EVENT_SASET:
		print_saset(c, ev);
		break;
	case GMG_EVENT_DROP:
		show_drop(c, &ev->drop);
		break;
	case GMG_EVENT_ADOPTED:
		print_adopted(c, ev);
		break;
	}
	fputc('\n', c->out);
}

static void print_json(struct cli *c, json_t *root,
		       const struct timespec *now)
{
	char when[96];

	format_time(now, true, when, sizeof(when));
	json_object_set_new(root, "time", json_string(when));
	json_dumpf(root, c->out, JSON_COMPACT);
	fputc('\n', c->out);
	json_decref(root);
}

static json_t *json_event(const struct gmg_event *ev)
{
	switch (ev->kind) {
	case GMG_EVENT_ENDPOINT:
		return json_pack("{s:s,s:o}",
				 "event", gmg_event_name(ev->event),
				 "endpoint", json_endpoint(&ev->endpoint));
	case GMG_EVENT_SASET:
		return json_pack("{s:s,s:o}",
				 "event", gmg_event_name(ev->event),
				 "sa_set", json_saset(&ev->saset));
	case GMG_EVENT_DROP:
		return json_pack("{s:s,s:o}", "event", "drop",
				 "drop", json_drop(&ev->drop));
	case GMG_EVENT_ADOPTED:
		return json_pack("{s:s,s:o}",
				 "event", gmg_event_name(ev->event),
				 "adopted", ev->adopted.spi ?
					json_adopted(&ev->adopted) :
					json_null());
	}
	return NULL;
}

static int on_event(const struct gmg_event *ev, void *arg)
{
	struct monitor *m = arg;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (m->c->json)
		print_json(m->c, json_event(ev), &now);
	else
		print_text(m->c, ev, &now);
	if (ferror(m->c->out) || (m->left && !--m->left))
		m->done = true;
	return m->done;
}

static void on_lost(struct monitor *m)
{
	struct timespec now;

	if (!m->c->json) {
		cli_warn(m->c, "%s", m->c->k.err);
		return;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	print_json(m->c, json_pack("{s:s}", "event", "lost"), &now);
}

/* Ends at a signal, which can come in only while ppoll() waits. */
static int watch(struct monitor *m, int fd)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	sigset_t block, before;
	int ret = 0;

	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGTERM);
	sigprocmask(SIG_BLOCK, &block, &before);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	while (!m->done && !stopped && !ret) {
		if (ppoll(&pfd, 1, NULL, &before) < 0)
			continue;
		ret = kernel_event_recv(&m->c->k, on_event, m);
		if (m->done)
			return CLI_OK;
		if (ret == -ENOBUFS) {
			on_lost(m);
			ret = 0;
		}
	}
	return ret ? cli_kernel_fail(m->c, ret) : CLI_OK;
}

static int monitor(struct cli *c, int argc, char **argv, bool events,
		   bool drops)
{
	struct monitor m = { .c = c };
	int ret = cli_no_args(c, argc, argv), fd;

	if (!ret && c->opt[OPT_COUNT])
		ret = cli_u32(c, "--count", c->opt[OPT_COUNT], 1, UINT32_MAX,
			      &m.left);
	if (!ret)
		ret = cli_kernel(c);
	if (ret)
		return ret;
	fd = kernel_subscribe(&c->k, events, drops);
	if (fd < 0)
		return cli_kernel_fail(c, fd);
	setvbuf(c->out, NULL, _IOLBF, 0);
	return watch(&m, fd);
}

static int run_both(struct cli *c, int argc, char **argv)
{
	return monitor(c, argc, argv, true, true);
}

static int run_events(struct cli *c, int argc, char **argv)
{
	return monitor(c, argc, argv, true, false);
}

static int run_drops(struct cli *c, int argc, char **argv)
{
	return monitor(c, argc, argv, false, true);
}

static const struct cli_verb monitor_sub[] = {
	{
		.name = "events",
		.summary = "Only what happens to endpoints, SA sets and adopted SAs.",
		.opts = monitor_opts,
		.run = run_events,
	}, {
		.name = "drops",
		.summary = "Only dropped packets.",
		.opts = monitor_opts,
		.run = run_drops,
	},
	{ 0 }
};

const struct cli_verb verb_monitor = {
	.name = "monitor",
	.summary = "Show events and dropped packets as they happen.",
	.details = "One line each, with --json one JSON object a line, until Ctrl-C. Dropped packets are samples: at most as many a second as the limit drop-samples says; \"gmguard stats\" counts all of them. One that begins with \"audited\" was not dropped, because its endpoint only audits.\nsa-set-used: a set was taken into use, at the end of its authentication or with the first SIP message on it; before it, sa-set-change tells of each older one that is superseded.\nadopted-new, adopted-del: another program made or deleted an SA for a guarded endpoint; adopted-lost: so much happened at once, or xfrm was flushed, that you have to look again.",
	.opts = monitor_opts,
	.sub = monitor_sub,
	.run = run_both,
};
