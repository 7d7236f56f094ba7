/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf-value.h - the values of a configuration file
 *
 * Every function returns 0, or -EINVAL when the text is not what it should
 * be. Those that append to a list return -E2BIG when it is full. Only
 * value_pairs() cannot fail.
 */
#ifndef GMG_CONF_VALUE_H
#define GMG_CONF_VALUE_H

#include "conf.h"

int value_number(const char *text, uint32_t min, uint32_t max, uint32_t *out);
int value_flag(const char *text, bool *flag);
int value_level(const char *text, int *level);
int value_mode(const char *text, uint32_t *mode);
int value_text(const char *text, char *buf, size_t size);
int value_listen(const char *text, struct sockaddr_storage *addr,
		 socklen_t *len);
int value_loopback(const char *text, struct sockaddr_storage *addr,
		   socklen_t *len);
int value_ports(const char *text, uint16_t *port, unsigned int most,
		unsigned int *n);
int value_prefixes(const char *text, struct gmg_prefix *prefix,
		   unsigned int most, unsigned int *n);
int value_schemes(const char *text, uint32_t *schemes);
int value_algs(const char *text, uint32_t (*by_name)(const char *name),
	       struct conf_algs *algs);
int value_servers(const char *text, char *buf, size_t size);
void value_pairs(struct conf *conf);

/* conf-ca.c */
struct x509_store_st *conf_ca_load(const char *path);
void conf_ca_free(struct x509_store_st *ca);

#endif /* GMG_CONF_VALUE_H */
