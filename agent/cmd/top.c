// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * top.c - gmguard top: what happens now, on a terminal or as text.
 */
#include <ctype.h>
#include <curses.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "sample.h"

#define INTERVAL_MS	1000
#define INTERVAL_MIN_MS	100

enum { OPT_COUNT, OPT_INTERVAL, OPT_AGENT };

static const struct cli_opt top_opts[] = {
	[OPT_COUNT] = {
		'n', "count", "N", "print N times as text, then end"
	},
	[OPT_INTERVAL] = {
		'i', "interval", "TIME", "time between two looks; default 1s"
	},
	[OPT_AGENT] = {
		'a', "agent", "FILE",
		"UNIX socket of gmguardd; default: that of its configuration"
	},
	{ 0 }
};

/**
 * struct top - a run of this verb
 * @c: the run
 * @path: UNIX socket of gmguardd
 * @ms: time between two looks
 * @left: how often to print, 0: without end
 * @old: what was seen before
 * @new: what was seen now
 */
struct top {
	struct cli *c;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	uint32_t ms;
	uint32_t left;
	struct sample old;
	struct sample new;
};

static int look(struct top *t)
{
	sample_free(&t->old);
	t->old = t->new;
	t->new.agent = NULL;
	return sample_take(t->c, t->path, &t->new);
}

static double drops_of(const struct top *t, const char *prefix)
{
	const struct gmg_stats *st = &t->new.stats;
	double sum = 0;

	for (unsigned int i = 0; i < st->n_count; i++) {
		if (!strncmp(st->count[i].name, prefix, strlen(prefix)))
			sum += sample_drops(&t->old, &t->new,
					    st->count[i].name);
	}
	return sum;
}

static uint32_t limit(const struct top *t, int attr)
{
	return t->new.limits.value[attr];
}

static void print_kernel(FILE *out, const struct top *t)
{
	const struct gmg_stats *st = &t->new.stats;

	if (t->new.audits)
		fprintf(out, "WARNING: %u ENDPOINT%s ONLY AUDIT%s: NOTHING IS DROPPED THERE\n",
			t->new.audits, t->new.audits == 1 ? "" : "S",
			t->new.audits == 1 ? "S" : "");
	fprintf(out, "Endpoints      %u\n", st->endpoints);
	fprintf(out, "SA sets        %u established, %u temporary (at most %u), %u superseded, %u lingering\n",
		st->established, st->temporary,
		limit(t, GMGUARD_A_LIMITS_MAX_TEMPORARY), st->superseded,
		st->lingering);
	fprintf(out, "In clear       %u connections (at most %u), %.1f/s over the rate, %.1f/s too slow\n",
		st->connections,
		limit(t, GMGUARD_A_LIMITS_UNPROTECTED_CONNECTIONS),
		sample_drops(&t->old, &t->new, "in-rate"),
		sample_drops(&t->old, &t->new, "in-slow"));
}

static void print_agent(FILE *out, const struct top *t)
{
	static const char * const ends[] = {
		"registered", "refreshed", "deregistered", "failed",
		"refused",
	};
	const struct sample *a = &t->old, *b = &t->new;
	char up[DURATION_TEXT_MAX];

	if (!b->agent) {
		fprintf(out, "Agent          gmguardd does not answer on %s\n",
			t->path);
		return;
	}
	/* one of the connections is this one */
	fprintf(out, "Agent          up %s, %llu connections, %.1f requests/s, %.1f errors/s, events lost %llu times\n",
		format_duration(sample_agent(b, "uptime_s") * 1000, up,
				sizeof(up)),
		(unsigned long long)sample_agent(b, "connections") - 1,
		sample_agent_rate(a, b, "requests"),
		sample_agent_rate(a, b, "errors"),
		(unsigned long long)sample_agent(b, "resyncs"));
	fprintf(out, "Registrations ");
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		fprintf(out, "%s %.1f/s %s", i ? "," : "",
			sample_agent_rate(a, b, ends[i]), ends[i]);
	fputc('\n', out);
}

/** struct row - a reason, and how fast it grows */
struct row {
	const struct gmg_count *count;
	double rate;
};

static int by_rate(const void *one, const void *two)
{
	const struct row *a = one, *b = two;

	if (a->rate != b->rate)
		return a->rate < b->rate ? 1 : -1;
	if (a->count->packets != b->count->packets)
		return a->count->packets < b->count->packets ? 1 : -1;
	return strcmp(a->count->name, b->count->name);
}

static void print_reasons(FILE *out, const struct top *t)
{
	const struct gmg_stats *st = &t->new.stats;
	struct row row[GMG_STATS_MAX];
	size_t n = 0;

	for (unsigned int i = 0; i < st->n_count; i++) {
		const struct gmg_count *count = &st->count[i];

		if (count->packets || count->audited)
			row[n++] = (struct row){
				count, sample_drops(&t->old, &t->new,
						    count->name)
			};
	}
	qsort(row, n, sizeof(row[0]), by_rate);
	fprintf(out, "\n%10s %14s %14s  %s\n", "PACKETS/S", "DROPPED",
		"AUDITED", "REASON");
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%10.1f %14llu %14llu  %s\n", row[i].rate,
			(unsigned long long)row[i].count->packets,
			(unsigned long long)row[i].count->audited,
			row[i].count->name);
}

static void print_text(FILE *out, const struct top *t)
{
	char every[DURATION_TEXT_MAX];

	fprintf(out, "GMGUARD %s, module %s, every %s\n", GMGUARD_VERSION,
		t->new.stats.version,
		format_duration(t->ms, every, sizeof(every)));
	print_kernel(out, t);
	print_agent(out, t);
	fprintf(out, "Drops          %.1f/s from UEs, %.1f/s to UEs, %.1f/s by the kernel's IPsec\n",
		drops_of(t, "in-"), drops_of(t, "out-"), drops_of(t, "xfrm-"));
	print_reasons(out, t);
}

static void print_json(struct top *t)
{
	const struct gmg_stats *st = &t->new.stats;
	json_t *rates = json_object(), *root;

	for (unsigned int i = 0; i < st->n_count; i++)
		json_object_set_new(rates, st->count[i].name,
				    json_real(sample_drops(&t->old, &t->new,
							   st->count[i].name)));
	root = json_pack("{s:o,s:o,s:o,s:I,s:O?}", "stats", json_stats(st),
			 "limits", json_limits(&t->new.limits),
			 "packets_per_s", rates, "audits",
			 (json_int_t)t->new.audits, "agent", t->new.agent);
	json_dumpf(root, t->c->out, JSON_COMPACT);
	fputc('\n', t->c->out);
	json_decref(root);
}

static void wait_ms(uint32_t ms)
{
	struct timespec left = {
		.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L,
	};

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

/* One look after the other, as text. */
static int run_text(struct top *t)
{
	int ret = look(t);
	uint32_t n = 0;

	while (!ret && (!t->left || n < t->left)) {
		wait_ms(t->ms);
		ret = look(t);
		if (ret)
			break;
		if (t->c->json)
			print_json(t);
		else
			print_text(t->c->out, t);
		if (++n != t->left && !t->c->json)
			fputc('\n', t->c->out);
		if (fflush(t->c->out))
			break;
	}
	return ret ? cli_kernel_fail(t->c, ret) : CLI_OK;
}

/* The first lines, as many as there are on the screen and as long. */
static void draw(const struct top *t)
{
	char *text = NULL, *line, *next;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return;
	print_text(out, t);
	fclose(out);
	erase();
	next = text;
	for (int y = 0; y < LINES && (line = strsep(&next, "\n")); y++) {
		bool head = isupper((unsigned char)line[0]) &&
			    isupper((unsigned char)line[1]);

		attrset(!strncmp(line, "WARNING", 7) ? A_STANDOUT :
			head ? A_BOLD : A_NORMAL);
		mvaddnstr(y, 0, line, COLS);
	}
	attrset(A_NORMAL);
	refresh();
	free(text);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Signals and the size of the terminal are curses' business. */
static int watch(struct top *t)
{
	int64_t next = now_ms();
	int ret = 0, key = ERR;

	while (!ret && key != 'q' && key != 'Q') {
		int64_t left = next - now_ms();

		if (left <= 0) {
			ret = look(t);
			left = t->ms;
			next = now_ms() + left;
		}
		draw(t);
		timeout((int)left);
		key = getch();
	}
	return ret;
}

static int run_screen(struct top *t)
{
	SCREEN *screen = newterm(NULL, stdout, stdin);
	int ret;

	if (!screen)
		return cli_fail(t->c, CLI_REFUSED, "cannot use the terminal \"%s\"; set TERM, or see --count",
				getenv("TERM") ? getenv("TERM") : "");
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	curs_set(0);
	ret = watch(t);
	endwin();
	delscreen(screen);
	return ret ? cli_kernel_fail(t->c, ret) : CLI_OK;
}

static int read_options(struct top *t)
{
	struct cli *c = t->c;
	int ret = CLI_OK;

	if (c->opt[OPT_COUNT])
		ret = cli_u32(c, "--count", c->opt[OPT_COUNT], 1, UINT32_MAX,
			      &t->left);
	if (!ret && c->opt[OPT_INTERVAL])
		ret = cli_ms(c, "--interval", c->opt[OPT_INTERVAL], &t->ms);
	if (!ret && t->ms < INTERVAL_MIN_MS)
		ret = cli_usage(c, "--interval: %u ms is too short; give %d ms or more, like 1s",
				t->ms, INTERVAL_MIN_MS);
	if (c->opt[OPT_AGENT])
		snprintf(t->path, sizeof(t->path), "%s", c->opt[OPT_AGENT]);
	else
		agent_socket(t->path, sizeof(t->path));
	return ret;
}

static int run_top(struct cli *c, int argc, char **argv)
{
	struct top t = { .c = c, .ms = INTERVAL_MS };
	int ret = cli_no_args(c, argc, argv);

	if (!ret)
		ret = read_options(&t);
	if (!ret)
		ret = cli_kernel(c);
	if (ret)
		return ret;
	if (t.left || c->json || !isatty(STDOUT_FILENO) ||
	    !isatty(STDIN_FILENO))
		ret = run_text(&t);
	else
		ret = run_screen(&t);
	sample_free(&t.old);
	sample_free(&t.new);
	return ret;
}

const struct cli_verb verb_top = {
	.name = "top",
	.summary = "Watch SA sets, drops a second and gmguardd.",
	.details = "On a terminal the screen is drawn anew every second, until q or Ctrl-C. With --count, or where standard output is no terminal, each look is printed as text, or with --json as one JSON object a line; the first one after one interval, because it takes two looks to know a rate.\nPACKETS/S are packets dropped and audited; the reason that grows fastest is on top.",
	.opts = top_opts,
	.run = run_top,
};
