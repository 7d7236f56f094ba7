/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf-check.h - what is wrong with a configuration file
 */
#ifndef GMG_CONF_CHECK_H
#define GMG_CONF_CHECK_H

#include "conf.h"

/**
 * struct conf_complaints - whom to tell what is wrong
 * @path: name of the file
 * @report: is told
 * @arg: for @report
 * @errors: how often it was told
 */
struct conf_complaints {
	const char *path;
	conf_report_fn *report;
	void *arg;
	unsigned int errors;
};

void conf_complain(struct conf_complaints *to, unsigned int line,
		   const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void conf_check(const struct conf *conf, struct conf_complaints *to);

/* conf-peer.c */
void conf_check_peers(const struct conf *conf, struct conf_complaints *to);

/* conf-rules.c */
void conf_check_rules(const struct conf *conf, struct conf_complaints *to);

#endif /* GMG_CONF_CHECK_H */
