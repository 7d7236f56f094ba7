/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * privacy-policy.h - the table of what becomes of private information at the
 * border to another network, as configured; its defaults: privacy-table.h
 */
#ifndef GMG_PRIVACY_POLICY_H
#define GMG_PRIVACY_POLICY_H

#include <stdbool.h>

/** Longest name in the table, with its NUL. */
#define PRIVACY_NAME_MAX	64
/** Most rows of the table. */
#define PRIVACY_ROWS_MAX	128

/** enum peer_class - whose network is on the other side */
enum peer_class {
	PEER_OWN,
	PEER_PARTNER,
	PEER_FOREIGN,
};

/** enum privacy_way - where a message goes, seen from us */
enum privacy_way {
	PRIVACY_TO,
	PRIVACY_FROM,
};

/** enum privacy_kind - what a row of the table is about */
enum privacy_kind {
	PRIVACY_FIELD,
	PRIVACY_RESPONSE_FIELD,
	PRIVACY_FIELD_VALUE,
	PRIVACY_PARAMETER,
};

/** enum privacy_do - what a row of the table says */
enum privacy_do {
	PRIVACY_KEEP,
	PRIVACY_REMOVE,
	PRIVACY_ANONYMIZE,	/* History-Info only */
	PRIVACY_IOI,		/* P-Charging-Vector only */
};

/** enum privacy_column - a column of the table */
enum privacy_column {
	PRIVACY_TO_FOREIGN,
	PRIVACY_FROM_FOREIGN,
	PRIVACY_TO_PARTNER,
	PRIVACY_FROM_PARTNER,
	PRIVACY_COLUMNS,
};

/**
 * struct privacy_row - a row of the table
 * @kind: what it is about
 * @name: name of a header field or of a URI parameter
 * @value: value of the header field (PRIVACY_FIELD_VALUE), else ""
 * @what: what to do, by column
 */
struct privacy_row {
	enum privacy_kind kind;
	char name[PRIVACY_NAME_MAX];
	char value[PRIVACY_NAME_MAX];
	enum privacy_do what[PRIVACY_COLUMNS];
};

/**
 * struct privacy_policy - the table, and how it is read
 * @row: its rows
 * @n: how many there are
 * @none_keeps: "Privacy: none" lets the identity through (RFC 3325); else it
 *	is removed all the same (TS 33.203 5.3)
 */
struct privacy_policy {
	struct privacy_row row[PRIVACY_ROWS_MAX];
	unsigned int n;
	bool none_keeps;
};

void privacy_defaults(struct privacy_policy *policy);
struct privacy_row *privacy_find(struct privacy_policy *policy,
				 enum privacy_kind kind, const char *name,
				 const char *value);
const char *privacy_do_name(enum privacy_do what);
int privacy_do_by_name(const char *name);
const char *peer_class_name(enum peer_class peer);
int peer_class_by_name(const char *name);

#endif /* GMG_PRIVACY_POLICY_H */
