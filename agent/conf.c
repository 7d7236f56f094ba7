// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conf.c - see conf.h
 *
 * Strict, so that a typing error cannot silently weaken anything: unknown
 * sections and keys, keys given twice and bad values are all errors, and all
 * errors are told at once, each with its line and what is expected.
 */
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf-reader.h"
#include "conf-value.h"
#include "limits.h"

/** Longest line that inih takes without cutting it. */
#define LINE_MAX_LEN	198

static int set_listen_tcp(struct reader *r, const char *value)
{
	return value_loopback(value, &r->conf->tcp, &r->conf->tcp_len);
}

static int set_listen_http(struct reader *r, const char *value)
{
	return value_loopback(value, &r->conf->http, &r->conf->http_len);
}

static int set_path(const char *value, char *path, size_t size)
{
	if (!strcmp(value, "off"))
		value = "";
	else if (*value != '/')
		return -EINVAL;
	return value_text(value, path, size);
}

static int set_listen_unix(struct reader *r, const char *value)
{
	return set_path(value, r->conf->listen_unix,
			sizeof(r->conf->listen_unix));
}

static int set_vici(struct reader *r, const char *value)
{
	return set_path(value, r->conf->vici, sizeof(r->conf->vici));
}

static int set_unix_mode(struct reader *r, const char *value)
{
	return value_mode(value, &r->conf->unix_mode);
}

static int set_unix_group(struct reader *r, const char *value)
{
	return value_text(value, r->conf->unix_group,
			  sizeof(r->conf->unix_group));
}

static int set_listen_metrics(struct reader *r, const char *value)
{
	return value_listen(value, &r->conf->metrics, &r->conf->metrics_len);
}

static int set_log_level(struct reader *r, const char *value)
{
	return value_level(value, &r->conf->log_level);
}

static int set_max_connections(struct reader *r, const char *value)
{
	return value_number(value, 1, 4096, &r->conf->max_connections);
}

static int set_request_timeout(struct reader *r, const char *value)
{
	return value_number(value, 1, 3600, &r->conf->request_timeout);
}

static int set_idle_timeout(struct reader *r, const char *value)
{
	return value_number(value, 0, 86400, &r->conf->idle_timeout);
}

static int set_resolver(struct reader *r, const char *value)
{
	return value_servers(value, r->conf->resolver,
			     sizeof(r->conf->resolver));
}

/* Nobody asks for no integrity; aes-gcm brings its "alg=null" along. */
static uint32_t integrity_by_name(const char *name)
{
	uint32_t alg = gmg_alg_by_name(name);

	return alg == GMGUARD_ALG_NULL ? 0 : alg;
}

static int set_algorithms(struct reader *r, const char *value)
{
	return value_algs(value, integrity_by_name, &r->conf->algorithms);
}

static int set_ciphers(struct reader *r, const char *value)
{
	return value_algs(value, gmg_ealg_by_name, &r->conf->ciphers);
}

static int set_encryption(struct reader *r, const char *value)
{
	if (!strcmp(value, "off"))
		r->conf->encryption = CONF_ENCRYPTION_OFF;
	else if (!strcmp(value, "preferred"))
		r->conf->encryption = CONF_ENCRYPTION_PREFERRED;
	else if (!strcmp(value, "required"))
		r->conf->encryption = CONF_ENCRYPTION_REQUIRED;
	else
		return -EINVAL;
	return 0;
}

static int set_resolve_via(struct reader *r, const char *value)
{
	return value_flag(value, &r->conf->resolve_via);
}

#define RANGE(id, name, alias, time, least, most, ...) \
	[GMGUARD_A_LIMITS_##id] = { name, least, most },
static const struct {
	const char *name;
	uint32_t least;
	uint32_t most;
} limits[GMGUARD_A_LIMITS_MAX + 1] = { GMG_LIMITS(RANGE) };

static int set_limit(struct reader *r, const char *value)
{
	uint32_t number = 0;
	int id = 1, ret;

	while (strcmp(limits[id].name, r->key->name))
		id++;
	ret = value_number(value, limits[id].least, limits[id].most, &number);
	gmg_limits_put(&r->conf->limits, id, number);
	return ret;
}

static int set_failed_ms(struct reader *r, const char *value)
{
	return value_number(value, 1, 128000, &r->conf->failed_ms);
}

#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)
/* The two timers of TS 24.229 stand beside the agent's own one. */
#define LIMIT_KEY(id, name, alias, time, least, most, ...) \
	{ GMGUARD_A_LIMITS_##id == GMGUARD_A_LIMITS_TEMPORARY_MS || \
	  GMGUARD_A_LIMITS_##id == GMGUARD_A_LIMITS_GRACE_MS ? \
		SECTION_TIMERS : SECTION_LIMITS, \
	  name, set_limit, (time) ? \
		"milliseconds from " TEXT(least) " to " TEXT(most) : \
		"a number from " TEXT(least) " to " TEXT(most), \
	  false },

static const struct key keys[] = {
	{ SECTION_AGENT, "listen_tcp", set_listen_tcp,
	  "127.0.0.1:PORT, [::1]:PORT or off: keys cross this socket, so only loopback addresses are allowed",
	  false },
	{ SECTION_AGENT, "listen_http", set_listen_http,
	  "127.0.0.1:PORT, [::1]:PORT or off", false },
	{ SECTION_AGENT, "listen_unix", set_listen_unix,
	  "an absolute path of at most 107 bytes, or off", false },
	{ SECTION_AGENT, "unix_mode", set_unix_mode,
	  "octal permissions, for example 0660", false },
	{ SECTION_AGENT, "unix_group", set_unix_group,
	  "the name of a group", false },
	{ SECTION_AGENT, "listen_metrics", set_listen_metrics,
	  "ADDRESS:PORT, an absolute path of at most 107 bytes, or off",
	  false },
	{ SECTION_AGENT, "log_level", set_log_level,
	  "err, warning, notice, info or debug", false },
	{ SECTION_AGENT, "max_connections", set_max_connections,
	  "a number from 1 to 4096", false },
	{ SECTION_AGENT, "request_timeout", set_request_timeout,
	  "seconds from 1 to 3600", false },
	{ SECTION_AGENT, "idle_timeout", set_idle_timeout,
	  "seconds from 1 to 86400, or 0 for none", false },
	{ SECTION_AGENT, "resolver", set_resolver,
	  "addresses, each with :PORT or without, separated by commas, IPv6 addresses in brackets",
	  false },
	{ SECTION_AGENT, "vici", set_vici,
	  "an absolute path of at most 107 bytes, or off", false },
	{ SECTION_SECURITY, "algorithms", set_algorithms,
	  "hmac-sha-1-96, hmac-md5-96 and aes-gmac, or some of them, separated by commas; aes-gcm needs none of them",
	  false },
	{ SECTION_SECURITY, "encryption_algorithms", set_ciphers,
	  "some of aes-gcm, aes-cbc, des-ede3-cbc and null, separated by commas",
	  false },
	{ SECTION_SECURITY, "encryption", set_encryption,
	  "off, preferred or required", false },
	{ SECTION_SECURITY, "resolve_via", set_resolve_via,
	  "yes or no", false },
	{ SECTION_TIMERS, "failed_ms", set_failed_ms,
	  "milliseconds from 1 to 128000", false },
	GMG_LIMITS(LIMIT_KEY)
};

static KEY_TABLE(own_keys, keys);

static const struct key_table *const tables[] = {
	&own_keys, &conf_endpoint_keys, &conf_privacy_keys, &conf_peer_keys,
	&conf_rule_keys,
};

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))
#define N_TABLES	COUNT(tables)

/* Return: NAME of [KIND NAME], or NULL. */
static const char *name_in(const char *title, const char *kind)
{
	size_t len = strlen(kind);

	if (strncmp(title, kind, len) || title[len] != ' ' ||
	    !title[len + 1] || strlen(title + len + 1) >= CONF_NAME_MAX)
		return NULL;
	return title + len + 1;
}

#define SECTIONS_EXPECTED \
	"[agent], [security], [timers], [limits], [privacy], " \
	"[endpoint NAME], [peer NAME], [node], [router], [pool NAME], " \
	"[core NAME], [destination NAME], [binding NAME] or [domain NAME]"

static const struct {
	const char *title;
	enum section section;
} plain_sections[] = {
	{ "agent", SECTION_AGENT }, { "security", SECTION_SECURITY },
	{ "timers", SECTION_TIMERS }, { "limits", SECTION_LIMITS },
	{ "privacy", SECTION_PRIVACY }, { "node", SECTION_NODE },
	{ "router", SECTION_ROUTER },
};

/* A section that there is once: its keys may come in more than one place. */
static bool begin_plain(struct reader *r)
{
	for (size_t i = 0; i < COUNT(plain_sections); i++) {
		if (strcmp(r->title, plain_sections[i].title))
			continue;
		r->section = plain_sections[i].section;
		if (r->section == SECTION_NODE)
			r->conf->rules.node = true;
		if (r->section == SECTION_NODE || r->section == SECTION_ROUTER)
			r->conf->guards = true;
		return true;
	}
	return false;
}

/* [KIND NAME] of a rule that is no peer */
static bool begin_rule(struct reader *r)
{
	for (uint32_t kind = GMGUARD_RULE_KIND_PEER + 1;
	     kind <= GMGUARD_RULE_KIND_MAX; kind++) {
		const char *name = name_in(r->title, rule_kind_name(kind));

		if (!name)
			continue;
		if (conf_begin_rule(r, kind, name))
			return true;
		r->conf->guards = true;
		r->section = SECTION_RULE;
		r->seen[SECTION_RULE] = 0;
		return true;
	}
	return false;
}

/* A line that begins with '[' */
static void begin_section(struct reader *r, const char *line)
{
	size_t len = strcspn(line + 1, "]");

	r->section = SECTION_NONE;
	if (line[1 + len] != ']' || len >= sizeof(r->title)) {
		conf_complain(&r->to, r->line,
			      "no section: expected [NAME], NAME of at most %zu characters",
			      sizeof(r->title) - 1);
		return;
	}
	memcpy(r->title, line + 1, len);
	r->title[len] = '\0';
	if (begin_plain(r) || begin_rule(r))
		return;
	if (name_in(r->title, "endpoint"))
		conf_begin_endpoint(r, name_in(r->title, "endpoint"));
	else if (name_in(r->title, "peer"))
		conf_begin_peer(r, name_in(r->title, "peer"));
	else
		conf_complain(&r->to, r->line,
			      "unknown section [%s]: expected " SECTIONS_EXPECTED,
			      r->title);
}

/*
 * Feeds inih: counts lines, notes sections, and takes leading blanks away,
 * because inih would take an indented key for the rest of the line before.
 */
static char *read_line(char *buf, int size, void *arg)
{
	struct reader *r = arg;
	char *from;

	if (!fgets(buf, size, r->file))
		return NULL;
	r->line++;
	if (strlen(buf) > LINE_MAX_LEN && !strchr(buf, '\n')) {
		conf_complain(&r->to, r->line,
			      "line longer than %d bytes: split it, lists may be given by several lines with the same key",
			      LINE_MAX_LEN);
		for (int c = 0; c != '\n' && c != EOF;)
			c = fgetc(r->file);
		strcpy(buf, "\n");
	}
	for (from = buf; *from == ' ' || *from == '\t'; from++)
		;
	memmove(buf, from, strlen(from) + 1);
	if (*buf == '[')
		begin_section(r, buf);
	return buf;
}

/* Is this the name of the key? */
static bool is_named(const struct key *key, const char *name)
{
	const char *own = key->name;

	while (*own && (*own == '-' ? '_' : *own) == *name) {
		own++;
		name++;
	}
	return !*own && !*name;
}

/* Return: the key and its bit among those of its section, or NULL. */
static const struct key *find_key(enum section section, const char *name,
				  uint64_t *bit)
{
	*bit = 1;
	for (size_t t = 0; t < N_TABLES; t++) {
		for (size_t i = 0; i < tables[t]->n; i++) {
			const struct key *key = &tables[t]->key[i];

			if (key->section != section)
				continue;
			if (is_named(key, name))
				return key;
			*bit <<= 1;
		}
	}
	return NULL;
}

static void list_keys(enum section section, char *buf, size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	for (size_t t = 0; t < N_TABLES; t++) {
		for (size_t i = 0; i < tables[t]->n && len < size; i++) {
			const struct key *key = &tables[t]->key[i];

			if (key->section == section)
				len += snprintf(buf + len, size - len, "%s%s",
						len ? ", " : "", key->name);
		}
	}
	while ((buf = strchr(buf, '-')))
		*buf = '_';
}

/* Called by inih for each key; errors are ours, so it always succeeds. */
static int handle_key(void *arg, const char *section, const char *name,
		      const char *value)
{
	struct reader *r = arg;
	const struct key *key;
	char known[512];
	uint64_t bit;

	(void)section;
	if (r->section == SECTION_NONE) {
		if (!r->to.errors)
			conf_complain(&r->to, r->line,
				      "%s stands before any section: expected "
				      SECTIONS_EXPECTED " first", name);
		return 1;
	}
	key = find_key(r->section, name, &bit);
	if (!key) {
		list_keys(r->section, known, sizeof(known));
		conf_complain(&r->to, r->line,
			      "unknown key %s in [%s]: expected %s", name,
			      r->title, known);
		return 1;
	}
	if ((r->seen[r->section] & bit) && !key->list)
		conf_complain(&r->to, r->line, "%s is given twice in [%s]",
			      name, r->title);
	r->seen[r->section] |= bit;
	r->key = key;
	if (key->set(r, value))
		conf_complain(&r->to, r->line, "[%s] %s = %s: expected %s",
			      r->title, name, value, key->expected);
	return 1;
}

static void set_defaults(struct reader *r)
{
	set_listen_tcp(r, "127.0.0.1:8733");
	set_listen_unix(r, CONF_LISTEN_UNIX);
	set_unix_mode(r, "0660");
	set_log_level(r, "info");
	set_max_connections(r, "256");
	set_request_timeout(r, "10");
	set_algorithms(r, "hmac-sha-1-96, hmac-md5-96");
	set_ciphers(r, "aes-cbc, des-ede3-cbc, null");
	set_encryption(r, "preferred");
	set_failed_ms(r, "2000");
	privacy_defaults(&r->conf->privacy);
}

/**
 * conf_read() - read and check a configuration
 * @file: where it is read from
 * @path: its name, for messages
 * @report: is told everything that is wrong
 * @arg: for @report
 *
 * Return: the configuration, for conf_free(); NULL when anything is wrong.
 */
struct conf *conf_read(FILE *file, const char *path, conf_report_fn *report,
		       void *arg)
{
	struct reader r = {
		.file = file,
		.to = { .path = path, .report = report, .arg = arg },
	};
	int line;

	r.conf = calloc(1, sizeof(*r.conf));
	if (!r.conf) {
		conf_complain(&r.to, 0, "out of memory");
		return NULL;
	}
	set_defaults(&r);
	line = ini_parse_stream(read_line, &r, handle_key, &r);
	if (ferror(r.file))
		conf_complain(&r.to, r.line, "cannot read it: %s", strerror(errno));
	else if (line && !r.to.errors)
		conf_complain(&r.to, line > 0 ? line : 0, "expected KEY = VALUE");
	if (!r.to.errors) {
		value_pairs(r.conf);
		conf_finish_peers(r.conf);
		conf_check(r.conf, &r.to);
	}
	if (!r.to.errors)
		return r.conf;
	conf_free(r.conf);
	return NULL;
}

/**
 * conf_load() - read and check a configuration file
 * @path: its name
 * @report: is told everything that is wrong
 * @arg: for @report
 *
 * Return: the configuration, for conf_free(); NULL when anything is wrong.
 */
struct conf *conf_load(const char *path, conf_report_fn *report, void *arg)
{
	struct conf_complaints to = {
		.path = path, .report = report, .arg = arg,
	};
	FILE *file = fopen(path, "re");
	struct conf *conf;

	if (!file) {
		conf_complain(&to, 0, "cannot open it: %s", strerror(errno));
		return NULL;
	}
	conf = conf_read(file, path, report, arg);
	fclose(file);
	return conf;
}

/**
 * conf_free() - give a configuration back
 * @conf: what conf_load() returned, or NULL
 */
void conf_free(struct conf *conf)
{
	if (!conf)
		return;
	for (unsigned int i = 0; i < conf->n_peer; i++)
		conf_ca_free(conf->peer[i].ca);
	free(conf->peer);
	ruleset_clear(&conf->rules);
	free(conf);
}

/**
 * conf_admits() - may a UE register in this way?
 * @conf: the configuration
 * @local_addr: address that its REGISTER came to
 * @scheme: what it looks like
 *
 * Return: whether the endpoint of this address says so.
 */
bool conf_admits(const struct conf *conf, const struct gmg_addr *local_addr,
		 enum scheme scheme)
{
	for (unsigned int i = 0; i < conf->n_endpoint; i++) {
		if (gmg_addr_equal(&conf->endpoint[i].ep.local_addr,
				   local_addr))
			return conf->endpoint[i].admit & (1 << scheme);
	}
	return false;
}
