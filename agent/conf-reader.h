/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf-reader.h - a configuration file while it is read; for conf*.c only
 */
#ifndef GMG_CONF_READER_H
#define GMG_CONF_READER_H

#include <stdio.h>

#include "conf-check.h"

/** enum section - the kinds of section */
enum section {
	SECTION_NONE,
	SECTION_AGENT,
	SECTION_SECURITY,
	SECTION_TIMERS,
	SECTION_LIMITS,
	SECTION_ENDPOINT,
	SECTION_PRIVACY,
	SECTION_PEER,
	SECTION_NODE,
	SECTION_ROUTER,
	SECTION_RULE,
	SECTIONS,
};

/**
 * struct reader - a file while it is read
 * @file: the file
 * @to: is told what is wrong
 * @line: number of the line that was read last
 * @section: kind of the section that we are in
 * @title: what stands in its brackets
 * @key: the key that is being read
 * @seen: keys that were given in a section of each kind, a bit each
 * @conf: the result
 * @ep: endpoint of the section, in an [endpoint] section
 * @peer: the network, in a [peer] section
 * @rule: its rule, or that of the section
 */
struct reader {
	FILE *file;
	struct conf_complaints to;
	unsigned int line;
	enum section section;
	char title[CONF_NAME_MAX + 16];
	const struct key *key;
	uint64_t seen[SECTIONS];
	struct conf *conf;
	struct gmg_endpoint *ep;
	struct conf_peer *peer;
	struct gmg_rule *rule;
};

/**
 * struct key - a key that may stand in a file
 * @section: where
 * @name: its name; '-' stands for '_'
 * @set: takes a value, returns 0 or a negative errno
 * @expected: completes "expected ..."
 * @list: may be given more than once and then adds to its list
 */
struct key {
	enum section section;
	const char *name;
	int (*set)(struct reader *r, const char *value);
	const char *expected;
	bool list;
};

/**
 * struct key_table - keys of one or more kinds of section
 * @key: the keys
 * @n: how many of them, at most 64
 */
struct key_table {
	const struct key *key;
	size_t n;
};

#define KEY_TABLE(name, keys)						\
	const struct key_table name = {					\
		keys, sizeof(keys) / sizeof((keys)[0])			\
	};								\
	_Static_assert(sizeof(keys) / sizeof((keys)[0]) <= 64,		\
		       "one bit each in struct reader.seen")

extern const struct key_table conf_endpoint_keys;
extern const struct key_table conf_privacy_keys;
extern const struct key_table conf_peer_keys;
extern const struct key_table conf_rule_keys;

void conf_begin_endpoint(struct reader *r, const char *name);
void conf_begin_peer(struct reader *r, const char *name);
int conf_begin_rule(struct reader *r, uint32_t kind, const char *name);
void conf_finish_peers(struct conf *conf);

#endif /* GMG_CONF_READER_H */
