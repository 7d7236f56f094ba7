// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * peer-esp.c - gmguard peer esp: which peers need ESP, and the child SAs of the
 * IKE daemon that serve them, as gmguardd follows it.
 */
#include <string.h>
#include <sys/un.h>

#include "cli.h"

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static unsigned long number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

/* "zb, zb-v6"; what is missing, else. */
static void add_servers(struct table *t, const json_t *peer,
			const json_t *children)
{
	const json_t *list = json_object_get(peer, "children");
	char text[256] = "";
	size_t i, len = 0;
	json_t *at;

	json_array_foreach(list, i, at) {
		if (len < sizeof(text))
			len += snprintf(text + len, sizeof(text) - len, "%s%s",
					i ? "," : "", text_of(json_array_get(
						children,
						json_integer_value(at)),
						"name"));
	}
	if (*text_of(peer, "lacks"))
		table_add(t, "%s%snone for %s", text, *text ? ", " : "",
			  text_of(peer, "lacks"));
	else
		table_add(t, "%s", *text ? text : "-");
}

static int show_peers(struct cli *c, const json_t *root)
{
	static const char * const columns[] = {
		"KIND", "NAME", "CLASS", "REQID", "STATE", "CHILD SAS",
	};
	const json_t *children = json_object_get(root, "children");
	struct table *t = table_new(columns, ARRAY_SIZE(columns));
	json_t *peer;
	size_t i;
	int ret;

	json_array_foreach(json_object_get(root, "peers"), i, peer) {
		const char *state = text_of(peer, "state");

		table_add(t, "%s", text_of(peer, "kind"));
		table_add(t, "%s", text_of(peer, "name"));
		table_add(t, "%s", *text_of(peer, "class") ?
			  text_of(peer, "class") : "-");
		if (number_of(peer, "reqid"))
			table_add(t, "%lu", number_of(peer, "reqid"));
		else
			table_add(t, "any");
		table_add(t, "%s", state);
		table_style(t, !strcmp(state, "up") ? STYLE_GOOD : STYLE_BAD);
		add_servers(t, peer, children);
	}
	ret = table_print(c, t, 0);
	table_free(t);
	return ret;
}

/* The first one, and how many more. */
static void add_selectors(struct table *t, const json_t *list)
{
	size_t n = json_array_size(list);
	const char *first = json_string_value(json_array_get(list, 0));

	if (n > 1)
		table_add(t, "%s +%zu", first, n - 1);
	else
		table_add(t, "%s", n ? first : "-");
}

static int show_children(struct cli *c, const json_t *root)
{
	static const char * const columns[] = {
		"CONNECTION", "CHILD SA", "STATE", "MODE", "REQID", "SPI-IN",
		"SPI-OUT", "OTHER END", "HERE", "THERE",
	};
	struct table *t = table_new(columns, ARRAY_SIZE(columns));
	json_t *child;
	size_t i;
	int ret;

	json_array_foreach(json_object_get(root, "children"), i, child) {
		table_add(t, "%s", text_of(child, "ike"));
		table_add(t, "%s", text_of(child, "name"));
		table_add(t, "%s", text_of(child, "state"));
		table_add(t, "%s", text_of(child, "mode"));
		table_add(t, "%lu", number_of(child, "reqid"));
		table_add(t, "0x%08lx", number_of(child, "spi_in"));
		table_add(t, "0x%08lx", number_of(child, "spi_out"));
		table_add(t, "%s", text_of(child, "remote_host"));
		add_selectors(t, json_object_get(child, "local_ts"));
		add_selectors(t, json_object_get(child, "remote_ts"));
	}
	ret = table_print(c, t, 0);
	table_free(t);
	return ret;
}

static int show(struct cli *c, const json_t *root)
{
	const char *charon = text_of(root, "charon");
	int ret = CLI_OK;

	if (!strcmp(charon, "off")) {
		fprintf(c->out, "gmguardd does not follow an IKE daemon: see vici in gmguard.conf(5)\n");
		return CLI_OK;
	}
	if (strcmp(charon, "up"))
		cli_warn(c, "charon is not there (%s): which child SAs are up is not known",
			 text_of(root, "vici"));
	if (!json_array_size(json_object_get(root, "peers")))
		fprintf(c->out, "no peer and no domain needs ESP\n");
	else
		ret = show_peers(c, root);
	if (!ret && json_array_size(json_object_get(root, "children"))) {
		fputc('\n', c->out);
		ret = show_children(c, root);
	}
	return ret;
}

/**
 * peer_esp() - gmguard peer esp
 * @c: the run
 * @argc: words behind it
 * @argv: the words
 *
 * Return: exit status.
 */
int peer_esp(struct cli *c, int argc, char **argv)
{
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	json_t *root;
	int ret = cli_no_args(c, argc, argv);

	if (ret)
		return ret;
	agent_socket(path, sizeof(path));
	root = ask_agent(path, "esp");
	if (!root)
		return cli_fail(c, CLI_REFUSED, "gmguardd does not answer at %s: only it knows the child SAs of the IKE daemon",
				*path ? path : "a UNIX socket (listen_unix is off)");
	if (c->json)
		return cli_print_json(c, root);
	ret = show(c, root);
	json_decref(root);
	return ret;
}
