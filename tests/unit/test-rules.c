// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ruleset of the configuration: what it means, and how the kernel gets it.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "proxy.h"

#define NODE	"[node]\nport = udp/5060, tcp/5061/tls\n"
#define PEERS	"[peer home]\nclass = own\naddresses = 10.44.0.1, fd44::1\n" \
		"[peer partner]\nclass = partner\ndomains = p.example\n" \
		"addresses = 192.0.2.0/24\nport = tcp/5061\n"
#define REST	"[pool ims]\naddresses = 10.50.0.0/16, fd50::/32\n"

static const struct gmg_rule *rule_of(struct gmg_ruleset *rs, uint32_t kind,
				      const char *name)
{
	const struct gmg_rule *rule = ruleset_find(rs, kind, name);

	assert_non_null(rule);
	return rule;
}

static const struct gmg_rule *peer(const char *name)
{
	return rule_of(&fake.rules, GMGUARD_RULE_KIND_PEER, name);
}

/* What the agent says of it, for free(). */
static char *reloaded(const char *more, int ret)
{
	FILE *before = stderr;
	char *said = NULL;
	size_t size;

	log_set_level(LOG_NOTICE);
	stderr = open_memstream(&said, &size);
	assert_int_equal(agent_reload(&agent, configure(more)), ret);
	fclose(stderr);
	stderr = before;
	log_set_level(-1);
	return said;
}

static void assert_said(char *said, const char *words)
{
	if (!strstr(said, words))
		fail_msg("no \"%s\" in: %s", words, said);
	free(said);
}

/* One list: the peer that the agent knows is the rule that the kernel has. */
static void test_one_list(void **state)
{
	const struct conf_peer *known;

	(void)state;
	setup(NODE PEERS REST);
	assert_true(fake.rules.node);
	assert_int_equal(fake.rules.port.n, 2);
	assert_int_equal(fake.rules.n_rule, 3);
	assert_int_equal(peer("home")->n_prefix, 2);
	assert_string_equal(peer("home")->class_name, "own");
	assert_false(peer("home")->tls);
	assert_string_equal(peer("partner")->class_name, "partner");
	assert_true(peer("partner")->tls);
	assert_int_equal(peer("partner")->port.n, 1);
	known = &agent.conf->peer[1];
	assert_string_equal(known->name, "partner");
	assert_int_equal(known->n_address, 1);
	assert_int_equal(known->address[0].len, 24);
	assert_int_equal(rule_of(&fake.rules, GMGUARD_RULE_KIND_POOL,
				 "ims")->n_prefix, 2);
	cleanup();
}

static const struct tls_case {
	const char *name;
	const char *keys;
	bool tls;
} tls_cases[] = {
	{ "NW-02: no SIP in clear with a partner", "class=partner\n", true },
	{ "NW-02: nor with a foreign network", "class=foreign\n", true },
	{ "NW-02: nor with one whose class nobody has said", "", true },
	{ "NW-02: between our own nodes there may be", "class=own\n", false },
	{ "NW-02: unless it is to be TLS",
	  "protected_by=tls\nclass=own\n", true },
	{ "NW-02: a partner behind a tunnel sends in clear",
	  "class=partner\nprotected_by=network\n", false },
};

static void test_tls(void **state)
{
	const struct tls_case *c = *state;
	char text[256];

	snprintf(text, sizeof(text), NODE "[peer x]\n%saddresses=10.0.0.1\n",
		 c->keys);
	setup(text);
	assert_int_equal(peer("x")->tls, c->tls);
	assert_int_equal(agent.conf->peer[0].below_sip, !c->tls);
	cleanup();
}

static void test_none(void **state)
{
	(void)state;
	/* peers alone, as on a border without a [node] */
	setup(PEERS);
	assert_int_equal(fake.n_rules_set, 0);
	/* somebody loads one by hand: it stays */
	fake.rules.node = true;
	free(reloaded(PEERS, 0));
	assert_int_equal(fake.n_rules_set, 0);
	assert_true(fake.rules.node);
	/* the file has one now, and then not any more */
	free(reloaded(NODE PEERS, 0));
	assert_int_equal(fake.n_rules_set, 1);
	assert_said(reloaded(PEERS, 0), "\"gmguard peer load /dev/null\"");
	assert_int_equal(fake.n_rules_set, 1);
	assert_true(fake.rules.node);
	cleanup();
}

static void test_differs(void **state)
{
	(void)state;
	setup(NODE PEERS REST);
	assert_int_equal(fake.n_rules_set, 1);
	/* the kernel may give it back in another order, so may the file */
	start(NODE REST PEERS);
	assert_int_equal(fake.n_rules_set, 1);
	free(reloaded("[pool ims]\naddresses = fd50::/32, 10.50.0.0/16\n"
		      "[node]\nport = tcp/5061/tls\nport = udp/5060\n" PEERS, 0));
	assert_int_equal(fake.n_rules_set, 1);
	assert_said(reloaded(NODE PEERS REST "dev = gtp0\n", 0),
		    "the ruleset was replaced");
	assert_int_equal(fake.n_rules_set, 2);
	free(reloaded(NODE PEERS REST, 0));
	free(reloaded(NODE PEERS REST "[pool more]\naddresses=10.60.0.1\n", 0));
	free(reloaded(NODE PEERS REST "[pool more]\naddresses=10.60.0.2\n", 0));
	free(reloaded(NODE PEERS REST "[pool more]\naddresses=10.60.0.2\n"
		      "[router]\naccess_dev=a\ncore_dev=b\n", 0));
	assert_int_equal(fake.n_rules_set, 6);
	/* what was changed by hand meanwhile is what the file says again */
	fake.rules.rule[0].esp = true;
	free(reloaded(NODE PEERS REST "[pool more]\naddresses=10.60.0.2\n"
		      "[router]\naccess_dev=a\ncore_dev=b\n", 0));
	assert_int_equal(fake.n_rules_set, 7);
	assert_false(fake.rules.rule[0].esp);
	cleanup();
}

static void test_refused(void **state)
{
	(void)state;
	setup(NODE PEERS);
	fake.fail_rules = EINVAL;
	assert_said(reloaded(NODE PEERS REST, -EINVAL),
		    "the one before stays: the fake kernel refuses");
	assert_int_equal(fake.rules.n_rule, 2);
	/* at start, too: what is guarded stays guarded */
	start(NODE PEERS REST);
	assert_int_equal(fake.rules.n_rule, 2);
	/* but where nothing is, nobody shall take it for guarded */
	ruleset_clear(&fake.rules);
	agent_clean(&agent);
	assert_int_equal(agent_setup(&agent, base, configure(NODE PEERS)), 0);
	assert_int_equal(agent_connect(&agent, LOG_ERR), -EINVAL);
	assert_false(agent.up);
	cleanup();
}

static void test_race(void **state)
{
	(void)state;
	setup("");
	fake.race_rules = 3;
	free(reloaded(NODE PEERS, 0));
	assert_int_equal(fake.n_rules_set, 4);
	assert_int_equal(fake.rules.n_rule, 2);
	fake.race_rules = 1000;
	assert_said(reloaded(NODE PEERS REST, -EAGAIN), "replaced meanwhile");
	assert_int_equal(fake.rules.n_rule, 2);
	cleanup();
}

/* Known by its names only: the kernel is not told, and the log is. */
static void test_without_addresses(void **state)
{
	(void)state;
	setup("");
	assert_said(reloaded(NODE "[peer far]\ndomains=far.example\n", 0),
		    "[peer far] has no addresses");
	assert_int_equal(fake.rules.n_rule, 0);
	assert_true(fake.rules.node);
	assert_int_equal(agent.conf->n_peer, 1);
	free(reloaded(NODE "[peer far]\ndomains=far.example\n", 0));
	assert_int_equal(fake.n_rules_set, 1);
	cleanup();
}

/* What is printed is read again as the same. */
static void test_printed(void **state)
{
	char path[] = "/tmp/gmguard-rules-XXXXXX";
	struct conf *again;
	FILE *file;

	(void)state;
	setup(NODE "audit = yes\n[router]\naccess_dev = gtp*\ncore_dev = c\n"
	      "ue_to_ue = yes\n" PEERS REST
	      "[peer below]\nclass=partner\nprotected_by=network\nesp=yes\n"
	      "reqid=7\nmark=1\nmark_mask=255\nif_id=9\naddresses=10.0.0.9\n"
	      "[peer strict]\nclass=own\nprotected_by=tls\n"
	      "addresses=10.0.0.10\n"
	      "[domain abroad]\nesp=yes\naddresses=10.60.9.0/24\n");
	close(mkstemp(path));
	file = fopen(path, "w+e");
	ruleset_print(&fake.rules, file);
	rewind(file);
	again = conf_read(file, path, NULL, NULL);
	assert_non_null(again);
	assert_true(ruleset_same(&again->rules, &fake.rules));
	conf_free(again);
	fclose(file);
	unlink(path);
	cleanup();
}

int main(void)
{
	add_test("NW-03: peers and rules: one list for kernel and agent",
		 test_one_list);
	add_rows(tls_cases, test_tls);
	add_test("NW-03: without a ruleset in the file the kernel's is left alone",
		 test_none);
	add_test("NW-03: the ruleset is replaced only if it differs",
		 test_differs);
	add_test("NW-03: a ruleset that is refused opens nothing",
		 test_refused);
	add_test("NW-03: somebody else replaces it at the same time", test_race);
	add_test("NW-03: a peer without addresses reaches no guarded port",
		 test_without_addresses);
	add_test("NW-03: a ruleset that is printed is read again", test_printed);
	return run_methods("rules");
}
