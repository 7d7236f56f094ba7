// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Deregistration, by the UE (method "answer") and by the network (method
 * "deregister"): identity by identity; when the last one goes, sets linger.
 */
#include <errno.h>
#include <stdio.h>

#include "proxy.h"

#define ALL	"sip:first@r tel:+1234 sip:third@r "

static const struct refuse_case refusals[] = {
	{ "nobody to deregister", "", "deregister", { "impi", "nobody" }, -32001, "no authenticated SA set" },
	{ "deregister whom", "", "deregister", { "impi", NULL, "ue_addr", NULL }, -32602, "impi" },
	{ "deregister set 0", "", "deregister", { "impi", NULL, "set", "#0" }, -32602, "params.set" },
	{ "deregister a contact without a port", "", "deregister", { "impi", NULL, "ue_port", NULL }, -32602, "params.ue_port" },
	{ "deregister a number", "", "deregister", { "impu", "#1" }, -32602, "params.impu" },
};

/* Method "deregister"; NAME, VALUE, ... */
static json_t *deregister(const char *a, const char *b, const char *c,
			  const char *d)
{
	const char *const v[] = { a, b, c, d };
	json_t *params = json_object();

	for (int i = 0; i < 4 && v[i]; i += 2)
		json_object_set_new(params, v[i], *v[i + 1] == '#' ?
				    json_integer(atoll(v[i + 1] + 1)) :
				    json_string(v[i + 1]));
	return call("deregister", params);
}

static void assert_sets(const json_t *result, size_t n)
{
	assert_int_equal(json_array_size(list_of(result, "sets")), n);
}

/* A 200 OK with expires 0 to a REGISTER on the set; NAME, VALUE differ. */
static void leave(const char *impu, const char *contact)
{
	assert_forward(ask("answer", ON_SET, "impu", impu, "contact", contact,
			   GRANT0, NULL));
}

#define CONTACT	"<sip:u@10.33.0.11:4002>"

static void test_default(void **state)
{
	static const char *const whom[] = {
		"sip:first@r", "sip:third@R;x=y", "tel:+12-34",
		"\"U\" <sip:u@r>;tag=1",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(whom); i++) {
		uint32_t id;

		setup("");
		id = registered();
		leave(whom[i], CONTACT);
		assert_phase(id, GMGUARD_PHASE_LINGERING);
		assert_impus(ask("identify", ON_SET, NULL), "");
		assert_string_equal(text_of(ask("identify", ON_SET, NULL),
					    "phase"), "lingering");
		cleanup();
	}
}

static void test_unknown(void **state)
{
	uint32_t id;

	(void)state;
	setup("");
	id = registered();
	leave("sip:nobody@r", CONTACT);
	assert_phase(id, GMGUARD_PHASE_ESTABLISHED);
	assert_impus(ask("identify", ON_SET, NULL), ALL);
	cleanup();
}

/* A UE that has registered further identities, each with an implicit set. */
static void test_further(void **state)
{
	uint32_t id;

	(void)state;
	setup("");
	id = registered();
	assert_forward(ask("answer", ON_SET, "impu", "<sip:work@r>", "status",
			   "#200", "expires", "#600", "p_associated_uri",
			   "<sip:work@r>, <tel:+99>", NULL));
	assert_forward(ask("answer", ON_SET, "impu", "<sip:play@r>", "status",
			   "#200", "expires", "#600", "p_associated_uri", "",
			   NULL));
	assert_impus(ask("identify", ON_SET, NULL),
		     ALL "sip:work@r tel:+99 sip:play@r ");
	restart();
	/* a refresh of one changes nothing about the others */
	assert_forward(ask("answer", ON_SET, GRANT, NULL));
	assert_impus(ask("identify", ON_SET, NULL),
		     ALL "sip:work@r tel:+99 sip:play@r ");
	leave("tel:+99", CONTACT);
	assert_impus(ask("identify", ON_SET, NULL), ALL "sip:play@r ");
	leave("sip:u@r", CONTACT);
	assert_impus(ask("identify", ON_SET, NULL), "sip:play@r ");
	assert_phase(id, GMGUARD_PHASE_ESTABLISHED);
	leave("sip:play@r", CONTACT);
	assert_phase(id, GMGUARD_PHASE_LINGERING);
	cleanup();
}

/* Re-authentication takes the identities along, a REGISTER in clear does not. */
static void test_taken_along(void **state)
{
	(void)state;
	setup("");
	registered();
	assert_forward(ask("answer", ON_SET, "impu", "<sip:work@r>", GRANT,
			   "p_associated_uri", "<sip:work@r>", NULL));
	reregistered();
	assert_impus(ask("identify", ON_SET2, NULL), ALL "sip:work@r ");
	challenge_of(ask("challenge", "cseq", "#7", "security_client", OFFER3,
			 "www_authenticate", WWW, NULL));
	assert_forward(ask("answer", "ue_port", "#6001", "local_port", "#6101",
			   "cseq", "#8", "authorization", SM7_AUTH,
			   "security_client", OFFER3, "security_verify", server,
			   GRANT, NULL));
	assert_impus(ask("identify", "ue_port", "#6001", "local_port", "#6101",
			 NULL), ALL);
	cleanup();
}

/* All sets of the registration linger: in use, superseded, not used yet. */
static void test_all_sets(void **state)
{
	uint32_t first, second;

	(void)state;
	setup("");
	first = registered();
	second = reregistered();
	leave("sip:u@r", CONTACT);
	assert_phase(first, GMGUARD_PHASE_LINGERING);
	assert_phase(second, GMGUARD_PHASE_LINGERING);
	cleanup();

	setup("");
	first = registered();
	second = reregistered();
	fake_packet(second);
	assert_phase(first, GMGUARD_PHASE_SUPERSEDED);
	assert_forward(ask("answer", ON_SET2, GRANT0, NULL));
	assert_phase(first, GMGUARD_PHASE_LINGERING);
	assert_phase(second, GMGUARD_PHASE_LINGERING);
	cleanup();
}

/* The core challenges a REGISTER with expires 0: its SM12 ends everything. */
static void test_challenged(void **state)
{
	uint32_t old, new;

	(void)state;
	setup("");
	old = registered();
	new = rechallenge();
	assert_forward(ask("answer", SM7_2, GRANT0, NULL));
	assert_phase(old, GMGUARD_PHASE_LINGERING);
	assert_phase(new, GMGUARD_PHASE_LINGERING);
	cleanup();

	/* not if another identity is left */
	setup("");
	old = registered();
	assert_forward(ask("answer", ON_SET, "impu", "<sip:work@r>", GRANT,
			   "p_associated_uri", "<sip:work@r>", NULL));
	new = rechallenge();
	assert_forward(ask("answer", SM7_2, "impu", "<sip:u@r>", GRANT0,
			   NULL));
	assert_phase(old, GMGUARD_PHASE_ESTABLISHED);
	assert_phase(new, GMGUARD_PHASE_ESTABLISHED);
	assert_impus(ask("identify", ON_SET, NULL), "sip:work@r ");
	assert_impus(ask("identify", ON_SET2, NULL), "sip:work@r ");
	cleanup();

	/* one that began in clear */
	setup("");
	new = challenge();
	assert_forward(ask("answer", SM7, GRANT0, NULL));
	assert_phase(new, GMGUARD_PHASE_LINGERING);
	cleanup();
}

/* An established set of IMPI with another +sip.instance, at another address. */
static uint32_t other_contact(const char *contact)
{
	uint32_t id = challenge_of(ask("challenge", "call_id", "c2", "ue_addr",
				       "10.33.0.12", "contact", contact,
				       "www_authenticate", WWW, NULL));

	assert_forward(ask("answer", "call_id", "c2", "ue_addr", "10.33.0.12",
			   "via_addr", "10.33.0.12", "contact", contact, SM7,
			   GRANT, NULL));
	assert_phase(id, GMGUARD_PHASE_ESTABLISHED);
	return id;
}

#define TABLET	"<sip:u@10.33.0.12:4002>;+sip.instance=\"<urn:x:2>\""
#define URGENT	"<sip:u@10.33.0.12:4002;sos>"

static void test_contacts(void **state)
{
	uint32_t phone, tablet;

	(void)state;
	setup("");
	phone = registered();
	tablet = other_contact(TABLET);
	assert_phase(phone, GMGUARD_PHASE_ESTABLISHED);
	leave("sip:u@r", CONTACT);
	assert_phase(phone, GMGUARD_PHASE_LINGERING);
	assert_phase(tablet, GMGUARD_PHASE_ESTABLISHED);
	cleanup();

	setup("");
	phone = registered();
	tablet = other_contact(TABLET);
	leave("sip:u@r", "*");
	assert_phase(phone, GMGUARD_PHASE_LINGERING);
	assert_phase(tablet, GMGUARD_PHASE_LINGERING);
	cleanup();
}

static void test_emergency(void **state)
{
	uint32_t normal, urgent;

	(void)state;
	setup("");
	normal = registered();
	urgent = other_contact(URGENT);
	leave("sip:u@r", "*");
	assert_phase(normal, GMGUARD_PHASE_LINGERING);
	assert_phase(urgent, GMGUARD_PHASE_ESTABLISHED);
	assert_fault(deregister("impi", IMPI, NULL, NULL), -32001,
		     "no such authenticated SA set");
	assert_phase(urgent, GMGUARD_PHASE_ESTABLISHED);
	assert_sets(deregister("ue_addr", "10.33.0.12", "ue_port", "#4002"),
		    1);
	assert_phase(urgent, GMGUARD_PHASE_LINGERING);
	cleanup();

	/* its own deregistration leaves the normal one alone */
	setup("");
	normal = registered();
	urgent = other_contact(URGENT);
	assert_forward(ask("answer", ON_SET, "ue_addr", "10.33.0.12",
			   "via_addr", "10.33.0.12", "contact", URGENT, GRANT0,
			   NULL));
	assert_phase(normal, GMGUARD_PHASE_ESTABLISHED);
	assert_phase(urgent, GMGUARD_PHASE_LINGERING);
	cleanup();
}

static void test_network(void **state)
{
	uint32_t id, new, other;
	char number[16];

	(void)state;
	setup("");
	id = registered();
	new = reregistered();
	fake_packet(new);
	assert_sets(deregister("impi", IMPI, NULL, NULL), 2);
	assert_phase(id, GMGUARD_PHASE_LINGERING);
	assert_phase(new, GMGUARD_PHASE_LINGERING);
	assert_impus(ask("identify", ON_SET2, NULL), "");
	cleanup();

	setup("");
	id = registered();
	snprintf(number, sizeof(number), "#%u", id);
	assert_sets(deregister("set", number, NULL, NULL), 1);
	assert_phase(id, GMGUARD_PHASE_LINGERING);
	/* once more: it lingers */
	assert_sets(deregister("set", number, NULL, NULL), 1);
	cleanup();

	setup("");
	id = registered();
	new = reregistered();
	other = other_contact(TABLET);
	assert_sets(deregister("ue_addr", "10.33.0.11", "ue_port", "#4002"),
		    2);
	assert_phase(id, GMGUARD_PHASE_LINGERING);
	assert_phase(new, GMGUARD_PHASE_LINGERING);
	assert_phase(other, GMGUARD_PHASE_ESTABLISHED);
	cleanup();
}

static void test_network_impu(void **state)
{
	uint32_t id;

	(void)state;
	setup("");
	id = registered();
	assert_fault(deregister("impi", IMPI, "impu", "sip:nobody@r"), -32001,
		     "no authenticated SA set has this identity");
	assert_sets(deregister("impi", IMPI, "impu", "tel:+1234"), 0);
	assert_impus(ask("identify", ON_SET, NULL), "sip:first@r sip:third@r ");
	assert_sets(deregister("impi", IMPI, "impu", "sip:first@R"), 0);
	assert_impus(ask("identify", ON_SET, NULL), "sip:third@r ");
	assert_string_equal(text_of(ask("identify", ON_SET, NULL),
				    "default_impu"), "sip:third@r");
	restart();
	assert_phase(id, GMGUARD_PHASE_ESTABLISHED);
	assert_sets(deregister("impi", IMPI, "impu", "sip:third@r"), 1);
	assert_phase(id, GMGUARD_PHASE_LINGERING);
	cleanup();
}

/* A set that is not authenticated yet, or that somebody else made. */
static void test_others(void **state)
{
	uint32_t id;
	char number[16];

	(void)state;
	setup("");
	id = challenge();
	snprintf(number, sizeof(number), "#%u", id);
	assert_fault(deregister("impi", IMPI, NULL, NULL), -32001, "");
	assert_fault(deregister("set", number, NULL, NULL), -32001, "");
	assert_fault(deregister("ue_addr", "10.33.0.11", "ue_port", "#4002"),
		     -32001, "");
	assert_fault(deregister("set", "#999", NULL, NULL), -32001, "");
	assert_phase(id, GMGUARD_PHASE_TEMPORARY);
	free((void *)fake_set(id)->agent_data);
	fake_set(id)->agent_data = NULL;
	fake_set(id)->agent_data_len = 0;
	fake_set(id)->phase = GMGUARD_PHASE_ESTABLISHED;
	assert_sets(deregister("impi", IMPI, NULL, NULL), 1);
	assert_phase(id, GMGUARD_PHASE_LINGERING);
	cleanup();
}

static void test_refused(void **state)
{
	uint32_t id;

	(void)state;
	setup("");
	id = registered();
	fake.fail_set = ENOMEM;
	assert_fault(deregister("impi", IMPI, NULL, NULL), -32000,
		     "the fake kernel refuses");
	assert_reject(ask("answer", ON_SET, GRANT0, NULL), 503,
		      "the fake kernel refuses");
	assert_phase(id, GMGUARD_PHASE_ESTABLISHED);
	assert_null(agent.reaper.first);
	cleanup();
}

int main(void)
{
	add_rows(refusals, test_refusal);
	add_test("GM-35: any identity of the implicit set ends all of it",
		 test_default);
	add_test("GM-35: an identity that was never registered ends nothing",
		 test_unknown);
	add_test("GM-35: sets linger when the last identity goes",
		 test_further);
	add_test("GM-14: a new set has the identities of the one before",
		 test_taken_along);
	add_test("GM-35: all sets of the registration linger", test_all_sets);
	add_test("GM-35: deregistration with a challenge", test_challenged);
	add_test("GM-35: one contact, or all with *", test_contacts);
	add_test("GM-35 GM-38: emergency and normal registrations apart",
		 test_emergency);
	add_test("GM-35: deregistration by the network", test_network);
	add_test("GM-35: deregistration of one identity by the network",
		 test_network_impu);
	add_test("GM-35: sets that cannot be deregistered, or by anybody",
		 test_others);
	add_test("GM-35: the kernel refuses", test_refused);
	return run_methods("dereg");
}
