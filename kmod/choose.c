// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a new SA set gets: port_ps, port_pc, spi_ps, spi_pc, and which older
 * sets give way to it.
 *
 * In the way may stand only what has proven itself: a temporary set that has
 * carried no authenticated packet yields, or a stranger could occupy the ports
 * of a UE by naming them in an unprotected REGISTER (AT-45). For the same
 * reason the bound on temporary sets never refuses a newcomer while there is
 * one that has carried nothing.
 *
 * Concurrency: all under gmg_net.lock.
 */
#include <linux/random.h>

#include "binding.h"
#include "choose.h"
#include "group.h"
#include "impi.h"
#include "phase.h"

#define SPI_TRIES 16

static bool has_carried(const struct gmg_saset *set)
{
	return set->sa[GMGUARD_SA_NAME_A]->curlft.packets ||
	       set->sa[GMGUARD_SA_NAME_D]->curlft.packets;
}

/* Whether @set is an earlier attempt at what @conf is for (GM-29). */
static bool is_earlier(const struct gmg_saset *set,
		       const struct gmg_saset_conf *conf)
{
	return set->phase == GMGUARD_PHASE_TEMPORARY &&
	       set->port_uc == conf->port_uc &&
	       gmg_addr_equal(&set->ue, &conf->ue) &&
	       !strcmp(set->impi->name, conf->impi);
}

/* Whether @set gives way to a new set for @conf (GM-29, AT-45). */
static bool yields(const struct gmg_saset *set,
		   const struct gmg_saset_conf *conf)
{
	if (set->phase != GMGUARD_PHASE_TEMPORARY)
		return false;
	return !has_carried(set) || is_earlier(set, conf);
}

static bool is_yielding(const struct gmg_saset *set,
			const struct gmg_yield *yield)
{
	unsigned int i;

	for (i = 0; i < yield->n; i++)
		if (yield->set[i] == set)
			return true;
	return false;
}

/* Let @set, if any, give way; false if it must not, or too many would have to. */
static bool try_yield(struct gmg_saset *set, const struct gmg_saset_conf *conf,
		      struct gmg_yield *yield)
{
	if (!set || !yields(set, conf))
		return false;
	if (is_yielding(set, yield))
		return true;
	if (yield->n == GMG_YIELD_MAX)
		return false;
	yield->set[yield->n++] = set;
	return true;
}

/* Whether no set has a tuple; with @yield, or only one that gives way. */
static bool tuple_is_free(struct gmg_net *gn, const struct gmg_saset_conf *conf,
			  u16 ue_port, u16 local_port, struct gmg_yield *yield)
{
	struct gmg_tuple tuple = {
		.ue = conf->ue,
		.local = conf->ep->conf.addr,
		.ue_port = htons(ue_port),
		.local_port = htons(local_port),
		.family = conf->ep->conf.family,
	};
	struct gmg_binding *binding = gmg_binding_find(gn, &tuple);

	return !binding || (yield && try_yield(binding->set, conf, yield));
}

/* (UE address, port_us) belongs to one registration. */
static int check_group(struct gmg_net *gn, const struct gmg_saset_conf *conf,
		       struct netlink_ext_ack *extack)
{
	struct gmg_group_key key;
	struct gmg_group *group;
	struct gmg_saset *set;

	gmg_group_key(&key, conf->ep, &conf->ue, htons(conf->port_us));
	group = gmg_group_find(gn, &key);
	if (!group)
		return 0;
	list_for_each_entry(set, &group->sets, group_node) {
		if (yields(set, conf) ||
		    (!strcmp(set->impi->name, conf->impi) &&
		     set->emergency == conf->emergency))
			continue;
		NL_SET_ERR_MSG_ATTR(extack, conf->attrs[GMGUARD_A_SA_SET_PORT_US],
				    "(ue-addr, port-us) belongs to another registration: refuse this UE until that one ends");
		return -EEXIST;
	}
	return 0;
}

/*
 * The port_ps that a UE's authenticated sets have: fixed until it is
 * deregistered (TS 33.203 7.1).
 */
static u16 port_ps_of_ue(const struct gmg_impi *impi,
			 const struct gmg_saset_conf *conf)
{
	struct gmg_saset *set;

	if (!impi)
		return 0;
	list_for_each_entry(set, &impi->sets, impi_node)
		if (gmg_phase_is_authenticated(set) && set->ep == conf->ep &&
		    gmg_addr_equal(&set->ue, &conf->ue))
			return set->port_ps;
	return 0;
}

/* Whether (UE address, port_uc) is free with every port_ps (GM-11). */
static bool port_uc_is_free(struct gmg_net *gn,
			    const struct gmg_saset_conf *conf,
			    struct gmg_yield *yield)
{
	const struct gmg_endpoint_conf *ep = &conf->ep->conf;
	unsigned int i;

	for (i = 0; i < ep->n_ps; i++)
		if (!tuple_is_free(gn, conf, conf->port_uc, ep->port_ps[i],
				   yield))
			return false;
	return true;
}

static int choose_port_ps(struct gmg_net *gn, struct gmg_saset_conf *conf,
			  const struct gmg_impi *impi, struct gmg_yield *yield,
			  struct netlink_ext_ack *extack)
{
	struct gmg_endpoint *ep = conf->ep;

	if (!conf->port_ps)
		conf->port_ps = port_ps_of_ue(impi, conf);
	if (!conf->port_ps)
		conf->port_ps = ep->conf.port_ps[0];
	if (!gmg_endpoint_is_ps(ep, htons(conf->port_ps))) {
		NL_SET_ERR_MSG_ATTR(extack, conf->attrs[GMGUARD_A_SA_SET_PORT_PS],
				    "port-ps is not a protected server port of the endpoint");
		return -EINVAL;
	}
	if (port_uc_is_free(gn, conf, yield))
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, conf->attrs[GMGUARD_A_SA_SET_PORT_UC],
			    "(ue-addr, port-uc) is in use by another SA set: the UE has to choose another port-uc");
	return -EEXIST;
}

static bool take_from_pool(struct gmg_net *gn, struct gmg_saset_conf *conf,
			   struct gmg_yield *yield)
{
	struct gmg_endpoint *ep = conf->ep;
	unsigned int i;

	for (i = 0; i < ep->conf.n_pc; i++) {
		unsigned int at = (ep->next_pc + i) % ep->conf.n_pc;

		if (!tuple_is_free(gn, conf, conf->port_us,
				   ep->conf.port_pc[at], yield))
			continue;
		conf->port_pc = ep->conf.port_pc[at];
		ep->next_pc = at + 1;
		return true;
	}
	return false;
}

static int choose_port_pc(struct gmg_net *gn, struct gmg_saset_conf *conf,
			  struct gmg_yield *yield,
			  struct netlink_ext_ack *extack)
{
	struct gmg_endpoint *ep = conf->ep;

	if (conf->port_pc) {
		if (!gmg_endpoint_protects(ep, htons(conf->port_pc)) ||
		    gmg_endpoint_is_ps(ep, htons(conf->port_pc))) {
			NL_SET_ERR_MSG_ATTR(extack, conf->attrs[GMGUARD_A_SA_SET_PORT_PC],
					    "port-pc is not in the endpoint's pool of protected client ports");
			return -EINVAL;
		}
		if (tuple_is_free(gn, conf, conf->port_us, conf->port_pc,
				  yield))
			return 0;
		NL_SET_ERR_MSG_ATTR(extack, conf->attrs[GMGUARD_A_SA_SET_PORT_PC],
				    "(ue-addr, port-us, port-pc) is in use by another SA set: leave port-pc out to have a free one chosen");
		return -EEXIST;
	}

	/* No set has to give way as long as a port is free. */
	if (take_from_pool(gn, conf, NULL) || take_from_pool(gn, conf, yield))
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, conf->attrs[GMGUARD_A_SA_SET_PORT_US],
			    "every port-pc of the endpoint's pool is in use for this (ue-addr, port-us): delete old sets or enlarge the pool");
	return -ENOSPC;
}

static struct xfrm_state *find_state(struct gmg_net *gn,
				     const struct gmg_saset_conf *conf,
				     const struct gmg_addr *daddr, u32 spi)
{
	return xfrm_state_lookup(gn->net, 0, (const xfrm_address_t *)daddr,
				 htonl(spi), IPPROTO_ESP,
				 conf->ep->conf.family);
}

static bool spi_is_live(struct gmg_net *gn, const struct gmg_saset_conf *conf,
			u32 spi)
{
	struct xfrm_state *x = find_state(gn, conf, &conf->ep->conf.addr, spi);

	if (x)
		xfrm_state_put(x);
	return x;
}

static int choose_spi(struct gmg_net *gn, const struct gmg_saset_conf *conf,
		      u32 other, u32 *spi, const struct nlattr *attr,
		      struct netlink_ext_ack *extack)
{
	bool explicit = *spi;
	int i;

	for (i = 0; i < SPI_TRIES; i++) {
		if (!explicit)
			*spi = get_random_u32();
		if (*spi >= GMGUARD_SPI_MIN && *spi != other &&
		    *spi != conf->spi_uc && *spi != conf->spi_us &&
		    !spi_is_live(gn, conf, *spi))
			return 0;
		if (explicit)
			break;
	}
	/* Equal SPIs would let the UE's packets be reflected (GM-06). */
	NL_SET_ERR_MSG_ATTR(extack, attr,
			    "spi-pc and spi-ps must differ from each other, from spi-uc and spi-us, and from every live SPI of the endpoint: leave them out to have random ones");
	return -EEXIST;
}

/* SPIs that the UE chose must be free at its address. */
static int check_ue_spi(struct gmg_net *gn, const struct gmg_saset_conf *conf,
			u32 spi, struct gmg_yield *yield,
			const struct nlattr *attr,
			struct netlink_ext_ack *extack)
{
	struct xfrm_state *x = find_state(gn, conf, &conf->ue, spi);
	struct gmg_saset *set = NULL;
	struct gmg_binding *binding;
	struct gmg_tuple tuple;

	if (!x)
		return 0;
	gmg_state_tuple(x, &tuple);
	binding = gmg_binding_find(gn, &tuple);
	if (binding && gmg_saset_owns(binding->set, x))
		set = binding->set;
	xfrm_state_put(x);
	if (set && try_yield(set, conf, yield)) {
		yield->holds_spi = true;
		return 0;
	}
	NL_SET_ERR_MSG_ATTR(extack, attr,
			    "spi-uc or spi-us is in use at ue-addr by another SA: the UE has to choose other SPIs");
	return -EEXIST;
}

/*
 * Whether the search for a temporary set to make room for @conf is over. From
 * the oldest on: rather one of the same UE than one that somebody else may be
 * about to answer on.
 */
static bool consider(struct gmg_saset *set, const struct gmg_saset_conf *conf,
		     const struct gmg_yield *yield, struct gmg_saset **victim)
{
	bool same_ue = gmg_addr_equal(&set->ue, &conf->ue);

	if (set->phase != GMGUARD_PHASE_TEMPORARY || has_carried(set) ||
	    is_yielding(set, yield))
		return false;
	if (!*victim || same_ue)
		*victim = set;
	return same_ue;
}

static struct gmg_saset *find_victim_of(const struct gmg_impi *impi,
					const struct gmg_saset_conf *conf,
					const struct gmg_yield *yield)
{
	struct gmg_saset *victim = NULL;
	struct gmg_saset *set;

	list_for_each_entry_reverse(set, &impi->sets, impi_node)
		if (consider(set, conf, yield, &victim))
			break;
	return victim;
}

static struct gmg_saset *find_victim(const struct gmg_net *gn,
				     const struct gmg_saset_conf *conf,
				     const struct gmg_yield *yield)
{
	struct gmg_saset *victim = NULL;
	struct gmg_saset *set;

	list_for_each_entry(set, &gn->temporary, temporary_node)
		if (consider(set, conf, yield, &victim))
			break;
	return victim;
}

static unsigned int count_temporary(const struct gmg_impi *impi,
				    const struct gmg_yield *yield)
{
	struct gmg_saset *set;
	unsigned int n = 0;

	list_for_each_entry(set, &impi->sets, impi_node)
		if (set->phase == GMGUARD_PHASE_TEMPORARY &&
		    !is_yielding(set, yield))
			n++;
	return n;
}

/* Keep the temporary sets within bounds, earlier attempts out (GM-12, GM-29). */
static int check_temporary(struct gmg_net *gn, const struct gmg_impi *impi,
			   const struct gmg_saset_conf *conf,
			   struct gmg_yield *yield,
			   struct netlink_ext_ack *extack)
{
	const u32 *n_sets = gn->n_sets;
	struct gmg_saset *set;
	bool ok = true;

	if (conf->phase != GMGUARD_PHASE_TEMPORARY)
		return 0;
	if (impi) {
		list_for_each_entry(set, &impi->sets, impi_node)
			if (is_earlier(set, conf))
				ok = ok && try_yield(set, conf, yield);
		if (count_temporary(impi, yield) >=
		    gn->limits.max_impi_temporary)
			ok = ok && try_yield(find_victim_of(impi, conf, yield),
					     conf, yield);
	}
	if (n_sets[GMGUARD_PHASE_TEMPORARY] - yield->n >=
	    gn->limits.max_temporary)
		ok = ok && try_yield(find_victim(gn, conf, yield), conf, yield);
	if (ok)
		return 0;
	NL_SET_ERR_MSG(extack,
		       "too many temporary sets, and all have carried packets: wait until they end, or raise the limits max-impi-temporary and max-temporary");
	return -EDQUOT;
}

/**
 * gmg_choose() - choose ports and SPIs for a new set and check the UE's
 * @gn: the namespace, gmg_net.lock held
 * @conf: ports and SPIs that are 0 are filled in
 * @yield: filled with the sets that give way
 * @extack: says why it failed
 *
 * Return: 0, -EDQUOT, -EEXIST, -EINVAL or -ENOSPC; nothing has changed in any
 * case.
 */
int gmg_choose(struct gmg_net *gn, struct gmg_saset_conf *conf,
	       struct gmg_yield *yield, struct netlink_ext_ack *extack)
{
	struct gmg_impi *impi = gmg_impi_find(gn, conf->impi);
	int err;

	lockdep_assert_held(&gn->lock);
	*yield = (struct gmg_yield){};
	err = check_group(gn, conf, extack);
	if (!err)
		err = choose_port_ps(gn, conf, impi, yield, extack);
	if (!err)
		err = choose_port_pc(gn, conf, yield, extack);
	if (!err)
		err = check_ue_spi(gn, conf, conf->spi_uc, yield,
				   conf->attrs[GMGUARD_A_SA_SET_SPI_UC],
				   extack);
	if (!err)
		err = check_ue_spi(gn, conf, conf->spi_us, yield,
				   conf->attrs[GMGUARD_A_SA_SET_SPI_US],
				   extack);
	if (!err)
		err = choose_spi(gn, conf, conf->spi_pc, &conf->spi_ps,
				 conf->attrs[GMGUARD_A_SA_SET_SPI_PS], extack);
	if (!err)
		err = choose_spi(gn, conf, conf->spi_ps, &conf->spi_pc,
				 conf->attrs[GMGUARD_A_SA_SET_SPI_PC], extack);
	if (!err)
		err = check_temporary(gn, impi, conf, yield, extack);
	return err;
}
