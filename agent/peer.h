/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer.h - whose network is on the other side, as the configuration says
 * (TS 33.203 5.3 and 6.5)
 */
#ifndef GMG_PEER_H
#define GMG_PEER_H

#include "conf.h"

/**
 * struct peer_facts - what the proxy knows of the other side
 * @name: name of a [peer] section, or NULL
 * @class_name: its class, when the proxy keeps the list itself, or NULL
 * @addr: its address as text, or NULL
 * @domain: its domain, or NULL
 * @protected: the message came, or goes, over TLS whose other end was verified
 */
struct peer_facts {
	const char *name;
	const char *class_name;
	const char *addr;
	const char *domain;
	bool protected;
};

bool peer_has_addr(const struct conf_peer *peer, const char *text);
const struct conf_peer *peer_by_addr(const struct conf *conf, const char *text);
const struct conf_peer *peer_by_domain(const struct conf *conf,
				       const char *domain);
enum peer_class peer_resolve(const struct conf *conf,
			     const struct peer_facts *facts, const char **why);

#endif /* GMG_PEER_H */
