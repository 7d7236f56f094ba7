// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Method "nexthop": what is asked of name servers, and what is made of their
 * answers. The name server is a socket in the same event loop, which answers
 * c-ares with records written down here.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dns.h"
#include "proxy.h"

#define TYPE_A		1
#define TYPE_AAAA	28
#define TYPE_SRV	33
#define TYPE_NAPTR	35
#define TTL		"60"

/* ORDER FLAGS SERVICE REPLACEMENT; PRIORITY PORT TARGET; ADDRESS */
static const struct record {
	const char *name;
	int type;
	uint32_t ttl;
	const char *text;
} records[] = {
	{ "p.example", TYPE_NAPTR, 60, "10 s SIP+D2U _sip._udp.p.example" },
	{ "p.example", TYPE_NAPTR, 60, "30 s SIPS+D2T bad.p.example" },
	{ "p.example", TYPE_NAPTR, 60, "20 s SIPS+D2T tls.p.example" },
	{ "tls.p.example", TYPE_SRV, 60, "20 5061 b.p.example" },
	{ "tls.p.example", TYPE_SRV, 60, "10 5071 a.p.example" },
	{ "a.p.example", TYPE_A, 60, "192.0.2.1" },
	{ "a.p.example", TYPE_AAAA, 60, "2001:db8::1" },
	{ "b.p.example", TYPE_A, 60, "192.0.2.2" },
	/* no NAPTR */
	{ "_sips._tcp.srv.p.example", TYPE_SRV, 60, "10 5061 b.p.example" },
	/* services in clear only */
	{ "clear.p.example", TYPE_NAPTR, 60, "10 s SIP+D2T clear" },
	{ "_sip._tcp.clear.p.example", TYPE_SRV, 60, "1 5060 b.p.example" },
	{ "clear.p.example", TYPE_A, 60, "192.0.2.3" },
	{ "_sips._tcp.none.p.example", TYPE_SRV, 60, "0 0 ." },
	{ "short.p.example", TYPE_A, 0, "192.0.2.4" },
	{ "far.p.example", TYPE_A, 60, "203.0.113.9" },
	/* one host of two is there */
	{ "_sips._tcp.half.p.example", TYPE_SRV, 60, "1 5061 gone.p.example" },
	{ "_sips._tcp.half.p.example", TYPE_SRV, 60, "2 5061 b.p.example" },
};

static int server_fd = -1;
static unsigned int questions;
static bool silent;
static size_t cut;
static json_t *last;
static struct event *event;

static size_t put_name(uint8_t *at, const char *name)
{
	uint8_t *from = at;

	while (*name && strcmp(name, ".")) {
		size_t len = strcspn(name, ".");

		*at++ = len;
		memcpy(at, name, len);
		at += len;
		name += len + (name[len] == '.');
	}
	*at++ = 0;
	return at - from;
}

static uint8_t *put16(uint8_t *at, uint32_t number)
{
	*at++ = number >> 8;
	*at++ = number;
	return at;
}

static uint8_t *put_text(uint8_t *at, const char *text)
{
	*at = strlen(text);
	memcpy(at + 1, text, *at);
	return at + 1 + *at;
}

static uint8_t *put_data(uint8_t *at, const struct record *r)
{
	char flags[8], service[32], name[128];
	unsigned int first, port;

	if (r->type == TYPE_A)
		return at + 4 * inet_pton(AF_INET, r->text, at);
	if (r->type == TYPE_AAAA)
		return at + 16 * inet_pton(AF_INET6, r->text, at);
	if (r->type == TYPE_SRV) {
		sscanf(r->text, "%u %u %127s", &first, &port, name);
		at = put16(put16(put16(at, first), 0), port);
		return at + put_name(at, name);
	}
	sscanf(r->text, "%u %7s %31s %127s", &first, flags, service, name);
	at = put_text(put16(put16(at, first), 0), flags);
	at = put_text(put_text(at, service), "");
	return at + put_name(at, name);
}

static uint8_t *put_record(uint8_t *at, const struct record *r)
{
	uint8_t *length;

	at += put_name(at, r->name);
	at = put16(put16(at, r->type), 1);
	at = put16(put16(at, r->ttl >> 16), r->ttl);
	length = at;
	at = put_data(at + 2, r);
	put16(length, at - length - 2);
	return at;
}

static void answer_question(evutil_socket_t fd, short what, void *arg)
{
	uint8_t buf[2048], *at;
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	ssize_t n = recvfrom(fd, buf, 512, 0, (void *)&from, &len);
	char name[256] = "";
	unsigned int count = 0, type;

	(void)what;
	(void)arg;
	questions++;
	if (silent || n < 17)
		return;
	for (at = buf + 12; *at; at += 1 + *at)
		snprintf(name + strlen(name), sizeof(name) - strlen(name),
			 "%s%.*s", *name ? "." : "", *at, at + 1);
	type = at[1] << 8 | at[2];
	at += 5;
	for (size_t i = 0; i < COUNT(records); i++) {
		if (records[i].type == (int)type &&
		    !strcasecmp(records[i].name, name)) {
			at = put_record(at, &records[i]);
			count++;
		}
	}
	put16(buf + 2, 0x8580);
	put16(buf + 6, count);
	put16(buf + 8, 0);
	put16(buf + 10, 0);
	n = at - buf;
	if (cut && (size_t)n > cut)
		n = cut;
	sendto(fd, buf, n, 0, (void *)&from, len);
}

static void begin(const char *more)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001),
	};
	socklen_t len = sizeof(addr);
	char conf[1024];

	if (server_fd < 0) {
		server_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		assert_int_equal(bind(server_fd, (void *)&addr, len), 0);
		event = event_new(base, server_fd, EV_READ | EV_PERSIST,
				  answer_question, NULL);
		event_add(event, NULL);
	}
	getsockname(server_fd, (void *)&addr, &len);
	snprintf(conf, sizeof(conf),
		 "[agent]\nresolver=127.0.0.1:%u\n"
		 "[peer p]\nclass=partner\nagreement=yes\ndomains=p.example\n"
		 "%s[peer q]\ndomains=q.example\naddresses=198.51.100.0/24\n"
		 "[peer in]\nclass=own\ndomains=home.example\n",
		 ntohs(addr.sin_port), more);
	start(conf);
	questions = 0;
	silent = false;
	cut = 0;
}

static void on_begin(void *arg, struct rpc_later *later)
{
	*(struct rpc_later **)arg = later;
}

static void on_end(void *arg, struct rpc_later *later, char *text)
{
	assert_ptr_equal(*(struct rpc_later **)arg, later);
	*(struct rpc_later **)arg = NULL;
	last = json_loads(text, 0, NULL);
	secret_free(text);
}

/* Ask, and let the loop run until the answer has come. */
static json_t *find(const char *domain, int port)
{
	struct rpc_later *later = NULL;
	const struct rpc_waiter waiter = { on_begin, on_end, &later };
	json_t *params = json_pack("{s:s}", "domain", domain), *request;
	char *text, *now;

	if (port)
		json_object_set_new(params, "port", json_integer(port));
	request = json_pack("{s:s, s:i, s:s, s:o}", "jsonrpc", "2.0", "id", 7,
			    "method", "nexthop", "params", params);
	text = json_dumps(request, 0);
	json_decref(request);
	json_decref(last);
	last = NULL;
	agent.rpc.waiter = &waiter;
	now = rpc_handle(&agent.rpc, text, strlen(text));
	agent.rpc.waiter = NULL;
	secret_free(text);
	if (now)
		last = json_loads(now, 0, NULL);
	secret_free(now);
	while (later)
		event_base_loop(base, EVLOOP_ONCE);
	assert_non_null(last);
	assert_int_equal(number_of(last, "id"), 7);
	return json_object_get(last, json_object_get(last, "result") ?
			       "result" : "error");
}

/* "ADDRESS:PORT ..." in the order in which they are tried */
static void assert_targets(const json_t *result, const char *want)
{
	char found[512] = "";
	json_t *target;
	size_t i;

	assert_forward(result);
	json_array_foreach(list_of(result, "targets"), i, target) {
		assert_string_equal(text_of(target, "transport"), "tls");
		assert_non_null(strstr(text_of(target, "uri"),
				       ";transport=tls"));
		snprintf(found + strlen(found), sizeof(found) - strlen(found),
			 "%s%s:%lld", *found ? " " : "",
			 text_of(target, "addr"), number_of(target, "port"));
	}
	assert_string_equal(found, want);
}

static const struct hop_case {
	const char *name;
	const char *domain;
	int port;
	const char *targets;	/* or "-CAUSE" */
} hops[] = {
	{ "NW-02 NAPTR, then SRV: the first SIPS+D2T counts", "p.example", 0,
	  "192.0.2.1:5071 2001:db8::1:5071 192.0.2.2:5061" },
	{ "NW-02 a domain in capitals, with the root's dot", "P.Example.", 0,
	  "192.0.2.1:5071 2001:db8::1:5071 192.0.2.2:5061" },
	{ "NW-02 no NAPTR: SRV of _sips._tcp", "srv.p.example", 0,
	  "192.0.2.2:5061" },
	{ "NW-02 services in clear do not count: TLS at the domain itself",
	  "clear.p.example", 0, "192.0.2.3:5061" },
	{ "NW-02 neither: the domain is a host", "b.p.example", 0,
	  "192.0.2.2:5061" },
	{ "NW-02 a port: no NAPTR, no SRV", "a.p.example", 6061,
	  "192.0.2.1:6061 2001:db8::1:6061" },
	{ "NW-02 one of two hosts has an address", "half.p.example", 0,
	  "192.0.2.2:5061" },
	{ "NW-02 the domain says that there is no such service",
	  "none.p.example", 0, "-unresolved" },
	{ "NW-02 no such domain", "gone.p.example", 0, "-unresolved" },
	{ "NW-02 nobody's domain", "r.example", 0, "-unknown-domain" },
	{ "NW-02 a domain of somebody without an agreement", "q.example", 0,
	  "-no-agreement" },
	{ "NW-02 an address of somebody without an agreement",
	  "198.51.100.1", 0, "-no-agreement" },
	{ "NW-02 the own network", "home.example", 0, "-own" },
	{ "NW-02 no domain", "a b", 0, "-unknown-domain" },
	{ "NW-02 an empty domain", "", 0, "-unknown-domain" },
};

static void test_hop(void **state)
{
	const struct hop_case *c = *state;
	json_t *result;

	begin("");
	result = find(c->domain, c->port);
	if (*c->targets == '-') {
		assert_string_equal(text_of(result, "action"), "reject");
		assert_string_equal(text_of(result, "cause"), c->targets + 1);
	} else {
		assert_targets(result, c->targets);
		assert_string_equal(text_of(result, "peer"), "p");
	}
	cleanup();
}

static void test_cache(void **state)
{
	unsigned int asked;

	(void)state;
	begin("");
	find("a.p.example", 5061);
	asked = questions;
	assert_true(asked >= 2);
	assert_targets(find("A.p.example", 5061),
		       "192.0.2.1:5061 2001:db8::1:5061");
	assert_int_equal(questions, asked);
	/* TTL 0 */
	find("short.p.example", 5061);
	asked = questions;
	find("short.p.example", 5061);
	assert_true(questions > asked);
	cleanup();
}

static void test_addresses(void **state)
{
	json_t *result;

	(void)state;
	begin("addresses=192.0.2.2, 203.0.113.7\n");
	assert_targets(find("p.example", 0), "192.0.2.2:5061");
	result = find("far.p.example", 0);
	assert_string_equal(text_of(result, "cause"), "address");
	assert_targets(find("203.0.113.7", 0), "203.0.113.7:5061");
	assert_targets(find("203.0.113.7", 5071), "203.0.113.7:5071");
	cleanup();
}

static void test_silent(void **state)
{
	(void)state;
	begin("");
	silent = true;
	assert_string_equal(text_of(find("p.example", 0), "cause"),
			    "unresolved");
	cleanup();
}

/* However short an answer is cut: an answer, none in clear, no crash */
static void test_cut(void **state)
{
	(void)state;
	for (size_t i = 13; i < 120; i += 7) {
		json_t *result;

		begin("");
		cut = i;
		result = find("srv.p.example", 5061);
		assert_string_equal(text_of(result, "action"), "reject");
		cleanup();
	}
}

static void test_reload(void **state)
{
	struct rpc_later *later = NULL;
	const struct rpc_waiter waiter = { on_begin, on_end, &later };
	static const char text[] =
		"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"nexthop\",\"params\":{\"domain\":\"p.example\"}}";

	(void)state;
	begin("");
	silent = true;
	json_decref(last);
	last = NULL;
	agent.rpc.waiter = &waiter;
	assert_null(rpc_handle(&agent.rpc, text, strlen(text)));
	agent.rpc.waiter = NULL;
	assert_non_null(later);
	assert_int_equal(agent_reload(&agent, configure("")), 0);
	while (later)
		event_base_loop(base, EVLOOP_ONCE);
	assert_string_equal(text_of(json_object_get(last, "result"), "cause"),
			    "unknown-domain");
	cleanup();
}

static void test_alone(void **state)
{
	static const char batch[] =
		"[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"nexthop\",\"params\":{\"domain\":\"p.example\"}}]";
	json_t *answers;
	char *text;

	(void)state;
	begin("");
	assert_fault(call("nexthop", json_pack("{s:s}", "domain",
					       "p.example")),
		     RPC_INVALID_REQUEST, "not in a batch");
	text = rpc_handle(&agent.rpc, batch, strlen(batch));
	answers = json_loads(text, 0, NULL);
	assert_fault(json_object_get(json_array_get(answers, 0), "error"),
		     RPC_INVALID_REQUEST, "not in a batch");
	json_decref(answers);
	secret_free(text);
	cleanup();
}

static uint32_t lowest(uint32_t bound)
{
	(void)bound;
	return 0;
}

static uint32_t highest(uint32_t bound)
{
	return bound - 1;
}

/* RFC 2782: by priority, then by weight */
static void test_order(void **state)
{
	struct dns_hosts hosts = { .n = 4, .host = {
		{ "c", 1, 20, 1 }, { "a", 1, 10, 5 }, { "b", 1, 10, 0 },
		{ "d", 1, 30, 0 } } };

	(void)state;
	dns_order(&hosts, highest);
	assert_string_equal(hosts.host[2].name, "c");
	assert_string_equal(hosts.host[3].name, "d");
	dns_order(&hosts, lowest);
	assert_string_equal(hosts.host[2].name, "c");
	assert_string_equal(hosts.host[3].name, "d");
}

int main(void)
{
	int ret;

	add_rows(hops, test_hop);
	add_test("NW-02 what is known is not asked again", test_cache);
	add_test("NW-02 addresses of the section only", test_addresses);
	add_test("NW-02 name servers that do not answer", test_silent);
	add_test("NW-02 answers that are cut", test_cut);
	add_test("NW-02 the configuration is read again meanwhile",
		 test_reload);
	add_test("a call that cannot wait", test_alone);
	add_test("NW-02 the order of hosts", test_order);
	open_proxy();
	ret = run_all("nexthop");
	json_decref(last);
	event_free(event);
	close_proxy();
	return ret;
}
