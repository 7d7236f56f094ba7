// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * set.c - gmguard set: makes, changes and deletes SA sets by hand.
 */
#include <errno.h>
#include <string.h>

#include "cli.h"

enum {
	KEY_ENDPOINT, KEY_UE_ADDR, KEY_PORT_UC, KEY_PORT_US, KEY_PORT_PC,
	KEY_PORT_PS, KEY_SPI_UC, KEY_SPI_US, KEY_SPI_PC, KEY_SPI_PS,
	KEY_ALG, KEY_EALG, KEY_ALG_KEY, KEY_EALG_KEY, KEY_IMPI, KEY_PHASE,
	KEY_LIFETIME, KEY_PROTECTED_BY, KEY_GROUP, KEY_EMERGENCY,
	KEY_AGENT_DATA,
	KEY_SEQ_A, KEY_SEQ_B, KEY_SEQ_C, KEY_SEQ_D, KEY_NUM
};

/* " token: what it is", for each algorithm */
#define NAME_DOC(id, name, doc)	" " name ": " doc

static const struct cli_key new_keys[] = {
	[KEY_ENDPOINT] = {
		"endpoint-id", "endpoint", "ID|ADDRESS", true,
		"the guarded endpoint"
	},
	[KEY_UE_ADDR] = {
		"ue-addr", "ue", "UE-ADDRESS", true, "the UE's address"
	},
	[KEY_PORT_UC] = {
		"port-uc", NULL, "PORT", true, "the UE's protected client port"
	},
	[KEY_PORT_US] = {
		"port-us", NULL, "PORT", true, "the UE's protected server port"
	},
	[KEY_PORT_PC] = {
		"port-pc", NULL, "PORT", false,
		"the P-CSCF's protected client port; default: the kernel's choice"
	},
	[KEY_PORT_PS] = {
		"port-ps", NULL, "PORT", false,
		"the P-CSCF's protected server port; default: the kernel's choice"
	},
	[KEY_SPI_UC] = {
		"spi-uc", NULL, "SPI", true,
		"SPI of SA B, chosen by the UE, from 256"
	},
	[KEY_SPI_US] = {
		"spi-us", NULL, "SPI", true,
		"SPI of SA C, chosen by the UE, from 256"
	},
	[KEY_SPI_PC] = {
		"spi-pc", NULL, "SPI", false, "SPI of SA D; default: random"
	},
	[KEY_SPI_PS] = {
		"spi-ps", NULL, "SPI", false, "SPI of SA A; default: random"
	},
	[KEY_ALG] = {
		"alg", NULL, "ALG", true,
		"integrity algorithm." GMGUARD_ALGS(NAME_DOC)
	},
	[KEY_EALG] = {
		"ealg", NULL, "EALG", true,
		"encryption algorithm." GMGUARD_EALGS(NAME_DOC)
	},
	[KEY_ALG_KEY] = {
		"alg-key", NULL, "HEX|@FILE|-", false,
		"integrity key (IK_ESP of TS 33.203 Annex I), as alg says; a salt follows the key; absent for alg null"
	},
	[KEY_EALG_KEY] = {
		"ealg-key", NULL, "HEX|@FILE|-", false,
		"encryption key (CK_ESP), as ealg says; a salt follows the key; absent for ealg null"
	},
	[KEY_IMPI] = {
		"impi", NULL, "TEXT", true, "private identity"
	},
	[KEY_PHASE] = {
		"phase", NULL, "PHASE", false,
		"temporary (default) or established"
	},
	[KEY_LIFETIME] = {
		"lifetime-ms", "lifetime", "TIME", false,
		"time left, in milliseconds or like 1h30m; default for temporary sets: the limit temporary-ms"
	},
	[KEY_PROTECTED_BY] = {
		"protected-by", NULL, "ID", false,
		"set that protected the REGISTER; absent: initial registration"
	},
	[KEY_GROUP] = {
		"group", NULL, "N", false,
		"label of the registration among those of the IMPI, from 1; absent: (ue-addr, port-us) alone tells"
	},
	[KEY_EMERGENCY] = {
		"emergency", NULL, NULL, false,
		"of an emergency registration, which is a group of its own"
	},
	[KEY_AGENT_DATA] = {
		"agent-data", NULL, "TEXT", false,
		"what gmguardd finds again after a restart; no keys"
	},
	[KEY_SEQ_A] = {
		"seq-a", NULL, "N", false,
		"last sequence number received on SA A; seq-a to seq-d make a set again elsewhere"
	},
	[KEY_SEQ_B] = {
		"seq-b", NULL, "N", false, "last sequence number sent on SA B"
	},
	[KEY_SEQ_C] = {
		"seq-c", NULL, "N", false, "last sequence number sent on SA C"
	},
	[KEY_SEQ_D] = {
		"seq-d", NULL, "N", false,
		"last sequence number received on SA D"
	},
	{ 0 }
};

enum { CHANGE_PHASE, CHANGE_LIFETIME, CHANGE_AGENT_DATA, CHANGE_NUM };

static const struct cli_key change_keys[] = {
	[CHANGE_PHASE] = {
		"phase", NULL, "PHASE", false,
		"established (from temporary) or lingering (from any authenticated one); the kernel alone makes a set superseded"
	},
	[CHANGE_LIFETIME] = {
		"lifetime-ms", "lifetime", "TIME", false,
		"time left, in milliseconds or like 1h30m; it only ever grows"
	},
	[CHANGE_AGENT_DATA] = {
		"agent-data", NULL, "TEXT", false,
		"what gmguardd finds again after a restart; no keys"
	},
	{ 0 }
};

typedef const char *name_fn(uint32_t number);
typedef uint32_t number_fn(const char *name);

static int parse_name(const struct cli *c, const char *what, const char *text,
		      number_fn *number_of, name_fn *name_of, uint32_t max,
		      uint32_t *number)
{
	char list[128] = "";
	size_t used = 0;
	uint32_t i;

	*number = number_of(text);
	if (*number)
		return CLI_OK;
	for (i = 1; i <= max && used < sizeof(list); i++)
		used += snprintf(list + used, sizeof(list) - used, "%s%s",
				 used ? ", " : "", name_of(i));
	return cli_usage(c, "%s: unknown name \"%s\"; one of %s", what, text,
			 list);
}

static int parse_phase(const struct cli *c, const char *text, uint32_t *phase)
{
	return parse_name(c, "phase", text, gmg_phase_by_name, gmg_phase_name,
			  GMGUARD_PHASE_MAX, phase);
}

static int parse_ports(struct cli *c, char **v, struct gmg_saset_req *r)
{
	uint16_t *port[] = { &r->port_uc, &r->port_us, &r->port_pc,
			     &r->port_ps };
	uint32_t *spi[] = { &r->spi_uc, &r->spi_us, &r->spi_pc, &r->spi_ps };
	int i, ret = CLI_OK;

	for (i = 0; i < 4 && !ret; i++) {
		int p = KEY_PORT_UC + i, s = KEY_SPI_UC + i;

		if (v[p])
			ret = cli_u16(c, new_keys[p].name, v[p], 1, port[i]);
		if (!ret && v[s])
			ret = cli_u32(c, new_keys[s].name, v[s],
				      GMGUARD_SPI_MIN, UINT32_MAX, spi[i]);
	}
	for (i = 0; i < GMG_SA_NUM && !ret; i++)
		if (v[KEY_SEQ_A + i])
			ret = cli_u32(c, new_keys[KEY_SEQ_A + i].name,
				      v[KEY_SEQ_A + i], 0, UINT32_MAX,
				      &r->seq[i]);
	return ret;
}

static int parse_rest(struct cli *c, char **v, struct gmg_saset_req *r)
{
	int ret;

	ret = cli_addr(c, "ue-addr", v[KEY_UE_ADDR], &r->ue_addr);
	if (!ret)
		ret = parse_name(c, "alg", v[KEY_ALG], gmg_alg_by_name,
				 gmg_alg_name, GMGUARD_ALG_MAX, &r->alg);
	if (!ret)
		ret = parse_name(c, "ealg", v[KEY_EALG], gmg_ealg_by_name,
				 gmg_ealg_name, GMGUARD_EALG_MAX, &r->ealg);
	if (!ret && v[KEY_PHASE])
		ret = parse_phase(c, v[KEY_PHASE], &r->phase);
	if (!ret && v[KEY_LIFETIME])
		ret = cli_ms(c, "lifetime-ms", v[KEY_LIFETIME],
			     &r->lifetime_ms);
	if (!ret && v[KEY_PROTECTED_BY])
		ret = cli_u32(c, "protected-by", v[KEY_PROTECTED_BY], 1,
			      UINT32_MAX, &r->protected_by);
	if (!ret && v[KEY_GROUP])
		ret = cli_u32(c, "group", v[KEY_GROUP], 1, UINT32_MAX,
			      &r->group);
	r->emergency = v[KEY_EMERGENCY];
	r->impi = v[KEY_IMPI];
	r->agent_data = v[KEY_AGENT_DATA];
	r->agent_data_len = r->agent_data ? strlen(r->agent_data) : 0;
	if (!ret && r->agent_data_len > GMGUARD_AGENT_DATA_MAX)
		ret = cli_usage(c, "agent-data: %zu bytes; at most %d are kept",
				r->agent_data_len, GMGUARD_AGENT_DATA_MAX);
	if (!ret && strlen(r->impi) > GMGUARD_IMPI_MAX)
		ret = cli_usage(c, "impi: %zu bytes; at most %d are allowed",
				strlen(r->impi), GMGUARD_IMPI_MAX);
	return ret;
}

/* in the order of the command line, which is that of the lines on stdin */
static int parse_keys(struct cli *c, char **v, uint32_t alg_id,
		      struct cli_secret *alg, struct cli_secret *ealg)
{
	char *a = v[KEY_ALG_KEY], *e = v[KEY_EALG_KEY];
	int ret = CLI_OK;

	if (!a && alg_id != GMGUARD_ALG_NULL)
		return cli_usage(c, "alg-key is missing; give alg-key=%s",
				 new_keys[KEY_ALG_KEY].value);
	if (e && e < a)
		ret = cli_secret(c, "ealg-key", e, ealg);
	if (!ret && a)
		ret = cli_secret(c, "alg-key", a, alg);
	if (!ret && e && e >= a)
		ret = cli_secret(c, "ealg-key", e, ealg);
	return ret;
}

static int make_set(struct cli *c, char **v, struct gmg_saset_req *r)
{
	struct gmg_saset made, set;
	int ret = cli_endpoint_id(c, "endpoint-id", v[KEY_ENDPOINT],
				  &r->endpoint_id);

	if (!ret)
		ret = cli_kernel(c);
	if (ret)
		return ret;
	ret = kernel_saset_new(&c->k, r, &made);
	if (ret)
		return cli_kernel_fail(c, ret);
	/* show all of it, unless somebody deleted it meanwhile */
	if (kernel_saset_get(&c->k, made.id, &set))
		set = made;
	else
		gmg_saset_clear(&made);
	if (c->json)
		ret = cli_print_json(c, json_saset(&set));
	else
		ret = show_saset(c, &set);
	gmg_saset_clear(&set);
	return ret;
}

static int run_new(struct cli *c, int argc, char **argv)
{
	struct cli_secret alg = { .len = 0 }, ealg = { .len = 0 };
	struct gmg_saset_req r = { 0 };
	char *v[KEY_NUM];
	int ret = cli_pairs(c, new_keys, argc, argv, v);

	if (!ret)
		ret = parse_ports(c, v, &r);
	if (!ret)
		ret = parse_rest(c, v, &r);
	if (!ret)
		ret = parse_keys(c, v, r.alg, &alg, &ealg);
	if (!ret) {
		r.alg_key = v[KEY_ALG_KEY] ? alg.bytes : NULL;
		r.alg_key_len = alg.len;
		r.ealg_key = v[KEY_EALG_KEY] ? ealg.bytes : NULL;
		r.ealg_key_len = ealg.len;
		ret = make_set(c, v, &r);
	}
	explicit_bzero(&alg, sizeof(alg));
	explicit_bzero(&ealg, sizeof(ealg));
	return ret;
}

static int parse_change(struct cli *c, char **v, struct gmg_saset_change *ch)
{
	int ret = CLI_OK;

	if (v[CHANGE_PHASE])
		ret = parse_phase(c, v[CHANGE_PHASE], &ch->phase);
	if (!ret && v[CHANGE_LIFETIME])
		ret = cli_ms(c, "lifetime-ms", v[CHANGE_LIFETIME],
			     &ch->lifetime_ms);
	ch->agent_data = v[CHANGE_AGENT_DATA];
	ch->agent_data_len = ch->agent_data ? strlen(ch->agent_data) : 0;
	if (!ret && ch->agent_data_len > GMGUARD_AGENT_DATA_MAX)
		ret = cli_usage(c, "agent-data: %zu bytes; at most %d are kept",
				ch->agent_data_len, GMGUARD_AGENT_DATA_MAX);
	return ret;
}

static int run_change(struct cli *c, int argc, char **argv)
{
	struct gmg_saset_change ch = { 0 };
	char *v[CHANGE_NUM];
	struct gmg_saset set;
	int ret;

	if (argc < 2)
		return cli_usage(c, "needs the id of a set and what to change; see \"gmguard help set change\"");
	ret = cli_u32(c, "set id", argv[0], 1, UINT32_MAX, &ch.id);
	if (!ret)
		ret = cli_pairs(c, change_keys, argc - 1, argv + 1, v);
	if (!ret)
		ret = parse_change(c, v, &ch);
	if (!ret)
		ret = cli_kernel(c);
	if (ret)
		return ret;
	ret = kernel_saset_set(&c->k, &ch);
	if (!ret)
		ret = kernel_saset_get(&c->k, ch.id, &set);
	if (ret)
		return cli_kernel_fail(c, ret);
	if (c->json)
		ret = cli_print_json(c, json_saset(&set));
	else
		ret = show_saset(c, &set);
	gmg_saset_clear(&set);
	return ret;
}

/* deleted is an array, or NULL for text */
static int delete_one(struct cli *c, uint32_t id, json_t *deleted)
{
	int ret = kernel_saset_del(&c->k, id);

	if (ret)
		return ret;
	if (deleted)
		json_array_append_new(deleted, json_integer(id));
	else
		fprintf(c->out, "set %u deleted\n", id);
	return 0;
}

static int delete_all(struct cli *c, json_t *deleted)
{
	struct saset_list list;
	int ret = collect_sasets(c, &list), error;
	size_t i;

	for (i = 0; !ret && i < list.n; i++) {
		error = delete_one(c, list.v[i].id, deleted);
		/* it went by itself meanwhile */
		if (error && error != -ENOENT)
			ret = cli_kernel_fail(c, error);
	}
	saset_list_free(&list);
	return ret;
}

static int delete_listed(struct cli *c, int argc, char **argv,
			 json_t *deleted)
{
	uint32_t id;
	int i, ret, error;

	/* nothing is deleted when one argument is wrong */
	for (i = 0; i < argc; i++) {
		ret = cli_u32(c, "set id", argv[i], 1, UINT32_MAX, &id);
		if (ret)
			return ret;
	}
	ret = cli_kernel(c);
	for (i = 0; !ret && i < argc; i++) {
		cli_u32(c, "set id", argv[i], 1, UINT32_MAX, &id);
		error = delete_one(c, id, deleted);
		if (error)
			ret = cli_kernel_fail(c, error);
	}
	return ret;
}

static int run_del(struct cli *c, int argc, char **argv)
{
	json_t *deleted = c->json ? json_array() : NULL;
	int ret;

	if (!argc)
		ret = cli_usage(c, "needs ids of sets, or \"all\"; \"gmguard show sets\" lists them");
	else if (argc == 1 && !strcmp(argv[0], "all"))
		ret = delete_all(c, deleted);
	else
		ret = delete_listed(c, argc, argv, deleted);
	if (!ret && deleted)
		return cli_print_json(c, json_pack("{s:o}", "deleted",
						   deleted));
	json_decref(deleted);
	return ret;
}

static const struct cli_verb set_sub[] = {
	{
		.name = "new",
		.summary = "Make an SA set: all four SAs, or nothing.",
		.details = "gmguardd does this for each registration; by hand it is for tests and for hot standby. SPIs may be hexadecimal (0x...). A key is given in hexadecimal: in @FILE, with - on a line of standard input, or as the value, where other users may see it in the list of processes.",
		.keys = new_keys,
		.run = run_new,
	}, {
		.name = "change",
		.args = "ID",
		.summary = "Change phase, lifetime or agent-data of an SA set.",
		.keys = change_keys,
		.run = run_change,
	}, {
		.name = "del",
		.args = "ID...|all",
		.summary = "Delete SA sets; their TCP connections are reset.",
		.run = run_del,
	},
	{ 0 }
};

const struct cli_verb verb_set = {
	.name = "set",
	.summary = "Make, change or delete SA sets.",
	.sub = set_sub,
};
