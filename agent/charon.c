// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * charon.c - see charon.h
 *
 * Its events are hints: after each one the child SAs are asked for again, and
 * from time to time without one. So nothing depends on the order of events,
 * and rekeying, where the new child SA is there before the old one goes, is
 * never seen as a gap.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>

#include "charon.h"

/* Seconds between two attempts to reach it, and between two looks. */
#define RETRY_S	1
#define LOOK_S	5
/* Looks that it may take to answer. */
#define LOOKS_MAX	2

#define LIST_EVENT	"list-sa"
#define LIST_COMMAND	"list-sas"

/* What is asked for at the beginning; it goes without all but the first. */
static const char * const events[] = {
	LIST_EVENT, "child-updown", "child-rekey", "ike-updown",
};

#define N_EVENTS	(sizeof(events) / sizeof(events[0]))

static void tell_missing(const struct need *need)
{
	const struct gmg_rule *rule = &need->rule;
	struct log_about about = { .peer = rule->name };
	char prefix[GMG_PREFIX_TEXT_MAX], which[96] = "";

	if (rule->reqid)
		snprintf(which, sizeof(which), " of reqid %u", rule->reqid);
	else if (rule->if_id)
		snprintf(which, sizeof(which), " of if_id %u", rule->if_id);
	else if (rule->mark_mask)
		snprintf(which, sizeof(which), " of mark 0x%x/0x%x",
			 rule->mark, rule->mark_mask);
	log_about(LOG_WARNING, &about,
		  "%s %s needs ESP, and charon has no child SA%s up for %s: what comes from and goes to there is dropped until there is one (swanctl --list-conns, --initiate)",
		  rule_kind_name(rule->kind), rule->name, which,
		  gmg_prefix_format(need->lacks, prefix, sizeof(prefix)));
}

static void tell(const struct need *need, enum need_state before, void *arg)
{
	struct log_about about = { .peer = need->rule.name };
	struct charon *charon = arg;

	if (need->state == NEED_MISSING) {
		charon->missed++;
		tell_missing(need);
	} else if (need->state == NEED_SERVED) {
		log_about(before == NEED_MISSING ? LOG_NOTICE : LOG_INFO,
			  &about, "%s %s needs ESP, and has its child SA%s",
			  rule_kind_name(need->rule.kind), need->rule.name,
			  before == NEED_MISSING ? " again" : "");
	}
}

static void judge(struct charon *charon)
{
	needs_judge(&charon->needs, charon->known ? &charon->list : NULL, tell,
		    charon);
}

/* The module has it, whoever has loaded it. */
static void read_ruleset(struct charon *charon)
{
	struct agent *agent = charon->agent;
	struct gmg_ruleset rs;

	if (!agent->up || agent->mirror.gone) {
		needs_clear(&charon->needs);
		return;
	}
	if (kernel_ruleset_get(&agent->kernel, &rs))
		log_err("cannot read the ruleset, whose peers may need ESP: %s",
			agent->kernel.err);
	else if (needs_take(&charon->needs, &rs))
		log_err("out of memory: who needs ESP is as it was");
	ruleset_clear(&rs);
}

/**
 * charon_look() - read the ruleset, and judge who needs what anew
 * @charon: charon
 */
void charon_look(struct charon *charon)
{
	read_ruleset(charon);
	judge(charon);
}

static void set_timer(struct charon *charon, int seconds)
{
	struct timeval tv = { .tv_sec = seconds };

	evtimer_add(charon->timer, &tv);
}

static void disconnect(struct charon *charon)
{
	if (charon->bev)
		bufferevent_free(charon->bev);
	charon->bev = NULL;
	charon->known = false;
	charon->busy = false;
	charon->again = false;
	charon->waited = 0;
	charon->step = 0;
	children_clear(&charon->list);
	children_clear(&charon->next);
}

/*
 * No news is no good news: who is served is not known any more. What goes on
 * like this is said once.
 */
static void lose(struct charon *charon, const char *why)
{
	int level = charon->known || !charon->told ? LOG_WARNING : LOG_DEBUG;

	log_about(level, NULL, "charon at %s %s: it is not known which child SAs are up, and what needs ESP stays closed to the rest",
		 charon->path, why);
	charon->told = true;
	disconnect(charon);
	judge(charon);
	set_timer(charon, RETRY_S);
}

static void ask(struct charon *charon, enum vici_kind kind, const char *name)
{
	uint8_t packet[VICI_WRITE_MAX];

	bufferevent_write(charon->bev, packet, vici_write(packet, kind, name));
}

/* Whoever asks while it is answering will be told of what came since. */
static void ask_children(struct charon *charon)
{
	if (charon->step < N_EVENTS)
		return;
	charon->again = charon->busy;
	if (charon->busy)
		return;
	charon->busy = true;
	charon->waited = 0;
	children_clear(&charon->next);
	ask(charon, VICI_REQUEST, LIST_COMMAND);
}

static void take_children(struct charon *charon)
{
	if (!charon->known) {
		log_notice("charon at %s is there, its child SAs are followed",
			   charon->path);
		charon->told = false;
	}
	children_clear(&charon->list);
	charon->list = charon->next;
	charon->next = (struct children){ NULL, 0 };
	charon->busy = false;
	charon->known = true;
	/* before what is known is judged, what has to be */
	charon_look(charon);
	if (charon->again)
		ask_children(charon);
}

/* Return: NULL, or what is wrong. */
static const char *take_answer(struct charon *charon, bool known)
{
	if (charon->step == N_EVENTS)
		return "answers what was not asked";
	if (!known && !charon->step)
		return "does not know list-sa";
	if (++charon->step < N_EVENTS)
		ask(charon, VICI_REGISTER, events[charon->step]);
	else
		ask_children(charon);
	return NULL;
}

static const char *take_event(struct charon *charon,
			      const struct vici_packet *packet)
{
	if (!str_is(packet->name, LIST_EVENT)) {
		ask_children(charon);
		return NULL;
	}
	if (!charon->busy)
		return NULL;
	switch (children_read(&charon->next, packet->message)) {
	case 0:
		return NULL;
	case -EMSGSIZE:
		return "has more child SAs or traffic selectors than the agent counts";
	case -ENOMEM:
		return "has more child SAs than there is memory for";
	default:
		return "sends what is no message of vici";
	}
}

static const char *take(struct charon *charon, const struct vici_packet *packet)
{
	switch (packet->kind) {
	case VICI_CONFIRM:
	case VICI_UNKNOWN_EVENT:
		return take_answer(charon, packet->kind == VICI_CONFIRM);
	case VICI_EVENT:
		return take_event(charon, packet);
	case VICI_RESPONSE:
		if (!charon->busy)
			return "answers what was not asked";
		take_children(charon);
		return NULL;
	default:
		return "does not know list-sas";
	}
}

/* Return: bytes of the next packet, 0: not all there, -1: too long. */
static ssize_t next_length(struct evbuffer *input)
{
	uint8_t head[VICI_LENGTH];
	size_t len;

	if (evbuffer_copyout(input, head, sizeof(head)) < VICI_LENGTH)
		return 0;
	len = (size_t)head[0] << 24 | head[1] << 16 | head[2] << 8 | head[3];
	if (!len || len > VICI_PACKET_MAX)
		return -1;
	return evbuffer_get_length(input) < VICI_LENGTH + len ? 0 :
		(ssize_t)len;
}

static void handle_read(struct bufferevent *bev, void *arg)
{
	struct evbuffer *input = bufferevent_get_input(bev);
	struct charon *charon = arg;
	struct vici_packet packet;
	const char *wrong = NULL;
	uint8_t *data;
	ssize_t len;

	while (!wrong && (len = next_length(input)) > 0) {
		data = evbuffer_pullup(input, VICI_LENGTH + len);
		if (!data)
			wrong = "sends more than there is memory for";
		else if (vici_read(data + VICI_LENGTH, len, &packet))
			wrong = "sends what is no packet of vici";
		else
			wrong = take(charon, &packet);
		evbuffer_drain(input, VICI_LENGTH + len);
	}
	if (!wrong && len < 0)
		wrong = "sends what is no packet of vici";
	if (wrong)
		lose(charon, wrong);
}

static void handle_event(struct bufferevent *bev, short what, void *arg)
{
	(void)bev;
	(void)what;
	lose(arg, "went away");
}

/* Return: a socket, or a negative errno. A UNIX socket does not wait. */
static int connect_to(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd, ret;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	strcpy(addr.sun_path, path);
	if (!connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return fd;
	ret = -errno;
	close(fd);
	return ret;
}

/* Once, and no error: an IKE daemon may come at any time, or never. */
static void tell_absent(struct charon *charon, int error)
{
	if (charon->told)
		return;
	charon->told = true;
	if (error == -EACCES || error == -EPERM)
		log_warn("cannot connect to charon at %s: %s: its group has to be that of gmguardd, see vici in gmguard.conf(5)",
			 charon->path, strerror(-error));
	else
		log_info("no charon at %s (%s): which child SAs are up will be known when it comes",
			 charon->path, strerror(-error));
}

static void try_connect(struct charon *charon)
{
	int fd = connect_to(charon->path);

	if (fd < 0) {
		tell_absent(charon, fd);
		return;
	}
	charon->bev = bufferevent_socket_new(charon->agent->base, fd,
					     BEV_OPT_CLOSE_ON_FREE);
	if (!charon->bev) {
		close(fd);
		return;
	}
	bufferevent_setcb(charon->bev, handle_read, NULL, handle_event, charon);
	bufferevent_setwatermark(charon->bev, EV_READ, 0,
				 VICI_LENGTH + VICI_PACKET_MAX);
	bufferevent_enable(charon->bev, EV_READ | EV_WRITE);
	ask(charon, VICI_REGISTER, events[0]);
}

static void handle_timer(evutil_socket_t fd, short what, void *arg)
{
	struct charon *charon = arg;

	(void)fd;
	(void)what;
	if (!charon->bev) {
		try_connect(charon);
		if (charon->retries++ % (LOOK_S / RETRY_S) == 0)
			charon_look(charon);
		set_timer(charon, charon->bev ? LOOK_S : RETRY_S);
		return;
	}
	if ((charon->busy || charon->step < N_EVENTS) &&
	    charon->waited++ == LOOKS_MAX) {
		lose(charon, "does not answer");
		return;
	}
	/* its answer makes the agent look */
	if (charon->busy || charon->step < N_EVENTS)
		charon_look(charon);
	else
		ask_children(charon);
	set_timer(charon, LOOK_S);
}

/**
 * charon_leave() - follow it no more
 * @agent: the agent
 */
void charon_leave(struct agent *agent)
{
	struct charon *charon = agent->charon;

	if (!charon)
		return;
	disconnect(charon);
	needs_clear(&charon->needs);
	if (charon->timer)
		event_free(charon->timer);
	free(charon);
	agent->charon = NULL;
}

/**
 * charon_follow() - follow charon, or another one, or none, as configured
 * @agent: the agent
 *
 * Return: 0, also when it is not there; -ENOMEM.
 */
int charon_follow(struct agent *agent)
{
	const char *path = agent->conf->vici;
	struct charon *charon = agent->charon;

	if (charon && !strcmp(charon->path, path)) {
		charon_look(charon);
		return 0;
	}
	charon_leave(agent);
	if (!*path)
		return 0;
	charon = calloc(1, sizeof(*charon));
	if (!charon)
		return -ENOMEM;
	agent->charon = charon;
	charon->agent = agent;
	strcpy(charon->path, path);
	charon->timer = evtimer_new(agent->base, handle_timer, charon);
	if (!charon->timer) {
		charon_leave(agent);
		return -ENOMEM;
	}
	set_timer(charon, 0);
	return 0;
}
