// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registration groups: the new, the established and older sets of one
 * registration share (UE address, port_us), so a UDP packet to the UE does not
 * say by itself which set it belongs to. TS 33.203 7.4 does: the response to a
 * REGISTER goes to the set that brought the REGISTER, all else to the set in
 * use, which is the newest one that was taken into use.
 *
 * Concurrency: joined and left under gmg_net.lock, read under RCU. The keys of
 * REGISTER requests are single words that hooks write without a lock: a lost
 * one costs a response that the UE asks for again.
 */
#include <linux/siphash.h>
#include <linux/slab.h>

#include "fault.h"
#include "group.h"
#include "phase.h"

const struct rhashtable_params gmg_group_params = {
	.head_offset = offsetof(struct gmg_group, node),
	.key_offset = offsetof(struct gmg_group, key),
	.key_len = sizeof(struct gmg_group_key),
	.automatic_shrinking = true,
};

/**
 * gmg_group_key() - name a registration group
 * @key: filled in
 * @ep: the endpoint
 * @ue: UE address
 * @port_us: the UE's protected server port
 */
void gmg_group_key(struct gmg_group_key *key, const struct gmg_endpoint *ep,
		   const struct gmg_addr *ue, __be16 port_us)
{
	*key = (struct gmg_group_key){
		.ue = *ue,
		.local = ep->conf.addr,
		.port_us = port_us,
		.family = ep->conf.family,
	};
}

/**
 * gmg_group_find() - the registration group of a name
 * @gn: the namespace
 * @key: the name
 *
 * Context: under RCU or gmg_net.lock.
 * Return: the group or NULL.
 */
struct gmg_group *gmg_group_find(struct gmg_net *gn,
				 const struct gmg_group_key *key)
{
	return rhashtable_lookup_fast(&gn->groups, key, gmg_group_params);
}

/**
 * gmg_group_join() - put a set into its group, making it if need be
 * @set: the set
 *
 * Context: may sleep, gmg_net.lock held.
 * Return: 0 or a negative errno.
 */
int gmg_group_join(struct gmg_saset *set)
{
	struct gmg_net *gn = set->gn;
	struct gmg_group_key key;
	struct gmg_group *group;
	int err;

	gmg_group_key(&key, set->ep, &set->ue, htons(set->port_us));
	group = gmg_group_find(gn, &key);
	if (!group) {
		group = gmg_fault() ? NULL :
			kzalloc(sizeof(*group), GFP_KERNEL_ACCOUNT);
		if (!group)
			return -ENOMEM;
		group->key = key;
		INIT_LIST_HEAD(&group->sets);
		err = gmg_fault() ? -ENOMEM :
		      rhashtable_insert_fast(&gn->groups, &group->node,
					     gmg_group_params);
		if (err) {
			kfree(group);
			return err;
		}
	}
	set->group = group;
	list_add_rcu(&set->group_node, &group->sets);
	return 0;
}

/**
 * gmg_group_leave() - take a set out of its group, freeing it if empty
 * @set: the set
 *
 * Context: gmg_net.lock held.
 */
void gmg_group_leave(struct gmg_saset *set)
{
	struct gmg_group *group = set->group;

	list_del_rcu(&set->group_node);
	if (!list_empty(&group->sets))
		return;
	rhashtable_remove_fast(&set->gn->groups, &group->node,
			       gmg_group_params);
	kfree_rcu(group, rcu);
}

/**
 * gmg_group_in_use() - the set that what is sent to the UE takes
 * @group: the group
 *
 * Context: under RCU or gmg_net.lock.
 * A UE that changed its port_us has no older set on the new one.
 *
 * Return: the newest set that was taken into use, else the newest that has
 * completed authentication, or NULL.
 */
struct gmg_saset *gmg_group_in_use(const struct gmg_group *group)
{
	struct gmg_saset *waiting = NULL;
	struct gmg_saset *taken = NULL;
	struct gmg_saset *set;

	rcu_read_lock();
	list_for_each_entry_rcu(set, &group->sets, group_node) {
		if (test_bit(GMG_SASET_TAKEN, &set->flags)) {
			taken = set;
			break;
		}
		if (!waiting && gmg_phase_is_authenticated(set))
			waiting = set;
	}
	rcu_read_unlock();
	return taken ?: waiting;
}

/**
 * gmg_group_transaction() - name the transaction of a REGISTER
 * @sip: Call-ID and CSeq
 *
 * Context: any but hard interrupts.
 * Return: a key, never 0.
 */
u64 gmg_group_transaction(const struct gmg_sip *sip)
{
	static siphash_key_t secret __read_mostly;

	net_get_random_once(&secret, sizeof(secret));
	return siphash(sip->call_id, sip->call_id_len, &secret) + sip->cseq ?: 1;
}

static bool has_brought(const struct gmg_saset *set, u64 key)
{
	int i;

	for (i = 0; i < GMG_REGISTERS; i++)
		if (READ_ONCE(set->registers[i]) == key)
			return true;
	return false;
}

/**
 * gmg_group_note_register() - remember that a set brought a REGISTER over UDP
 * @set: the set
 * @key: names the transaction
 *
 * Context: softirq, under RCU.
 * Return: false if it is a repeat of one that the set has brought before.
 */
bool gmg_group_note_register(struct gmg_saset *set, u64 key)
{
	u32 n = READ_ONCE(set->n_registers);

	if (has_brought(set, key))
		return false;
	WRITE_ONCE(set->registers[n % GMG_REGISTERS], key);
	WRITE_ONCE(set->n_registers, n + 1);
	return true;
}

/**
 * gmg_group_pick() - the set that a UDP packet to the UE has to take
 * @group: the group of its destination
 * @key: names the transaction of a response to a REGISTER, 0 for any other
 *	packet
 *
 * Context: under RCU.
 * Return: the set, or NULL if no live set may carry the packet.
 */
struct gmg_saset *gmg_group_pick(const struct gmg_group *group, u64 key)
{
	struct gmg_saset *set;

	if (!key)
		return gmg_group_in_use(group);
	list_for_each_entry_rcu(set, &group->sets, group_node)
		if (has_brought(set, key))
			return set;
	return NULL;
}
