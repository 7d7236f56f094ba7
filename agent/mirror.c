// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mirror.c - see mirror.h
 */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "mirror.h"

/** struct flow_key - a flow without padding that nobody wrote to */
struct flow_key {
	uint8_t ue_addr[16];
	uint8_t local_addr[16];
	uint16_t ue_port;
	uint16_t local_port;
};

static uint64_t hash_flow(const struct gmg_addr *ue, uint16_t ue_port,
			  const struct gmg_addr *local, uint16_t local_port)
{
	struct flow_key key = { .ue_port = ue_port, .local_port = local_port };

	memcpy(key.ue_addr, ue->bytes, sizeof(key.ue_addr));
	memcpy(key.local_addr, local->bytes, sizeof(key.local_addr));
	return hash_bytes(&key, sizeof(key));
}

static uint64_t hash_server(const struct gmg_addr *ue, uint16_t port_us)
{
	static const struct gmg_addr none;

	return hash_flow(ue, port_us, &none, 0);
}

static uint64_t hash_impi(const char *impi)
{
	return hash_bytes(impi, strlen(impi));
}

static uint64_t hash_id(uint32_t id)
{
	return hash_bytes(&id, sizeof(id));
}

/**
 * mirror_open() - make an empty index
 * @m: the index
 * @k: connection to the kernel, may be closed yet
 *
 * Return: 0 or -ENOMEM.
 */
int mirror_open(struct mirror *m, struct gmg_kernel *k)
{
	memset(m, 0, sizeof(*m));
	m->k = k;
	if (htab_init(&m->by_id) || htab_init(&m->by_flow) ||
	    htab_init(&m->by_server) || htab_init(&m->by_impi)) {
		mirror_close(m);
		return -ENOMEM;
	}
	return 0;
}

static void drop(struct mirror *m, struct mirror_set *ms)
{
	htab_del(&m->by_id, &ms->by_id);
	htab_del(&m->by_server, &ms->by_server);
	htab_del(&m->by_impi, &ms->by_impi);
	htab_del(&m->by_flow, &ms->flow[0].node);
	htab_del(&m->by_flow, &ms->flow[1].node);
	free(ms);
#ifdef __GLIBC__
	/* what very many of them took would stay with the allocator */
	if (!m->by_id.count)
		malloc_trim(0);
#endif
}

/* Drop the sets that the last dump did not show; all of them with pass 0. */
static void sweep(struct mirror *m, uint32_t pass)
{
	for (size_t i = 0; i < m->by_id.size; i++) {
		struct hnode *node = m->by_id.bucket[i];

		while (node) {
			struct mirror_set *ms =
				container_of(node, struct mirror_set, by_id);

			node = node->next;
			if (!pass || ms->pass != pass)
				drop(m, ms);
		}
	}
}

/**
 * mirror_forget() - empty the index: the module went away
 * @m: the index, perhaps half made
 */
void mirror_forget(struct mirror *m)
{
	if (m->by_id.bucket)
		sweep(m, 0);
	m->n_endpoint = 0;
	m->stale = false;
	m->gone = false;
}

/**
 * mirror_close() - give everything back
 * @m: the index, perhaps half made
 */
void mirror_close(struct mirror *m)
{
	mirror_forget(m);
	htab_clean(&m->by_id);
	htab_clean(&m->by_flow);
	htab_clean(&m->by_server);
	htab_clean(&m->by_impi);
	free(m->endpoint);
	m->endpoint = NULL;
}

static bool is_same(const struct mirror_set *ms, const struct gmg_saset *set)
{
	return gmg_addr_equal(&ms->ue_addr, &set->ue_addr) &&
	       gmg_addr_equal(&ms->local_addr, &set->local_addr) &&
	       ms->port_uc == set->port_uc && ms->port_us == set->port_us &&
	       ms->port_pc == set->port_pc && ms->port_ps == set->port_ps &&
	       !strcmp(ms->impi, set->impi);
}

/**
 * mirror_add() - take a set into the index, if it is not there yet
 * @m: the index
 * @set: the set as the kernel shows it
 *
 * Return: 0 or -ENOMEM.
 */
int mirror_add(struct mirror *m, const struct gmg_saset *set)
{
	struct mirror_set *ms = mirror_find(m, set->id);
	size_t len = strlen(set->impi) + 1;

	if (ms && is_same(ms, set)) {
		ms->pass = m->pass;
		return 0;
	}
	if (ms)
		drop(m, ms);
	ms = calloc(1, sizeof(*ms) + len);
	if (!ms)
		return -ENOMEM;
	ms->id = set->id;
	ms->pass = m->pass;
	ms->ue_addr = set->ue_addr;
	ms->local_addr = set->local_addr;
	ms->port_uc = set->port_uc;
	ms->port_us = set->port_us;
	ms->port_pc = set->port_pc;
	ms->port_ps = set->port_ps;
	memcpy(ms->impi, set->impi, len);
	ms->flow[0].set = ms;
	ms->flow[1].set = ms;
	htab_add(&m->by_id, &ms->by_id, hash_id(ms->id));
	htab_add(&m->by_impi, &ms->by_impi, hash_impi(ms->impi));
	htab_add(&m->by_server, &ms->by_server,
		 hash_server(&ms->ue_addr, ms->port_us));
	htab_add(&m->by_flow, &ms->flow[0].node,
		 hash_flow(&ms->ue_addr, ms->port_uc, &ms->local_addr,
			   ms->port_ps));
	htab_add(&m->by_flow, &ms->flow[1].node,
		 hash_flow(&ms->ue_addr, ms->port_us, &ms->local_addr,
			   ms->port_pc));
	return 0;
}

static int add_endpoint(const struct gmg_endpoint *ep, void *arg)
{
	struct mirror *m = arg;
	struct gmg_endpoint *more;

	if (!ep) {
		m->n_endpoint = 0;
		return 0;
	}
	more = realloc(m->endpoint, (m->n_endpoint + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	m->endpoint = more;
	m->endpoint[m->n_endpoint++] = *ep;
	return 0;
}

static int add_set(const struct gmg_saset *set, void *arg)
{
	struct mirror *m = arg;

	if (!set) {
		m->pass++;
		return 0;
	}
	return mirror_add(m, set);
}

static int reload_endpoints(struct mirror *m)
{
	m->n_endpoint = 0;
	return kernel_endpoint_dump(m->k, add_endpoint, m);
}

/**
 * mirror_reload() - fill the index from the kernel's tables
 * @m: the index
 *
 * Return: 0, or a negative errno with the kernel connection's err set.
 */
int mirror_reload(struct mirror *m)
{
	int ret;

	ret = reload_endpoints(m);
	if (ret)
		return ret;
	m->pass++;
	ret = kernel_saset_dump(m->k, add_set, m);
	if (!ret)
		sweep(m, m->pass);
	return ret;
}

static void set_event(struct mirror *m, uint32_t event,
		      const struct gmg_saset *set)
{
	struct log_about about = { .set = set->id, .impi = set->impi };
	struct mirror_set *ms;

	if (event != GMGUARD_EVENT_SA_SET_DEL) {
		mirror_add(m, set);
		return;
	}
	log_about(LOG_INFO, &about, "SA set deleted: %s",
		  gmg_cause_name(set->cause));
	ms = mirror_find(m, set->id);
	if (ms)
		drop(m, ms);
}

static int handle_event(const struct gmg_event *ev, void *arg)
{
	struct mirror *m = arg;

	switch (ev->kind) {
	case GMG_EVENT_SASET:
		set_event(m, ev->event, &ev->saset);
		break;
	case GMG_EVENT_ENDPOINT:
		if (ev->event == GMGUARD_EVENT_ENDPOINT_DEL)
			log_notice("endpoint %u was deleted", ev->endpoint.id);
		return reload_endpoints(m);
	case GMG_EVENT_DROP:
	case GMG_EVENT_ADOPTED:
		break;
	}
	return 0;
}

/**
 * mirror_drain() - read the events that wait
 * @m: the index
 *
 * Return: 0; -ENODEV when the module has gone; or another negative errno with
 * the kernel connection's err set: then the tables are read with the next call.
 */
int mirror_drain(struct mirror *m)
{
	int ret = m->gone ? -ENODEV : kernel_event_recv(m->k, handle_event, m);

	if (ret == -ENODEV) {
		m->gone = true;
		return ret;
	}
	if (ret && !m->stale) {
		m->resyncs++;
		m->stale = true;
		log_notice("reading the kernel's tables again: %s", m->k->err);
	}
	if (!m->stale)
		return 0;
	ret = mirror_reload(m);
	m->stale = ret;
	return ret;
}

/**
 * mirror_endpoint() - find the endpoint of an address
 * @m: the index
 * @addr: address of the P-CSCF
 *
 * Return: the endpoint, or NULL.
 */
const struct gmg_endpoint *mirror_endpoint(const struct mirror *m,
					   const struct gmg_addr *addr)
{
	for (unsigned int i = 0; i < m->n_endpoint; i++) {
		if (gmg_addr_equal(&m->endpoint[i].local_addr, addr))
			return &m->endpoint[i];
	}
	return NULL;
}

/**
 * mirror_find() - find a set by id
 * @m: the index
 * @id: the id
 *
 * Return: what is known of it, or NULL.
 */
struct mirror_set *mirror_find(const struct mirror *m, uint32_t id)
{
	struct hnode *node = htab_first(&m->by_id, hash_id(id));

	for (; node; node = htab_next(node)) {
		struct mirror_set *ms =
			container_of(node, struct mirror_set, by_id);

		if (ms->id == id)
			return ms;
	}
	return NULL;
}

static bool has_flow(const struct mirror_set *ms, const struct flow *flow)
{
	bool a = ms->port_uc == flow->ue_port &&
		 ms->port_ps == flow->local_port;
	bool d = ms->port_us == flow->ue_port &&
		 ms->port_pc == flow->local_port;

	return (a || d) && gmg_addr_equal(&ms->ue_addr, &flow->ue_addr) &&
	       gmg_addr_equal(&ms->local_addr, &flow->local_addr);
}

static struct mirror_set *find_flow(struct mirror *m, const struct flow *flow)
{
	struct hnode *node;

	node = htab_first(&m->by_flow,
			  hash_flow(&flow->ue_addr, flow->ue_port,
				    &flow->local_addr, flow->local_port));
	for (; node; node = htab_next(node)) {
		struct mirror_set *ms =
			container_of(node, struct flow_node, node)->set;

		if (has_flow(ms, flow))
			return ms;
	}
	return NULL;
}

/* Read a set from the kernel; a set that is gone is forgotten. */
static int get(struct mirror *m, struct mirror_set *ms, struct gmg_saset *set)
{
	int ret = kernel_saset_get(m->k, ms->id, set);

	if (ret == -ENOENT)
		drop(m, ms);
	return ret;
}

/**
 * mirror_get_id() - read a set from the kernel
 * @m: the index
 * @id: id of the set
 * @set: the set, for gmg_saset_clear()
 *
 * Return: 0; -ENOENT when there is no such set; another negative errno with
 * the kernel connection's err set.
 */
int mirror_get_id(struct mirror *m, uint32_t id, struct gmg_saset *set)
{
	struct mirror_set *ms = mirror_find(m, id);

	return ms ? get(m, ms, set) : kernel_saset_get(m->k, id, set);
}

/**
 * mirror_get_flow() - read the set that an inbound packet came through
 * @m: the index
 * @flow: addresses and ports of the packet
 * @set: the set, for gmg_saset_clear()
 *
 * Return: 0; -ENOENT when no live set has this flow; another negative errno
 * with the kernel connection's err set.
 */
int mirror_get_flow(struct mirror *m, const struct flow *flow,
		    struct gmg_saset *set)
{
	int ret;

	for (int tries = 0; tries < 2; tries++) {
		struct mirror_set *ms;

		while ((ms = find_flow(m, flow))) {
			ret = get(m, ms, set);
			if (ret != -ENOENT)
				return ret;
		}
		if (tries)
			break;
		ret = mirror_drain(m);
		if (ret)
			return ret;
	}
	return -ENOENT;
}

static int add_id(uint32_t **ids, int n, uint32_t id)
{
	uint32_t *more = realloc(*ids, (n + 1) * sizeof(*more));

	if (!more) {
		free(*ids);
		*ids = NULL;
		return -ENOMEM;
	}
	more[n] = id;
	*ids = more;
	return n + 1;
}

/**
 * mirror_ids_of_impi() - list the sets of an identity
 * @m: the index
 * @impi: private identity
 * @ids: ids of the sets, to be freed; some may be gone by now
 *
 * Return: how many; or a negative errno.
 */
int mirror_ids_of_impi(struct mirror *m, const char *impi, uint32_t **ids)
{
	struct hnode *node;
	int n;

	*ids = NULL;
	n = mirror_drain(m);
	if (n)
		return n;
	node = htab_first(&m->by_impi, hash_impi(impi));
	for (; node && n >= 0; node = htab_next(node)) {
		struct mirror_set *ms =
			container_of(node, struct mirror_set, by_impi);

		if (!strcmp(ms->impi, impi))
			n = add_id(ids, n, ms->id);
	}
	return n;
}

/**
 * mirror_ids_of_server() - list the sets of a UE's protected server port
 * @m: the index
 * @ue_addr: address of the UE
 * @port_us: the port
 * @ids: ids of the sets, to be freed; some may be gone by now
 *
 * Return: how many; or a negative errno.
 */
int mirror_ids_of_server(struct mirror *m, const struct gmg_addr *ue_addr,
			 uint16_t port_us, uint32_t **ids)
{
	struct hnode *node;
	int n;

	*ids = NULL;
	n = mirror_drain(m);
	if (n)
		return n;
	node = htab_first(&m->by_server, hash_server(ue_addr, port_us));
	for (; node && n >= 0; node = htab_next(node)) {
		struct mirror_set *ms =
			container_of(node, struct mirror_set, by_server);

		if (ms->port_us == port_us &&
		    gmg_addr_equal(&ms->ue_addr, ue_addr))
			n = add_id(ids, n, ms->id);
	}
	return n;
}
