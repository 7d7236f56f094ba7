// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * collect.c - reads whole tables of the kernel.
 */
#include <errno.h>
#include <stdlib.h>

#include "cli.h"

static int by_endpoint_id(const void *a, const void *b)
{
	const struct gmg_endpoint *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static int by_saset_id(const void *a, const void *b)
{
	const struct gmg_saset *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/* The rows with room for one more, or NULL; then they stay as they are. */
static void *grow(void *rows, size_t n, size_t *room, size_t size)
{
	size_t more = *room ? 2 * *room : 16;

	if (n < *room)
		return rows;
	rows = reallocarray(rows, more, size);
	if (rows)
		*room = more;
	return rows;
}

static int keep_endpoint(const struct gmg_endpoint *ep, void *arg)
{
	struct endpoint_list *list = arg;
	void *v;

	if (!ep) {
		list->n = 0;
		return 0;
	}
	v = grow(list->v, list->n, &list->room, sizeof(*list->v));
	if (!v)
		return -ENOMEM;
	list->v = v;
	list->v[list->n++] = *ep;
	return 0;
}

static void forget_sasets(struct saset_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		gmg_saset_clear(&list->v[i]);
	list->n = 0;
}

static int keep_saset(const struct gmg_saset *set, void *arg)
{
	struct saset_list *list = arg;
	void *v;

	if (!set) {
		forget_sasets(list);
		return 0;
	}
	v = grow(list->v, list->n, &list->room, sizeof(*list->v));
	if (!v)
		return -ENOMEM;
	list->v = v;
	if (gmg_saset_copy(&list->v[list->n], set))
		return -ENOMEM;
	list->n++;
	return 0;
}

static int keep_adopted(const struct gmg_adopted *sa, void *arg)
{
	struct adopted_list *list = arg;
	void *v;

	if (!sa) {
		list->n = 0;
		return 0;
	}
	v = grow(list->v, list->n, &list->room, sizeof(*list->v));
	if (!v)
		return -ENOMEM;
	list->v = v;
	list->v[list->n++] = *sa;
	return 0;
}

/* What the last pass has read is worth showing, with a warning. */
static int check(struct cli *c, int ret)
{
	if (ret == -EAGAIN) {
		cli_warn(c, "%s", c->k.err);
		return CLI_OK;
	}
	return ret ? cli_kernel_fail(c, ret) : CLI_OK;
}

/**
 * collect_endpoints() - read all endpoints
 * @c: the run
 * @list: result by id, for endpoint_list_free() whatever is returned
 *
 * Return: CLI_OK, or the status to exit with after a message.
 */
int collect_endpoints(struct cli *c, struct endpoint_list *list)
{
	int ret = cli_kernel(c);

	*list = (struct endpoint_list){ 0 };
	if (ret)
		return ret;
	ret = check(c, kernel_endpoint_dump(&c->k, keep_endpoint, list));
	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), by_endpoint_id);
	return ret;
}

/**
 * collect_sasets() - read all SA sets
 * @c: the run
 * @list: result by id, for saset_list_free() whatever is returned
 *
 * Return: CLI_OK, or the status to exit with after a message.
 */
int collect_sasets(struct cli *c, struct saset_list *list)
{
	int ret = cli_kernel(c);

	*list = (struct saset_list){ 0 };
	if (ret)
		return ret;
	ret = check(c, kernel_saset_dump(&c->k, keep_saset, list));
	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), by_saset_id);
	return ret;
}

/**
 * collect_tables() - read all that the module shows by row
 * @c: the run
 * @t: result, for tables_free() whatever is returned
 *
 * Return: CLI_OK, or the status to exit with after a message.
 */
int collect_tables(struct cli *c, struct tables *t)
{
	int ret;

	*t = (struct tables){ 0 };
	ret = collect_endpoints(c, &t->endpoints);
	if (!ret)
		ret = collect_sasets(c, &t->sets);
	if (!ret)
		ret = check(c, kernel_adopted_dump(&c->k, keep_adopted,
						   &t->adopted));
	if (!ret && pair_sas(t->adopted.v, t->adopted.n, t->endpoints.v,
			     t->endpoints.n, &t->pairs))
		ret = cli_fail(c, CLI_REFUSED, "out of memory");
	return ret;
}

/**
 * tables_free() - free them
 * @t: tables
 */
void tables_free(struct tables *t)
{
	endpoint_list_free(&t->endpoints);
	saset_list_free(&t->sets);
	free(t->adopted.v);
	pair_list_free(&t->pairs);
	*t = (struct tables){ 0 };
}

/**
 * endpoint_list_free() - free a list
 * @list: list
 */
void endpoint_list_free(struct endpoint_list *list)
{
	free(list->v);
	*list = (struct endpoint_list){ 0 };
}

/**
 * saset_list_free() - free a list
 * @list: list
 */
void saset_list_free(struct saset_list *list)
{
	forget_sasets(list);
	free(list->v);
	*list = (struct saset_list){ 0 };
}

/**
 * json_endpoint_list() - a list as JSON
 * @list: list
 *
 * Return: an array, or NULL without memory.
 */
json_t *json_endpoint_list(const struct endpoint_list *list)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < list->n; i++)
		json_array_append_new(array, json_endpoint(&list->v[i]));
	return array;
}

/**
 * json_saset_list() - a list as JSON
 * @list: list
 *
 * Return: an array, or NULL without memory.
 */
json_t *json_saset_list(const struct saset_list *list)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < list->n; i++)
		json_array_append_new(array, json_saset(&list->v[i]));
	return array;
}

/**
 * cli_endpoint_id() - find the endpoint that an argument names
 * @c: the run
 * @what: name of the argument, for messages
 * @text: its id, or its address
 * @id: result
 *
 * Return: CLI_OK, or the status to exit with after a message.
 */
int cli_endpoint_id(struct cli *c, const char *what, const char *text,
		    uint32_t *id)
{
	struct endpoint_list list;
	struct gmg_addr addr;
	size_t i;
	int ret;

	if (gmg_addr_parse(text, &addr))
		return cli_u32(c, what, text, 1, UINT32_MAX, id);
	ret = collect_endpoints(c, &list);
	for (i = 0; !ret && i < list.n; i++)
		if (gmg_addr_equal(&list.v[i].local_addr, &addr))
			break;
	if (!ret && i == list.n)
		ret = cli_fail(c, CLI_REFUSED,
			       "no endpoint guards %s; \"gmguard show endpoints\" lists them",
			       text);
	else if (!ret)
		*id = list.v[i].id;
	endpoint_list_free(&list);
	return ret;
}
