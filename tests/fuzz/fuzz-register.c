// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One registration by hostile header fields, SM1 to SM12 and beyond: the keys
 * that the core sends are in no answer; a set is made only with the numbers of
 * the offer; and it is established only by an SM7 that repeats both header
 * fields (GM-21, GM-22).
 *
 * Input, NUL in between: Security-Client, WWW-Authenticate without its keys,
 * Authorization of SM7, Contact, P-Associated-URI, Security-Client of SM7 (""
 * for the same), Security-Verify (likewise), Require, To, Via.
 */
#include "fuzz.h"
#include "fake-kernel.h"
#include "lab.h"
#include "secagree.h"

#define CK	"b40ba9a3c58b2a05bbf0d987b21bf8cb"
#define IK	"f769bcd751044604127672711c6d3441"
#define KEYS	", ck=\"" CK "\", ik=\"" IK "\""

/** enum field - the texts of an input */
enum field {
	CLIENT, WWW, AUTH, CONTACT, URIS, CLIENT7, VERIFY, REQUIRE, TO, VIA,
	FIELDS
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	lab_setup();
	return 0;
}

/* SM1 as the proxy describes it; NULL when a text is not UTF-8. */
static json_t *describe(char *const text[FIELDS])
{
	return json_pack("{s:s, s:s, s:i, s:s, s:i, s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}",
		"transport", "udp", "ue_addr", "192.0.2.11", "ue_port", 5060,
		"local_addr", "192.0.2.1", "local_port", 5060,
		"call_id", "c", "cseq", 1, "impi", "u@r", "impu", text[TO],
		"contact", text[CONTACT], "via_addr", text[VIA],
		"security_client", text[CLIENT], "security_verify", "",
		"require", text[REQUIRE], "proxy_require", text[REQUIRE],
		"supported", text[REQUIRE],
		"authorization", "Digest username=\"u@r\", response=\"\"");
}

static const char *text_of(const json_t *result, const char *name)
{
	const char *text = json_string_value(json_object_get(result, name));

	return text ? text : "";
}

static bool is_forward(const json_t *result)
{
	return !strcmp(text_of(result, "action"), "forward");
}

/* What every action for the proxy has to be. */
static void check_action(const json_t *result)
{
	const json_t *headers = json_object_get(result, "headers"), *one;
	json_int_t code = json_integer_value(json_object_get(result, "code"));
	size_t i;

	if (!result || is_forward(result))
		return;
	CHECK(!strcmp(text_of(result, "action"), "reject"));
	CHECK(code >= 400 && code <= 699);
	CHECK(is_printable(text_of(result, "detail")));
	json_array_foreach(headers, i, one)
		CHECK(is_printable(json_string_value(one)));
}

static json_t *step(const char *method, json_t *m)
{
	json_t *result = lab_call(method, json_deep_copy(m), CK);

	check_action(result);
	return result;
}

static void set_text(json_t *m, const char *name, const char *text)
{
	json_t *value = json_string(text);

	json_object_set_new(m, name, value ? value : json_string("?"));
}

/* SM4 to SM6. Returns the set, NULL when none was made. */
static const struct gmg_saset *challenge(json_t *m, char *const text[FIELDS],
					 char server[SEC_SERVER_MAX])
{
	char *www = malloc(strlen(text[WWW]) + sizeof(KEYS));
	const struct gmg_saset *set;
	struct sec_offer offer;
	struct sec_why why;
	json_t *result;

	sprintf(www, "%s" KEYS, text[WWW]);
	set_text(m, "www_authenticate", www);
	free(www);
	result = step("challenge", m);
	snprintf(server, SEC_SERVER_MAX, "%s",
		 text_of(result, "security_server"));
	set = fake_set(json_integer_value(json_object_get(result, "set")));
	CHECK(fake_count() == (set ? 1 : 0));
	if (set) {
		CHECK(!sec_offer_parse(text[CLIENT], &offer, &why));
		CHECK(set->spi_uc == offer.ends.spi_c &&
		      set->spi_us == offer.ends.spi_s &&
		      set->port_uc == offer.ends.port_c &&
		      set->port_us == offer.ends.port_s);
		CHECK(is_forward(result) && is_printable(server));
		CHECK(!strpbrk(text_of(result, "www_authenticate"), "\r\n"));
		CHECK(!strcasestr(text_of(result, "www_authenticate"), IK));
	}
	json_decref(result);
	return set;
}

/* SM7 to SM12, and what a registered UE does. */
static void answer(json_t *m, char *const text[FIELDS],
		   const struct gmg_saset *set, const char *server)
{
	const char *client = *text[CLIENT7] ? text[CLIENT7] : text[CLIENT];
	const char *verify = *text[VERIFY] ? text[VERIFY] : server;
	uint32_t id = set->id;
	bool yes;
	json_t *result;

	json_object_set_new(m, "ue_port", json_integer(set->port_uc));
	json_object_set_new(m, "local_port", json_integer(set->port_ps));
	json_object_set_new(m, "cseq", json_integer(2));
	set_text(m, "security_client", client);
	set_text(m, "security_verify", verify);
	set_text(m, "authorization", text[AUTH]);
	result = step("register", m);
	yes = !strcmp(text_of(result, "integrity_protected"), "yes");
	json_decref(result);

	json_object_set_new(m, "status", json_integer(200));
	json_object_set_new(m, "expires", json_integer(600));
	set_text(m, "p_associated_uri", text[URIS]);
	json_decref(step("answer", m));
	set = fake_set(id);
	if (set && set->phase == GMGUARD_PHASE_ESTABLISHED)
		CHECK(yes && sec_same(client, text[CLIENT]) &&
		      sec_same(verify, server));
	json_decref(lab_call("identify", json_deep_copy(m), CK));
	json_object_set_new(m, "expires", json_integer(0));
	json_decref(step("answer", m));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	const struct gmg_saset *set;
	char server[SEC_SERVER_MAX], *text[FIELDS];
	json_t *m;

	for (int i = 0; i < FIELDS; i++)
		text[i] = take_text(&in);
	m = describe(text);
	if (m) {
		json_decref(step("register", m));
		set = challenge(m, text, server);
		if (set)
			answer(m, text, set, server);
		json_decref(m);
		lab_reset();
	}
	for (int i = 0; i < FIELDS; i++)
		free(text[i]);
	return m ? 0 : -1;
}
