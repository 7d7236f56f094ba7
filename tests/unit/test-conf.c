// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration file: what is taken, and what is refused with its line.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <syslog.h>
#include <unistd.h>

#include "conf.h"
#include "limits.h"
#include "test.h"

static char complaints[8192];

static void note(const char *text, void *arg)
{
	(void)arg;
	strncat(complaints, text, sizeof(complaints) - strlen(complaints) - 2);
	strcat(complaints, "\n");
}

static struct conf *load(const char *text)
{
	char path[] = "/tmp/gmguard-conf-XXXXXX";
	struct conf *conf;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	complaints[0] = '\0';
	conf = conf_load(path, note, NULL);
	unlink(path);
	return conf;
}

#define GOOD_EP "[endpoint a]\nlocal_addr=10.0.0.1\nport_ps=6101\nport_pc=6110-6113\n"

static const struct bad_case {
	const char *name;
	const char *text;
	const char *says[3];
} bad[] = {
	{ "unknown section", "[agnet]\n", { ":1: unknown section [agnet]", "expected [agent]" } },
	{ "unknown section with keys", "\n[x]\na=b\n", { ":2: unknown section [x]" } },
	{ "unknown key", "[agent]\nlisten=1\n", { ":2: unknown key listen in [agent]", "listen_tcp" } },
	{ "key of another section", "[timers]\nport_ps=1\n", { ":2: unknown key port_ps in [timers]" } },
	{ "key before any section", "log_level=info\n", { ":1: log_level stands before any section" } },
	{ "no value", "[agent]\nlog_level\n", { ":2: expected KEY = VALUE" } },
	{ "section without its end", "[agent\n", { ":1: no section" } },
	{ "key twice", "[agent]\nlog_level=info\nlog_level=info\n", { ":3: log_level is given twice" } },
	{ "indented lines are keys of their own", "[agent]\n log_level=info\n  bad=1\n", { ":3: unknown key bad" } },
	{ "all errors at once", "[agent]\nlog_level=loud\nmax_connections=0\n",
	  { ":2: [agent] log_level = loud: expected err, warning", ":3: [agent] max_connections = 0: expected a number from 1 to 4096" } },
	{ "keys stay on this host: any address", "[agent]\nlisten_tcp=0.0.0.0:8733\n", { ":2:", "only loopback addresses" } },
	{ "keys stay on this host: IPv6 any", "[agent]\nlisten_tcp=[::]:8733\n", { "only loopback addresses" } },
	{ "keys stay on this host: an address of the network", "[agent]\nlisten_tcp=10.33.0.1:8733\n", { "only loopback addresses" } },
	{ "listen_tcp without a port", "[agent]\nlisten_tcp=127.0.0.1\n", { "expected 127.0.0.1:PORT" } },
	{ "listen_tcp with port 0", "[agent]\nlisten_tcp=127.0.0.1:0\n", { "expected 127.0.0.1:PORT" } },
	{ "listen_tcp with a name", "[agent]\nlisten_tcp=example.org:1\n", { "expected 127.0.0.1:PORT" } },
	{ "listen_unix relative", "[agent]\nlisten_unix=a.sock\n", { "expected an absolute path" } },
	{ "listen_unix too long", "[agent]\nlisten_unix=/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678\n", { "at most 107 bytes" } },
	{ "listen_metrics without a port", "[agent]\nlisten_metrics=127.0.0.1\n", { "expected ADDRESS:PORT, an absolute path" } },
	{ "listen_metrics with a name", "[agent]\nlisten_metrics=example.org:1\n", { "expected ADDRESS:PORT" } },
	{ "listen_metrics with a relative path", "[agent]\nlisten_metrics=run/x\n", { "expected ADDRESS:PORT" } },
	{ "nothing to listen on", "[agent]\nlisten_tcp=off\nlisten_unix=off\n", { "nothing to listen on" } },
	{ "unix_mode", "[agent]\nunix_mode=rw\n", { "octal" } },
	{ "GM-17: unknown algorithm", "[security]\nalgorithms=hmac-sha-2\n", { ":2:", "expected hmac-sha-1-96" } },
	{ "GM-17: algorithm twice", "[security]\nalgorithms=hmac-md5-96,hmac-md5-96\n", { ":2:" } },
	{ "GM-17: no algorithm", "[security]\nalgorithms=\n", { ":2:" } },
	{ "GM-18: null is no integrity algorithm", "[security]\nalgorithms=null\n", { ":2:" } },
	{ "GM-18: null beside another one", "[security]\nalgorithms=hmac-sha-1-96,null\n", { ":2:", "expected hmac-sha-1-96" } },
	{ "GM-18: aes-gcm is no integrity algorithm", "[security]\nalgorithms=aes-gcm\n", { ":2:" } },
	{ "GM-18: aes-gmac is no cipher", "[security]\nencryption_algorithms=aes-gmac\n", { ":2:", "expected some of aes-gcm, aes-cbc" } },
	{ "GM-18: aes-gmac alone with ciphers that it does not go with", "[security]\nalgorithms=aes-gmac\n",
	  { "nothing that goes with aes-cbc of encryption_algorithms", "nothing that goes with des-ede3-cbc" } },
	{ "GM-18: the same, encryption required", "[security]\nalgorithms=aes-gmac\nencryption=required\nencryption_algorithms=aes-gcm,aes-cbc\n",
	  { "nothing that goes with aes-cbc of encryption_algorithms" } },
	{ "GM-17: encryption", "[security]\nencryption=maybe\n", { "expected off, preferred or required" } },
	{ "GM-17: encryption required without a cipher", "[security]\nencryption=required\nencryption_algorithms=null\n", { "has no cipher" } },
	{ "GM-42: there is no other way to admit a UE than admit", "[security]\nipsec=optional\n", { ":2: unknown key ipsec" } },
	{ "GM-41: Annex M cannot be configured before it works", "[endpoint a]\nannex_m=yes\n", { ":2: unknown key annex_m" } },
	{ "GM-42: an unknown scheme", GOOD_EP "admit = ipsec-3gpp, sip-digest\n", { ":5:", "none, digest, tls and giba" } },
	{ "GM-42: no scheme", GOOD_EP "admit =\n", { ":5:" } },
	{ "GM-42: admit is a matter of each endpoint", "[security]\nadmit=none\n", { ":2: unknown key admit" } },
	{ "GM-13: resolve_via", "[security]\nresolve_via=on\n", { ":2:", "expected yes or no" } },
	{ "GM-36: failed_ms 0", "[timers]\nfailed_ms=0\n", { "from 1 to 128000" } },
	{ "GM-36: failed_ms longer than any transaction", "[timers]\nfailed_ms=128001\n", { "from 1 to 128000" } },
	{ "GM-28: temporary_ms above what the kernel takes", "[timers]\ntemporary_ms=2147483648\n", { "to 2147483647" } },
	{ "GM-28: temporary_ms 0", "[timers]\ntemporary_ms=0\n", { "expected milliseconds" } },
	{ "a limit above what the kernel takes", "[limits]\nunprotected_rate=1000001\n", { ":2: [limits] unprotected_rate = 1000001: expected a number from 0 to 1000000" } },
	{ "a limit below what the kernel takes", "[limits]\nunprotected_burst=0\n", { "a number from 1 to 1000000" } },
	{ "a time among the limits", "[limits]\nemergency_ms=0\n", { "milliseconds from 1 to 2147483647" } },
	{ "an nflog group above 16 bits", "[limits]\nnflog_group=65536\n", { "a number from 0 to 65535" } },
	{ "a limit twice", "[limits]\nmax_sets=1\nmax_sets=1\n", { ":3: max_sets is given twice" } },
	{ "an unknown limit", "[limits]\nmax_set=1\n", { ":2: unknown key max_set in [limits]: expected max_sets, drop_samples, ", ", drop_copies, nflog_group" } },
	{ "keys have no dashes", "[limits]\nmax-sets=1\n", { ":2: unknown key max-sets" } },
	{ "a timer among the limits", "[limits]\ntemporary_ms=1\n", { ":2: unknown key temporary_ms" } },
	{ "a number with a unit", "[timers]\ngrace_ms=128s\n", { "expected milliseconds" } },
	{ "a negative number", "[timers]\ngrace_ms=-1\n", { "expected milliseconds" } },
	{ "a number above 32 bits", "[timers]\ngrace_ms=4294967296\n", { "expected milliseconds" } },
	{ "endpoint without a name", "[endpoint ]\n", { "unknown section" } },
	{ "endpoint without an address", "[endpoint a]\nport_ps=1\nport_pc=2-5\n", { ":1: [endpoint a] has no valid local_addr" } },
	{ "endpoint with a wrong address", "[endpoint a]\nlocal_addr=10.0.0.256\n", { ":2:", "expected an IPv4 or IPv6 address" } },
	{ "endpoint without port_ps", "[endpoint a]\nlocal_addr=10.0.0.1\nport_pc=2-5\n", { "has no port_ps" } },
	{ "GM-34: endpoint with three client ports", "[endpoint a]\nlocal_addr=10.0.0.1\nport_ps=1\nport_pc=2-4\n", { "3 ports in port_pc: expected at least 4" } },
	{ "endpoint with nine server ports", "[endpoint a]\nport_ps=1-9\n", { ":2:", "at most 8" } },
	{ "a range the wrong way", "[endpoint a]\nport_ps=9-1\n", { ":2:" } },
	{ "port 0", "[endpoint a]\nport_ps=0\n", { ":2:" } },
	{ "port 65536", "[endpoint a]\nport_ps=65536\n", { ":2:" } },
	{ "5060 cannot be protected", "[endpoint a]\nlocal_addr=10.0.0.1\nport_ps=5060\nport_pc=2-5\n", { "5060 cannot be a protected port" } },
	{ "5061 cannot be protected", "[endpoint a]\nlocal_addr=10.0.0.1\nport_ps=1\nport_pc=5058-5061\n", { "5061 cannot be a protected port" } },
	{ "a port protected twice", "[endpoint a]\nlocal_addr=10.0.0.1\nport_ps=4\nport_pc=2-5\n", { "port_ps: 4 is there twice" } },
	{ "a port protected and unprotected", GOOD_EP "port_unprotected=6101\n", { "6101 is in port_unprotected too" } },
	{ "GM-02: emergency", GOOD_EP "port_unprotected=5060\nemergency=maybe\n", { ":6: [endpoint a] emergency = maybe: expected yes or no" } },
	{ "GM-02: stun", GOOD_EP "stun=maybe\n", { ":5: [endpoint a] stun = maybe: expected yes or no" } },
	{ "GM-02: emergency twice", GOOD_EP "port_unprotected=5060\nemergency=yes\nemergency=no\n", { ":7: emergency is given twice" } },
	{ "GM-02: emergency without a port for it", GOOD_EP "emergency=yes\n", { ":1: [endpoint a] emergency = yes, but there is no port", "add port_unprotected" } },
	{ "GM-02: emergency is a matter of each endpoint", "[security]\nemergency=yes\n", { ":2: unknown key emergency" } },
	{ "GM-02: TLS cannot be read on the way", GOOD_EP "port_unprotected=5060,5061\n", { ":1: [endpoint a] port_unprotected: 5061 speaks TLS", "leave it out" } },
	{ "gmguardd makes SA sets, so it makes nothing that only audits", GOOD_EP "audit=yes\n", { ":5: unknown key audit" } },
	{ "a prefix with bits beyond its length", GOOD_EP "exempt=10.0.0.1/24\n", { ":5:" } },
	{ "policy_priority too small", GOOD_EP "policy_priority=2080\n", { "from 2081" } },
	{ "two endpoints of one address", GOOD_EP "[endpoint b]\nlocal_addr=10.0.0.1\nport_ps=1\nport_pc=2-5\n", { "one endpoint an address" } },
	{ "two endpoints of one name", GOOD_EP "[endpoint a]\n", { "a second endpoint a" } },
	{ "NW-01: a word that is none", "[privacy]\nfield = Path remove remove hide keep\n", { ":2: [privacy] field = Path", "keep or remove each" } },
	{ "NW-01: a row with three words", "[privacy]\nfield = Path remove remove keep\n", { ":2:", "towards a foreign network" } },
	{ "NW-01: a row with five words", "[privacy]\nfield = Path keep keep keep keep keep\n", { ":2:" } },
	{ "NW-01: no name of a header field", "[privacy]\nfield = Pa:th keep keep keep keep\n", { ":2:" } },
	{ "NW-01: From cannot go", "[privacy]\nfield = From remove keep keep keep\n", { ":2:", "a header field that may go" } },
	{ "NW-01: Privacy has rules of its own", "[privacy]\nresponse_field = privacy remove keep keep keep\n", { ":2:" } },
	{ "NW-01: a value of Via cannot go", "[privacy]\nfield_value = Via x remove keep keep keep\n", { ":2:", "a value of it" } },
	{ "NW-01: anonymize is for History-Info", "[privacy]\nfield = Path anonymize keep keep keep\n", { ":2:", "for History-Info also anonymize" } },
	{ "NW-01: ioi is for P-Charging-Vector", "[privacy]\nfield = History-Info ioi keep keep keep\n", { ":2:", "for P-Charging-Vector also ioi" } },
	{ "NW-01: parameters are kept or removed", "[privacy]\nparameter = cpc ioi keep keep keep\n", { ":2:", "a parameter of URIs" } },
	{ "NW-01: none", "[privacy]\nnone = anonymize\n", { ":2:", "remove (TS 33.203 5.3) or keep (RFC 3325)" } },
	{ "NW-01: none twice", "[privacy]\nnone = keep\nnone = keep\n", { ":3: none is given twice" } },
	{ "NW-01: a class that is none", "[peer a]\nclass = friend\n", { ":2: [peer a] class = friend: expected own, partner or foreign" } },
	{ "NW-01: protected_by", "[peer a]\nprotected_by = hope\n", { ":2:", "tls, or network" } },
	{ "NW-01: a domain that is none", "[peer a]\ndomains = a..b\n", { ":2:", "without a dot at their end" } },
	{ "NW-01: a wildcard is no domain", "[peer a]\ndomains = *.b\n", { ":2:" } },
	{ "NW-01: an address that is none", "[peer a]\naddresses = 10.0.0.1/8\n", { ":2:", "without bits beyond their length" } },
	{ "NW-01: a domain of two", "[peer a]\ndomains = x.y\n[peer b]\ndomains = X.Y\n", { ":3: [peer b] has a domain of [peer a] (line 1): whose is it?" } },
	{ "NW-01: an address of two", "[peer a]\naddresses = 10.0.0.0/8\n[peer b]\naddresses = 10.0.0.0/8\n", { ":3: [peer b] has an address of [peer a] (line 1), 10.0.0.0/8: whose is it?" } },
	{ "NW-03: an address twice", "[pool a]\naddresses = 10.0.0.1\naddresses = 10.0.0.1\n", { ":1: [pool a] has 10.0.0.1/32 twice" } },
	{ "NW-03: two rules of one kind and name", "[pool a]\n[core a]\n[pool a]\n", { ":3: a second pool a (the first one is at line 1)" } },
	{ "NW-03: a rule without a name", "[pool]\n", { ":1: unknown section [pool]", "[pool NAME]" } },
	{ "NW-03: a key of peers in another rule", "[pool a]\ndomains = a.b\n", { ":2: unknown key domains in [pool a]", "address_file" } },
	{ "NW-03: a port that is none", "[node]\nport = udp/0\n", { ":2: [node] port = udp/0: expected PROTOCOL/PORT" } },
	{ "NW-03: an address file that is not there", "[peer a]\naddress_file = /nonexistent\n", { ":2: [peer a] address_file" } },
	{ "NW-03: audit twice", "[node]\naudit = yes\n[router]\n[node]\naudit = no\n", { ":5: audit is given twice" } },
	{ "NW-01: two peers of one name", "[peer a]\n[peer a]\n", { ":2: a second peer a (the first one is at line 1)" } },
	{ "NW-01: peer without a name", "[peer]\n", { "unknown section [peer]", "[peer NAME]" } },
	{ "NW-01: HTTP stays on this host", "[agent]\nlisten_http = 0.0.0.0:80\n", { ":2:", "127.0.0.1:PORT" } },
	{ "a line of 300 bytes", "[agent]\n#\nunix_group = 000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\n", { ":3: line longer than" } },
};

static void test_bad(void **state)
{
	const struct bad_case *c = *state;

	assert_null(load(c->text));
	for (size_t i = 0; i < COUNT(c->says) && c->says[i]; i++) {
		if (!strstr(complaints, c->says[i]))
			fail_msg("no \"%s\" in: %s", c->says[i], complaints);
	}
}

static void test_missing_file(void **state)
{
	(void)state;
	complaints[0] = '\0';
	assert_null(conf_load("/nonexistent/gmguard.conf", note, NULL));
	assert_non_null(strstr(complaints, "cannot open it"));
}

static void test_defaults(void **state)
{
	struct conf *conf = load("# nothing\n");
	struct sockaddr_in *in;

	(void)state;
	assert_non_null(conf);
	in = (struct sockaddr_in *)&conf->tcp;
	assert_int_equal(in->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
	assert_int_equal(in->sin_port, htons(8733));
	assert_string_equal(conf->listen_unix, "/run/gmguard/gmguardd.sock");
	assert_int_equal(conf->unix_mode, 0660);
	assert_int_equal(conf->log_level, LOG_INFO);
	assert_false(conf->resolve_via);
	assert_int_equal(conf->failed_ms, 2000);
	assert_int_equal(conf->encryption, CONF_ENCRYPTION_PREFERRED);
	assert_int_equal(conf->n_endpoint, 0);
	assert_int_equal(conf->limits.has, 0);
	conf_free(conf);
}

/* As c-ares takes them: it wants a port behind brackets. */
static void test_servers(void **state)
{
	struct conf *conf = load("[agent]\nresolver = 192.0.2.53, [fd60::53], "
				 "fd60::54,192.0.2.54:5353, [fd60::55]:5353\n");

	(void)state;
	if (!conf)
		fail_msg("%s", complaints);
	assert_string_equal(conf->resolver, "192.0.2.53:53,[fd60::53]:53,[fd60::54]:53,192.0.2.54:5353,[fd60::55]:5353");
	conf_free(conf);
}

static void test_endpoint(void **state)
{
	struct conf *conf = load("[endpoint gm 4]\n"
				 "  local_addr = 10.33.0.1 ; access side\n"
				 "port_ps = 6101\nport_ps = 6102\n"
				 "port_pc = 6110-6112, 6200,6300-6301\n"
				 "port_unprotected=5060\n"
				 "exempt = 10.44.0.0/24, fd44::/64,10.1.1.1\n"
				 "policy_priority = 4000\n"
				 "[timers]\ntemporary_ms=1000\n");
	const struct gmg_endpoint *ep;

	(void)state;
	if (!conf)
		fail_msg("%s", complaints);
	assert_int_equal(conf->n_endpoint, 1);
	assert_string_equal(conf->endpoint[0].name, "gm 4");
	ep = &conf->endpoint[0].ep;
	assert_int_equal(ep->n_port_ps, 2);
	assert_int_equal(ep->n_port_pc, 6);
	assert_int_equal(ep->port_pc[2], 6112);
	assert_int_equal(ep->port_pc[5], 6301);
	assert_int_equal(ep->n_port_unprotected, 1);
	assert_int_equal(ep->n_exempt, 3);
	assert_int_equal(ep->exempt[2].len, 32);
	assert_int_equal(ep->policy_priority, 4000);
	assert_int_equal(conf->limits.has, 1u << GMGUARD_A_LIMITS_TEMPORARY_MS);
	assert_int_equal(conf->limits.value[GMGUARD_A_LIMITS_TEMPORARY_MS],
			 1000);
	conf_free(conf);
}

#define LINE(id, name, alias, time, least, most, ...) \
	{ GMGUARD_A_LIMITS_##id, name, least, most },
static const struct {
	int id;
	const char *name;
	uint32_t least, most;
} limits[] = { GMG_LIMITS(LINE) };

/* Every limit of the kernel has a key, and the kernel's range. */
static void test_limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * COUNT(limits); i++) {
		const uint32_t value = i % 2 ? limits[i / 2].most :
			limits[i / 2].least;
		const int id = limits[i / 2].id;
		struct conf *conf;
		char text[128], *dash;

		snprintf(text, sizeof(text), "[%s]\n%s=%u\n",
			 id == GMGUARD_A_LIMITS_TEMPORARY_MS ||
			 id == GMGUARD_A_LIMITS_GRACE_MS ? "timers" : "limits",
			 limits[i / 2].name, value);
		while ((dash = strchr(text, '-')))
			*dash = '_';
		conf = load(text);
		if (!conf)
			fail_msg("%s", complaints);
		assert_int_equal(conf->limits.has, 1u << id);
		assert_int_equal(conf->limits.value[id], value);
		conf_free(conf);
	}
	assert_int_equal(COUNT(limits), GMGUARD_A_LIMITS_MAX);
}

/* No emergency call comes in clear unless the endpoint says so. */
static void test_emergency(void **state)
{
	struct conf *conf = load(GOOD_EP "port_unprotected=5060\n"
				 "emergency = yes\n"
				 "[endpoint b]\nlocal_addr=fd33::1\n"
				 "port_ps=6101\nport_pc=6110-6113\n"
				 "emergency = no\n"
				 "[endpoint c]\nlocal_addr=10.0.0.3\n"
				 "port_ps=6101\nport_pc=6110-6113\n"
				 "port_unprotected=5060\n");

	(void)state;
	if (!conf)
		fail_msg("%s", complaints);
	assert_true(conf->endpoint[0].ep.emergency);
	assert_false(conf->endpoint[1].ep.emergency);
	assert_false(conf->endpoint[2].ep.emergency);
	for (int i = 0; i < 3; i++)
		assert_false(conf->endpoint[i].ep.audit);
	conf_free(conf);
}

/* Each endpoint admits IPsec, and what it says besides. */
static void test_admit(void **state)
{
	struct conf *conf = load(GOOD_EP "admit = digest, none\nadmit=giba\n"
				 "[endpoint b]\nlocal_addr=fd33::1\n"
				 "port_ps=6101\nport_pc=6110-6113\n"
				 "[endpoint c]\nlocal_addr=10.0.0.3\n"
				 "port_ps=6101\nport_pc=6110-6113\n"
				 "admit = ipsec-3gpp\n"
				 "[security]\nresolve_via=yes\n"
				 "[timers]\nfailed_ms=7\n");
	static const struct {
		const char *addr;
		bool admits[SCHEME_NUM];
	} cases[] = {
		{ "10.0.0.1", { true, true, true, false, true } },
		{ "fd33::1", { true } },
		{ "10.0.0.3", { true } },
		{ "10.0.0.4", { false } },
	};

	(void)state;
	if (!conf)
		fail_msg("%s", complaints);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct gmg_addr addr;

		gmg_addr_parse(cases[i].addr, &addr);
		for (int j = 0; j < SCHEME_NUM; j++)
			assert_int_equal(conf_admits(conf, &addr, j),
					 cases[i].admits[j]);
	}
	assert_true(conf->resolve_via);
	assert_int_equal(conf->failed_ms, 7);
	conf_free(conf);
}

static const struct prefs_case {
	const char *name;
	const char *text;
	const char *prefs;
} prefs[] = {
	{ "GM-17: encryption preferred: ciphers first, null last", "",
	  "hmac-sha-1-96/aes-cbc hmac-md5-96/aes-cbc hmac-sha-1-96/des-ede3-cbc hmac-md5-96/des-ede3-cbc hmac-sha-1-96/null hmac-md5-96/null " },
	{ "GM-17: encryption off", "[security]\nencryption=off\n",
	  "hmac-sha-1-96/null hmac-md5-96/null " },
	{ "GM-17: encryption required", "[security]\nencryption=required\nencryption_algorithms=des-ede3-cbc,null,aes-cbc\nalgorithms=hmac-md5-96\n",
	  "hmac-md5-96/des-ede3-cbc hmac-md5-96/aes-cbc " },
	{ "GM-17: null is always last when encryption is preferred", "[security]\nencryption_algorithms=null,aes-cbc\nalgorithms=hmac-md5-96\n",
	  "hmac-md5-96/aes-cbc hmac-md5-96/null " },
	{ "GM-18 GM-27: aes-gcm goes alone, and only where it is named", "[security]\nencryption_algorithms=aes-gcm,aes-cbc\n",
	  "null/aes-gcm hmac-sha-1-96/aes-cbc hmac-md5-96/aes-cbc hmac-sha-1-96/null hmac-md5-96/null " },
	{ "GM-18 GM-27: aes-gmac goes without encryption, and only where it is named", "[security]\nalgorithms=aes-gmac,hmac-sha-1-96\n",
	  "hmac-sha-1-96/aes-cbc hmac-sha-1-96/des-ede3-cbc aes-gmac/null hmac-sha-1-96/null " },
	{ "GM-18: aes-gmac and nothing else", "[security]\nalgorithms=aes-gmac\nencryption=off\n", "aes-gmac/null " },
	{ "GM-18: aes-gmac or aes-gcm", "[security]\nalgorithms=aes-gmac\nencryption_algorithms=aes-gcm\n", "null/aes-gcm aes-gmac/null " },
	{ "GM-18: aes-gcm and nothing else", "[security]\nencryption=required\nencryption_algorithms=aes-gcm\n", "null/aes-gcm " },
	{ "GM-18: encryption off: no aes-gcm", "[security]\nencryption=off\nencryption_algorithms=aes-gcm\n", "hmac-sha-1-96/null hmac-md5-96/null " },
	{ "GM-17 GM-18: all that there are", "[security]\nalgorithms=aes-gmac,hmac-sha-1-96,hmac-md5-96\nencryption_algorithms=aes-gcm,aes-cbc,des-ede3-cbc\n",
	  "null/aes-gcm hmac-sha-1-96/aes-cbc hmac-md5-96/aes-cbc hmac-sha-1-96/des-ede3-cbc hmac-md5-96/des-ede3-cbc aes-gmac/null hmac-sha-1-96/null hmac-md5-96/null " },
};

static void test_prefs(void **state)
{
	const struct prefs_case *c = *state;
	struct conf *conf = load(c->text);
	char text[512] = "";

	if (!conf)
		fail_msg("%s", complaints);
	for (unsigned int i = 0; i < conf->prefs.n; i++)
		sprintf(text + strlen(text), "%s/%s ",
			gmg_alg_name(conf->prefs.pair[i].alg),
			gmg_ealg_name(conf->prefs.pair[i].ealg));
	assert_string_equal(text, c->prefs);
	conf_free(conf);
}

/* The example that we ship has to be valid. */
static const char *example;

static void test_example(void **state)
{
	struct conf *conf;

	(void)state;
	complaints[0] = '\0';
	conf = conf_load(example, note, NULL);
	if (!conf)
		fail_msg("%s", complaints);
	conf_free(conf);
}

int main(int argc, char **argv)
{
	assert_int_equal(argc, 2);
	example = argv[1];
	add_rows(bad, test_bad);
	add_test("no file", test_missing_file);
	add_test("defaults", test_defaults);
	add_test("NW-02: name servers, IPv6 ones with a port or without",
		 test_servers);
	add_test("an endpoint with lists, ranges and comments", test_endpoint);
	add_test("every limit of the kernel, at both ends", test_limits);
	add_test("GM-02 GM-38: emergency calls in clear only where they are asked for",
		 test_emergency);
	add_test("GM-42: each endpoint admits what it says", test_admit);
	add_rows(prefs, test_prefs);
	add_test("agent/examples/gmguard.conf", test_example);
	return run_all("conf");
}
