/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf.h - the configuration file, see gmguard.conf(5)
 *
 * "gmguard check-config" and gmguardd link the same conf*.o; besides they need
 * only kernel-addr.o, kernel-names.o, inih and OpenSSL's libcrypto.
 */
#ifndef GMG_CONF_H
#define GMG_CONF_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "kernel.h"
#include "privacy-policy.h"
#include "ruleset.h"
#include "scheme.h"
#include "secagree.h"

/** Where the configuration file is unless somebody says otherwise. */
#define CONF_PATH	"/etc/gmguard/gmguard.conf"
/** Where gmguardd listens unless the file says otherwise. */
#define CONF_LISTEN_UNIX	"/run/gmguard/gmguardd.sock"
/** Most endpoints in one file. */
#define CONF_ENDPOINT_MAX	64
/** Longest name of an endpoint, with its NUL. */
#define CONF_NAME_MAX	64
/** Most peers in one file, and most names that each may list. */
#define CONF_PEER_MAX		1024
#define CONF_PEER_DOMAIN_MAX	16
/** Most text that names name servers, with its NUL. */
#define CONF_RESOLVER_MAX	192
/** Longest domain name, with its NUL. */
#define CONF_DOMAIN_MAX	254

/** enum conf_encryption - what to do about encryption on Gm */
enum conf_encryption {
	CONF_ENCRYPTION_OFF,
	CONF_ENCRYPTION_PREFERRED,
	CONF_ENCRYPTION_REQUIRED,
};

/**
 * struct conf_algs - a list of algorithms in order of preference
 * @alg: enum gmguard_alg or enum gmguard_ealg
 * @n: how many of them
 */
struct conf_algs {
	uint32_t alg[SEC_PAIR_MAX];
	unsigned int n;
};

/**
 * struct conf_endpoint - an [endpoint NAME] section
 * @name: NAME, used in messages only
 * @line: where the section begins
 * @ep: what to ask the kernel for
 * @admit: bit SCHEME_*: a REGISTER of that scheme passes
 */
struct conf_endpoint {
	char name[CONF_NAME_MAX];
	unsigned int line;
	struct gmg_endpoint ep;
	uint32_t admit;
};

/**
 * struct conf_peer - a [peer NAME] section: another network or a core node;
 * what the kernel is told of it is a rule of struct conf.rules
 * @name: NAME
 * @line: where the section begins
 * @peer_class: whose network it is
 * @has_protected_by: the next one was given, and does not follow from the class
 * @below_sip: what comes from and goes to it is protected below SIP
 * @domain: its domains, small letters
 * @n_domain: how many of them
 * @cert_name: names one of which its certificate has; none: its domains
 * @n_cert_name: how many of them
 * @address: addresses of its nodes, those of its rule
 * @n_address: how many of them
 * @agreement: there is an interworking agreement
 * @ca: certificates of who issues its certificate, NULL: the proxy's own
 * @max_rate: most requests a second that it may send, 0: as many as it likes
 */
struct conf_peer {
	char name[CONF_NAME_MAX];
	unsigned int line;
	enum peer_class peer_class;
	bool has_protected_by;
	bool below_sip;
	char domain[CONF_PEER_DOMAIN_MAX][CONF_DOMAIN_MAX];
	unsigned int n_domain;
	char cert_name[CONF_PEER_DOMAIN_MAX][CONF_DOMAIN_MAX];
	unsigned int n_cert_name;
	const struct gmg_prefix *address;
	size_t n_address;
	bool agreement;
	struct x509_store_st *ca;
	uint32_t max_rate;
};

/**
 * struct conf - a configuration file that was found good
 * @tcp: loopback address and port to listen on
 * @tcp_len: bytes of @tcp, 0: do not
 * @http: loopback address and port to listen on for HTTP
 * @http_len: bytes of @http, 0: do not
 * @listen_unix: path of the socket, "": none
 * @unix_mode: its permissions
 * @unix_group: its group, "": that of the process
 * @metrics: address and port, or path, that metrics are read from
 * @metrics_len: bytes of @metrics, 0: nowhere
 * @log_level: LOG_ERR to LOG_DEBUG
 * @max_connections: most connections at a time
 * @resolver: name servers to ask, as c-ares reads them, "": the host's own
 * @vici: socket of strongSwan's IKE daemon, "": it is not followed
 * @request_timeout: seconds for the rest of a request to come, or for an
 *	answer to be taken
 * @idle_timeout: seconds until a connection without a request is closed, 0:
 *	never
 * @algorithms: integrity algorithms; never "null"
 * @ciphers: encryption algorithms
 * @encryption: what to do about encryption
 * @prefs: what follows from the three above
 * @resolve_via: a host name in Via is resolved
 * @failed_ms: life of a temporary set that failed
 * @limits: limits and timers to push to the kernel
 * @endpoint: endpoints to make
 * @n_endpoint: how many of them
 * @privacy: what becomes of private information at the border
 * @peer: other networks and core nodes, allocated
 * @n_peer: how many of them
 * @guards: there are sections that make this host a core node, a router or one
 *	between security domains: @rules is what the kernel shall have
 * @rules: what the kernel lets through there
 */
struct conf {
	struct sockaddr_storage tcp;
	socklen_t tcp_len;
	struct sockaddr_storage http;
	socklen_t http_len;
	char listen_unix[sizeof(((struct sockaddr_un *)0)->sun_path)];
	uint32_t unix_mode;
	char unix_group[CONF_NAME_MAX];
	struct sockaddr_storage metrics;
	socklen_t metrics_len;
	int log_level;
	uint32_t max_connections;
	char resolver[CONF_RESOLVER_MAX];
	char vici[sizeof(((struct sockaddr_un *)0)->sun_path)];
	uint32_t request_timeout;
	uint32_t idle_timeout;
	struct conf_algs algorithms;
	struct conf_algs ciphers;
	enum conf_encryption encryption;
	struct sec_prefs prefs;
	bool resolve_via;
	uint32_t failed_ms;
	struct gmg_limits limits;
	struct conf_endpoint endpoint[CONF_ENDPOINT_MAX];
	unsigned int n_endpoint;
	struct privacy_policy privacy;
	struct conf_peer *peer;
	unsigned int n_peer;
	bool guards;
	struct gmg_ruleset rules;
};

/**
 * typedef conf_report_fn - is told everything that is wrong with a file
 * @text: "FILE:LINE: what is wrong and what is expected"
 * @arg: what conf_load() was given
 */
typedef void conf_report_fn(const char *text, void *arg);

struct conf *conf_load(const char *path, conf_report_fn *report, void *arg);
struct conf *conf_read(FILE *file, const char *path, conf_report_fn *report,
		       void *arg);
void conf_free(struct conf *conf);
bool conf_is_domain(const char *text);
const char *conf_peer_cert_name(const struct conf_peer *peer, unsigned int i);
bool conf_admits(const struct conf *conf, const struct gmg_addr *local_addr,
		 enum scheme scheme);

#endif /* GMG_CONF_H */
