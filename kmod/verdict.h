/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The verdict on one packet, as a pure function of plain structs: no skb, no
 * lock, no allocation. KUnit, host tests, fuzzers and model checkers compile
 * this very file.
 */
#ifndef _GMG_VERDICT_H
#define _GMG_VERDICT_H

#include "flow.h"

/**
 * struct gmg_transform - what IPsec did, or is about to do, to a packet
 * @count: number of transforms: entries of the security path of a packet that
 *	came in, states of the bundle of one that goes out
 * @esp: the only transform is ESP
 * @transport: the only transform is in transport mode
 * @valid: its state is still valid
 * @exact: its selector names both addresses in full and both ports
 * @sel: that selector as a flow; @sel.proto is 0 for any protocol
 */
struct gmg_transform {
	__u8 count;
	bool esp;
	bool transport;
	bool valid;
	bool exact;
	struct gmg_flow sel;
};

/**
 * enum gmg_clear_fact - what is to be held of a packet on an unprotected port
 * @GMG_CLEAR_FINE: it may come in clear
 * @GMG_CLEAR_FORBIDDEN: it may not
 * @GMG_CLEAR_LOST: it is part of a stream that cannot be followed
 * @GMG_CLEAR_LIMITED: there are too many of its kind
 */
enum gmg_clear_fact {
	GMG_CLEAR_FINE,
	GMG_CLEAR_FORBIDDEN,
	GMG_CLEAR_LOST,
	GMG_CLEAR_LIMITED,
};

/**
 * struct gmg_inbound - the facts that decide on a packet at LOCAL_IN
 * @flow: addresses, ports and transport protocol of the packet
 * @guarded: the destination is a guarded address
 * @protected: a socket on a protected port may get it
 * @unprotected: it is for an unprotected SIP port, and not from a core peer that
 *	the endpoint exempts
 * @sa_protected: the selector of the only transform names a protected port
 * @malformed: headers could not be read as far as the ports
 * @fragment: it is a fragment, or has a Fragment header
 * @icmp_deceives: an ICMP message that must not be believed: an error that
 *	quotes a protected flow, or ESP that no live SA sends, or a redirect
 * @temporary: it came through an owned set in phase temporary
 * @not_register: it carries something else than a REGISTER request
 * @clear: if it is for an unprotected port and in clear, what it carries
 * @tf: the transforms
 */
struct gmg_inbound {
	struct gmg_flow flow;
	bool guarded;
	bool protected;
	bool unprotected;
	bool sa_protected;
	bool malformed;
	bool fragment;
	bool icmp_deceives;
	bool temporary;
	bool not_register;
	enum gmg_clear_fact clear;
	struct gmg_transform tf;
};

/**
 * struct gmg_outbound - the facts that decide on a packet at POST_ROUTING
 *
 * Only packets that left the local stack from a protected port get here.
 *
 * @flow: addresses, ports and transport protocol as they are now, after NAT
 * @nat: NAT changed the packet
 * @exempt: the destination is a core peer that the endpoint exempts
 * @temporary: it would leave through an owned set in phase temporary
 * @not_response: it carries something else than the response to a REGISTER
 * @tf: the transforms of its route
 */
struct gmg_outbound {
	struct gmg_flow flow;
	bool nat;
	bool exempt;
	bool temporary;
	bool not_response;
	struct gmg_transform tf;
};

int gmg_verdict_in(const struct gmg_inbound *in);
int gmg_verdict_out(const struct gmg_outbound *out);

#endif /* _GMG_VERDICT_H */
