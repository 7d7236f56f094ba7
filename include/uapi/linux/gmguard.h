/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* generated from Documentation/netlink/specs/gmguard.yaml
 * by Documentation/netlink/gen.py; do not edit
 */

#ifndef _UAPI_LINUX_GMGUARD_H
#define _UAPI_LINUX_GMGUARD_H

#define GMGUARD_FAMILY_NAME	"gmguard"
#define GMGUARD_FAMILY_VERSION	1

/* Longest IMPI in bytes, without the terminating NUL. */
#define GMGUARD_IMPI_MAX	255
/* Most bytes of agent-data that one SA set keeps: a set must fit into one dump
 * message.
 */
#define GMGUARD_AGENT_DATA_MAX	2048
/* Most protected server ports of one endpoint. */
#define GMGUARD_PORT_PS_MAX	8
/* Fewest protected client ports of an endpoint that makes SA sets: old,
 * established and temporary sets of one UE each need one of their own.
 */
#define GMGUARD_PORT_PC_MIN	4
/* Most protected client ports of one endpoint. */
#define GMGUARD_PORT_PC_MAX	64
/* Most unprotected SIP ports of one endpoint. */
#define GMGUARD_PORT_UNPROTECTED_MAX	16
/* Most exempt prefixes of one endpoint. */
#define GMGUARD_EXEMPT_MAX	64
/* Smallest SPI that may be used (RFC 4303 2.1 reserves 0 to 255). */
#define GMGUARD_SPI_MIN	256
/* Size of the anti-replay window of every SA, in packets. */
#define GMGUARD_REPLAY_WINDOW	128
/* xfrm reqid of gmguard's out policies and of the outbound states (B, C) that
 * they may use. The reqid of an inbound state is the id of its set.
 */
#define GMGUARD_REQID	2147501901
/* Most rules of one ruleset. */
#define GMGUARD_RULESET_RULES_MAX	65536
/* Most prefixes of all rules of one ruleset together. */
#define GMGUARD_RULESET_PREFIXES_MAX	262144
/* Most access-dev, and most core-dev, of one ruleset. */
#define GMGUARD_RULESET_DEVS_MAX	64
/* Most port entries of one rule, and of the guarded ports. */
#define GMGUARD_RULE_PORTS_MAX	16

/**
 * enum gmguard_phase - Phase of an SA set (TS 33.203 7.2, 7.4).
 * @GMGUARD_PHASE_TEMPORARY: Answered with 401, carries only REGISTER and its
 *   responses.
 * @GMGUARD_PHASE_ESTABLISHED: Authentication is complete.
 * @GMGUARD_PHASE_SUPERSEDED: A newer set of the registration group was taken
 *   into use; pending transactions may end on this one (at most the limit
 *   grace-ms).
 * @GMGUARD_PHASE_LINGERING: Deregistered; lives just long enough for the
 *   answer to leave inside ESP (at most the limit grace-ms).
 */
enum gmguard_phase {
	GMGUARD_PHASE_TEMPORARY = 1,
	GMGUARD_PHASE_ESTABLISHED,
	GMGUARD_PHASE_SUPERSEDED,
	GMGUARD_PHASE_LINGERING,

	/* private: */
	__GMGUARD_PHASE_MAX
};

#define GMGUARD_PHASE_MAX (__GMGUARD_PHASE_MAX - 1)

/* GMGUARD_PHASES - X(NAME, "name", "explanation") for each of enum
 * gmguard_phase
 */
#define GMGUARD_PHASES(X) \
	X(TEMPORARY, "temporary", \
	  "Answered with 401, carries only REGISTER and its responses.") \
	X(ESTABLISHED, "established", \
	  "Authentication is complete.") \
	X(SUPERSEDED, "superseded", \
	  "A newer set of the registration group was taken into use; " \
	  "pending transactions may end on this one (at most the limit " \
	  "grace-ms).") \
	X(LINGERING, "lingering", \
	  "Deregistered; lives just long enough for the answer to leave " \
	  "inside ESP (at most the limit grace-ms).")

/**
 * enum gmguard_alg - Integrity algorithm, by its TS 33.203 Annex H token.
 * @GMGUARD_ALG_HMAC_MD5_96: RFC 2403, 16 byte key.
 * @GMGUARD_ALG_HMAC_SHA_1_96: RFC 2404, 20 byte key.
 * @GMGUARD_ALG_AES_GMAC: RFC 4543, 16 byte key and 4 byte salt; only with ealg
 *   null.
 * @GMGUARD_ALG_NULL: No algorithm of its own; only with ealg aes-gcm.
 */
enum gmguard_alg {
	GMGUARD_ALG_HMAC_MD5_96 = 1,
	GMGUARD_ALG_HMAC_SHA_1_96,
	GMGUARD_ALG_AES_GMAC,
	GMGUARD_ALG_NULL,

	/* private: */
	__GMGUARD_ALG_MAX
};

#define GMGUARD_ALG_MAX (__GMGUARD_ALG_MAX - 1)

/* GMGUARD_ALGS - X(NAME, "name", "explanation") for each of enum gmguard_alg */
#define GMGUARD_ALGS(X) \
	X(HMAC_MD5_96, "hmac-md5-96", \
	  "RFC 2403, 16 byte key.") \
	X(HMAC_SHA_1_96, "hmac-sha-1-96", \
	  "RFC 2404, 20 byte key.") \
	X(AES_GMAC, "aes-gmac", \
	  "RFC 4543, 16 byte key and 4 byte salt; only with ealg null.") \
	X(NULL, "null", \
	  "No algorithm of its own; only with ealg aes-gcm.")

/**
 * enum gmguard_ealg - Encryption algorithm, by its TS 33.203 Annex H token.
 * @GMGUARD_EALG_NULL: RFC 2410, no key.
 * @GMGUARD_EALG_DES_EDE3_CBC: RFC 2451, 24 byte key.
 * @GMGUARD_EALG_AES_CBC: RFC 3602, 16 byte key.
 * @GMGUARD_EALG_AES_GCM: RFC 4106, 16 byte key and 4 byte salt; only with alg
 *   null.
 */
enum gmguard_ealg {
	GMGUARD_EALG_NULL = 1,
	GMGUARD_EALG_DES_EDE3_CBC,
	GMGUARD_EALG_AES_CBC,
	GMGUARD_EALG_AES_GCM,

	/* private: */
	__GMGUARD_EALG_MAX
};

#define GMGUARD_EALG_MAX (__GMGUARD_EALG_MAX - 1)

/* GMGUARD_EALGS - X(NAME, "name", "explanation") for each of enum gmguard_ealg
 */
#define GMGUARD_EALGS(X) \
	X(NULL, "null", \
	  "RFC 2410, no key.") \
	X(DES_EDE3_CBC, "des-ede3-cbc", \
	  "RFC 2451, 24 byte key.") \
	X(AES_CBC, "aes-cbc", \
	  "RFC 3602, 16 byte key.") \
	X(AES_GCM, "aes-gcm", \
	  "RFC 4106, 16 byte key and 4 byte salt; only with alg null.")

/**
 * enum gmguard_sa_name - The four SAs of a set (TS 33.203 7.1).
 * @GMGUARD_SA_NAME_A: UE to P-CSCF, port_uc to port_ps, SPI spi_ps.
 * @GMGUARD_SA_NAME_B: P-CSCF to UE, port_ps to port_uc, SPI spi_uc.
 * @GMGUARD_SA_NAME_C: P-CSCF to UE, port_pc to port_us, SPI spi_us.
 * @GMGUARD_SA_NAME_D: UE to P-CSCF, port_us to port_pc, SPI spi_pc.
 */
enum gmguard_sa_name {
	GMGUARD_SA_NAME_A,
	GMGUARD_SA_NAME_B,
	GMGUARD_SA_NAME_C,
	GMGUARD_SA_NAME_D,

	/* private: */
	__GMGUARD_SA_NAME_MAX
};

#define GMGUARD_SA_NAME_MAX (__GMGUARD_SA_NAME_MAX - 1)

/* GMGUARD_SA_NAMES - X(NAME, "name", "explanation") for each of enum
 * gmguard_sa_name
 */
#define GMGUARD_SA_NAMES(X) \
	X(A, "a", \
	  "UE to P-CSCF, port_uc to port_ps, SPI spi_ps.") \
	X(B, "b", \
	  "P-CSCF to UE, port_ps to port_uc, SPI spi_uc.") \
	X(C, "c", \
	  "P-CSCF to UE, port_pc to port_us, SPI spi_us.") \
	X(D, "d", \
	  "UE to P-CSCF, port_us to port_pc, SPI spi_pc.")

/**
 * enum gmguard_event - What happened to the object that a notification
 *   carries.
 * @GMGUARD_EVENT_ENDPOINT_NEW: A guarded endpoint was made.
 * @GMGUARD_EVENT_ENDPOINT_DEL: A guarded endpoint was deleted.
 * @GMGUARD_EVENT_SA_SET_NEW: An SA set was made.
 * @GMGUARD_EVENT_SA_SET_CHANGE: Phase, lifetime or agent-data of an SA set
 *   changed.
 * @GMGUARD_EVENT_SA_SET_USED: A set was taken into use: it completed
 *   authentication and nothing older is in use, or the first SIP message came
 *   in on it (TS 33.203 7.4). Older sets of its registration group are
 *   superseded by now.
 * @GMGUARD_EVENT_SA_SET_DEL: An SA set was deleted; cause says why.
 * @GMGUARD_EVENT_ADOPTED_NEW: Another program made an SA that concerns a
 *   guarded endpoint.
 * @GMGUARD_EVENT_ADOPTED_DEL: An adopted SA was deleted, or its lifetime is
 *   over.
 * @GMGUARD_EVENT_ADOPTED_LOST: Adopted SAs came, changed or went without an
 *   event for each: xfrm's states were flushed, or too much happened at once.
 *   List them again with ADOPTED_GET.
 * @GMGUARD_EVENT_ENDPOINT_CHANGE: What a guarded endpoint guards changed.
 */
enum gmguard_event {
	GMGUARD_EVENT_ENDPOINT_NEW = 1,
	GMGUARD_EVENT_ENDPOINT_DEL,
	GMGUARD_EVENT_SA_SET_NEW,
	GMGUARD_EVENT_SA_SET_CHANGE,
	GMGUARD_EVENT_SA_SET_USED,
	GMGUARD_EVENT_SA_SET_DEL,
	GMGUARD_EVENT_ADOPTED_NEW,
	GMGUARD_EVENT_ADOPTED_DEL,
	GMGUARD_EVENT_ADOPTED_LOST,
	GMGUARD_EVENT_ENDPOINT_CHANGE,

	/* private: */
	__GMGUARD_EVENT_MAX
};

#define GMGUARD_EVENT_MAX (__GMGUARD_EVENT_MAX - 1)

/* GMGUARD_EVENTS - X(NAME, "name", "explanation") for each of enum
 * gmguard_event
 */
#define GMGUARD_EVENTS(X) \
	X(ENDPOINT_NEW, "endpoint-new", \
	  "A guarded endpoint was made.") \
	X(ENDPOINT_DEL, "endpoint-del", \
	  "A guarded endpoint was deleted.") \
	X(SA_SET_NEW, "sa-set-new", \
	  "An SA set was made.") \
	X(SA_SET_CHANGE, "sa-set-change", \
	  "Phase, lifetime or agent-data of an SA set changed.") \
	X(SA_SET_USED, "sa-set-used", \
	  "A set was taken into use: it completed authentication and " \
	  "nothing older is in use, or the first SIP message came in on it " \
	  "(TS 33.203 7.4). Older sets of its registration group are " \
	  "superseded by now.") \
	X(SA_SET_DEL, "sa-set-del", \
	  "An SA set was deleted; cause says why.") \
	X(ADOPTED_NEW, "adopted-new", \
	  "Another program made an SA that concerns a guarded endpoint.") \
	X(ADOPTED_DEL, "adopted-del", \
	  "An adopted SA was deleted, or its lifetime is over.") \
	X(ADOPTED_LOST, "adopted-lost", \
	  "Adopted SAs came, changed or went without an event for each: " \
	  "xfrm's states were flushed, or too much happened at once. List " \
	  "them again with ADOPTED_GET.") \
	X(ENDPOINT_CHANGE, "endpoint-change", \
	  "What a guarded endpoint guards changed.")

/**
 * enum gmguard_cause - Why an SA set was deleted.
 * @GMGUARD_CAUSE_REQUEST: SA_SET_DEL asked for it.
 * @GMGUARD_CAUSE_EXPIRED: Its deadline passed.
 * @GMGUARD_CAUSE_REPLACED: A newer set of its registration group took its
 *   place (TS 33.203 7.4, TS 24.229 5.2.2).
 * @GMGUARD_CAUSE_STATE_LOST: Another program deleted, flushed or changed one
 *   of its xfrm states.
 * @GMGUARD_CAUSE_ENDPOINT_GONE: Its endpoint was deleted by force.
 * @GMGUARD_CAUSE_UNLOAD: The module or the network namespace is going away.
 */
enum gmguard_cause {
	GMGUARD_CAUSE_REQUEST = 1,
	GMGUARD_CAUSE_EXPIRED,
	GMGUARD_CAUSE_REPLACED,
	GMGUARD_CAUSE_STATE_LOST,
	GMGUARD_CAUSE_ENDPOINT_GONE,
	GMGUARD_CAUSE_UNLOAD,

	/* private: */
	__GMGUARD_CAUSE_MAX
};

#define GMGUARD_CAUSE_MAX (__GMGUARD_CAUSE_MAX - 1)

/* GMGUARD_CAUSES - X(NAME, "name", "explanation") for each of enum
 * gmguard_cause
 */
#define GMGUARD_CAUSES(X) \
	X(REQUEST, "request", \
	  "SA_SET_DEL asked for it.") \
	X(EXPIRED, "expired", \
	  "Its deadline passed.") \
	X(REPLACED, "replaced", \
	  "A newer set of its registration group took its place (TS 33.203 " \
	  "7.4, TS 24.229 5.2.2).") \
	X(STATE_LOST, "state-lost", \
	  "Another program deleted, flushed or changed one of its xfrm " \
	  "states.") \
	X(ENDPOINT_GONE, "endpoint-gone", \
	  "Its endpoint was deleted by force.") \
	X(UNLOAD, "unload", \
	  "The module or the network namespace is going away.")

/**
 * enum gmguard_direction - Which way an adopted SA carries packets.
 * @GMGUARD_DIRECTION_IN: From the UE to the P-CSCF, as SAs A and D do.
 * @GMGUARD_DIRECTION_OUT: From the P-CSCF to the UE, as SAs B and C do.
 */
enum gmguard_direction {
	GMGUARD_DIRECTION_IN = 1,
	GMGUARD_DIRECTION_OUT,

	/* private: */
	__GMGUARD_DIRECTION_MAX
};

#define GMGUARD_DIRECTION_MAX (__GMGUARD_DIRECTION_MAX - 1)

/* GMGUARD_DIRECTIONS - X(NAME, "name", "explanation") for each of enum
 * gmguard_direction
 */
#define GMGUARD_DIRECTIONS(X) \
	X(IN, "in", \
	  "From the UE to the P-CSCF, as SAs A and D do.") \
	X(OUT, "out", \
	  "From the P-CSCF to the UE, as SAs B and C do.")

/**
 * enum gmguard_selector - Whether the selector of an adopted SA is exact. Only
 *   an exact one binds the SA to the UE that negotiated it: packets through
 *   any other are dropped, with the reason in-selector or in-not-esp.
 * @GMGUARD_SELECTOR_EXACT: Both addresses in full, both ports, transport mode.
 * @GMGUARD_SELECTOR_NONE: It names neither addresses nor ports.
 * @GMGUARD_SELECTOR_ADDRESSES: An address is missing or is a prefix.
 * @GMGUARD_SELECTOR_PORTS: A port is missing or is a range.
 * @GMGUARD_SELECTOR_MODE: The SA is not in transport mode (TS 33.203 6.3).
 */
enum gmguard_selector {
	GMGUARD_SELECTOR_EXACT = 1,
	GMGUARD_SELECTOR_NONE,
	GMGUARD_SELECTOR_ADDRESSES,
	GMGUARD_SELECTOR_PORTS,
	GMGUARD_SELECTOR_MODE,

	/* private: */
	__GMGUARD_SELECTOR_MAX
};

#define GMGUARD_SELECTOR_MAX (__GMGUARD_SELECTOR_MAX - 1)

/* GMGUARD_SELECTORS - X(NAME, "name", "explanation") for each of enum
 * gmguard_selector
 */
#define GMGUARD_SELECTORS(X) \
	X(EXACT, "exact", \
	  "Both addresses in full, both ports, transport mode.") \
	X(NONE, "none", \
	  "It names neither addresses nor ports.") \
	X(ADDRESSES, "addresses", \
	  "An address is missing or is a prefix.") \
	X(PORTS, "ports", \
	  "A port is missing or is a range.") \
	X(MODE, "mode", \
	  "The SA is not in transport mode (TS 33.203 6.3).")

/**
 * enum gmguard_condition - What xfrm says of an adopted SA.
 * @GMGUARD_CONDITION_VALID: It carries packets.
 * @GMGUARD_CONDITION_EXPIRING: It carries packets, but a soft limit is passed.
 * @GMGUARD_CONDITION_EXPIRED: It carries nothing any more.
 * @GMGUARD_CONDITION_GONE: It is deleted (notifications only).
 */
enum gmguard_condition {
	GMGUARD_CONDITION_VALID = 1,
	GMGUARD_CONDITION_EXPIRING,
	GMGUARD_CONDITION_EXPIRED,
	GMGUARD_CONDITION_GONE,

	/* private: */
	__GMGUARD_CONDITION_MAX
};

#define GMGUARD_CONDITION_MAX (__GMGUARD_CONDITION_MAX - 1)

/* GMGUARD_CONDITIONS - X(NAME, "name", "explanation") for each of enum
 * gmguard_condition
 */
#define GMGUARD_CONDITIONS(X) \
	X(VALID, "valid", \
	  "It carries packets.") \
	X(EXPIRING, "expiring", \
	  "It carries packets, but a soft limit is passed.") \
	X(EXPIRED, "expired", \
	  "It carries nothing any more.") \
	X(GONE, "gone", \
	  "It is deleted (notifications only).")

/**
 * enum gmguard_rule_kind - What a rule says of its prefixes.
 * @GMGUARD_RULE_KIND_PEER: A node that may reach the guarded ports of this
 *   core node. The longest prefix decides.
 * @GMGUARD_RULE_KIND_POOL: UEs. They reach only the listed ports of this core
 *   node, and through a router only destinations. The longest prefix decides.
 * @GMGUARD_RULE_KIND_CORE: Core nodes, whose addresses no packet from the
 *   access side may have as its source (TS 33.203 Annex J).
 * @GMGUARD_RULE_KIND_DESTINATION: What UEs may reach through a router: their
 *   P-CSCF, DNS, HTTP servers, media. One rule that permits is enough.
 * @GMGUARD_RULE_KIND_BINDING: The address, or the prefix, that one UE was
 *   given: its packets come by one interface, which brings those of no one
 *   else.
 * @GMGUARD_RULE_KIND_DOMAIN: Another security domain, which a router reaches
 *   through ESP only (Za of TS 33.210). The longest prefix decides.
 */
enum gmguard_rule_kind {
	GMGUARD_RULE_KIND_PEER = 1,
	GMGUARD_RULE_KIND_POOL,
	GMGUARD_RULE_KIND_CORE,
	GMGUARD_RULE_KIND_DESTINATION,
	GMGUARD_RULE_KIND_BINDING,
	GMGUARD_RULE_KIND_DOMAIN,

	/* private: */
	__GMGUARD_RULE_KIND_MAX
};

#define GMGUARD_RULE_KIND_MAX (__GMGUARD_RULE_KIND_MAX - 1)

/* GMGUARD_RULE_KINDS - X(NAME, "name", "explanation") for each of enum
 * gmguard_rule_kind
 */
#define GMGUARD_RULE_KINDS(X) \
	X(PEER, "peer", \
	  "A node that may reach the guarded ports of this core node. The " \
	  "longest prefix decides.") \
	X(POOL, "pool", \
	  "UEs. They reach only the listed ports of this core node, and " \
	  "through a router only destinations. The longest prefix decides.") \
	X(CORE, "core", \
	  "Core nodes, whose addresses no packet from the access side may " \
	  "have as its source (TS 33.203 Annex J).") \
	X(DESTINATION, "destination", \
	  "What UEs may reach through a router: their P-CSCF, DNS, HTTP " \
	  "servers, media. One rule that permits is enough.") \
	X(BINDING, "binding", \
	  "The address, or the prefix, that one UE was given: its packets " \
	  "come by one interface, which brings those of no one else.") \
	X(DOMAIN, "domain", \
	  "Another security domain, which a router reaches through ESP only " \
	  "(Za of TS 33.210). The longest prefix decides.")

/**
 * enum gmguard_reason - Why a packet was dropped. The entries whose name
 *   begins with xfrm are counted by the kernel's IPsec code for the whole
 *   network namespace and shown beside ours, because these packets never reach
 *   a hook.
 * @GMGUARD_REASON_IN_PLAINTEXT: Came in clear for a protected port. Normal
 *   under attack or scan; if it is your UE, its SAs are gone or its IPsec
 *   failed: look at "gmguard show".
 * @GMGUARD_REASON_IN_NOT_ESP: Came to a protected port through something else
 *   than exactly one ESP transport mode SA (AH, IPComp, nested ESP, a tunnel).
 *   TS 33.203 6.3 allows ESP in transport mode only.
 * @GMGUARD_REASON_IN_SELECTOR: Came through an SA whose selector is not exact
 *   (both addresses in full, both ports). The program that made the SA has to
 *   set it; an owned set always has it.
 * @GMGUARD_REASON_IN_TUPLE: Came through an SA that was negotiated for other
 *   addresses or ports: a UE that uses its SA to speak for another or to
 *   another port.
 * @GMGUARD_REASON_IN_SA_DEAD: Came through an SA that was deleted while the
 *   packet was on its way.
 * @GMGUARD_REASON_IN_TRANSPORT: Neither TCP nor UDP for a protected port or
 *   inside a Gm SA (SCTP, UDP-Lite, DCCP, ICMP). TS 33.203 7.1 allows TCP and
 *   UDP only.
 * @GMGUARD_REASON_IN_FRAGMENT: A fragment for a guarded address that was not
 *   reassembled before the hook, or a Fragment header inside ESP. If it is
 *   honest traffic, look for NOTRACK rules.
 * @GMGUARD_REASON_IN_MALFORMED: Headers of a packet for a guarded address
 *   could not be read to the transport header.
 * @GMGUARD_REASON_IN_ICMP: An ICMP error in clear that quotes a protected
 *   flow, a "too big" for an ESP SPI that is not live, or a redirect. It could
 *   have reset a connection, shrunk the path MTU or moved a UE's ESP to
 *   another router from outside.
 * @GMGUARD_REASON_IN_PHASE: Something else than a REGISTER request on a set
 *   that has not completed authentication (TS 33.203 7.4). Over TCP also what
 *   came out of order or can't be followed; an honest UE sends that again.
 * @GMGUARD_REASON_IN_UNPROTECTED: Something else than REGISTER, an error
 *   response or CRLF in clear on an unprotected SIP port (TS 33.203 7.1), or
 *   SIP that cannot be read without doubt. Over TCP the connection is reset.
 *   Emergency calls need "emergency" of the endpoint, STUN needs "stun"; core
 *   nodes that use this port have to be listed with "exempt".
 * @GMGUARD_REASON_IN_STREAM: A TCP segment on an unprotected SIP port that
 *   cannot be followed: out of order, other bytes than the first time, a bad
 *   checksum, urgent data, a connection older than the guard. An honest UE
 *   sends it again.
 * @GMGUARD_REASON_IN_RATE: A source in clear that sends more than
 *   unprotected-rate, or all of them more than unprotected-total, or more TCP
 *   connections on unprotected SIP ports than can be followed. Registered UEs
 *   on their SAs are not counted. See "gmguard limits".
 * @GMGUARD_REASON_IN_SLOW: A TCP connection on an unprotected SIP port that
 *   was silent for unprotected-idle-ms, or took longer than
 *   unprotected-message-ms for one message, and was reset. Counted once a
 *   connection.
 * @GMGUARD_REASON_OUT_PLAINTEXT: A packet was about to leave a protected port
 *   without its SA. Normal after a set ended under a live connection; else the
 *   proxy sends from the wrong socket: make it send core-bound requests from
 *   an unprotected one, or list the core peer with "exempt".
 * @GMGUARD_REASON_OUT_NOT_ESP: A packet from a protected port was about to
 *   leave through something else than exactly one ESP transport mode SA, for
 *   example a tunnel.
 * @GMGUARD_REASON_OUT_TUPLE: A packet from a protected port was about to leave
 *   through an SA that was negotiated for other addresses or ports.
 * @GMGUARD_REASON_OUT_NAT: NAT changed the addresses or ports of a packet that
 *   left a protected port. Exempt the guarded address from NAT rules.
 * @GMGUARD_REASON_OUT_TRANSPORT: Neither TCP nor UDP from a protected port (TS
 *   33.203 7.1).
 * @GMGUARD_REASON_OUT_FRAGMENT: A fragment from a guarded address that shows
 *   no ports.
 * @GMGUARD_REASON_OUT_PHASE: Something else than the response to a REGISTER
 *   was about to leave on a set that has not completed authentication (TS
 *   33.203 7.4): the proxy sends from a port-pc that it should not know yet.
 * @GMGUARD_REASON_OUT_ICMP: An ICMP error about a packet that had come through
 *   an SA: it would have quoted decrypted SIP in clear. The proxy does not
 *   listen on that port, or is down.
 * @GMGUARD_REASON_OUT_NO_SET: A UDP packet from the protected server port for
 *   a UE's protected server port, but no live set may carry it: the UE is not
 *   registered, or this is a response to a REGISTER that no live set has
 *   brought.
 * @GMGUARD_REASON_OUT_ROUTE: A UDP packet was moved to port_pc but no route
 *   through SA C could be found for it: look for foreign xfrm policies with
 *   "ip xfrm policy".
 * @GMGUARD_REASON_XFRM_IN_NO_STATE: ESP with an SPI that no SA has
 *   (XfrmInNoStates): expired, replayed from an old set, or guessed.
 * @GMGUARD_REASON_XFRM_IN_REPLAY: ESP outside the anti-replay window or seen
 *   before (XfrmInStateSeqError).
 * @GMGUARD_REASON_XFRM_IN_INTEGRITY: ESP whose integrity check failed or that
 *   was cut short (XfrmInStateProtoError): wrong key or tampering.
 * @GMGUARD_REASON_XFRM_IN_HEADER: ESP whose header could not be read
 *   (XfrmInHdrError).
 * @GMGUARD_REASON_XFRM_IN_MODE: ESP in a mode or UDP encapsulation that the SA
 *   was not negotiated for, or whose ports the kernel could not match with the
 *   SA's selector, as behind IPv6 options (XfrmInStateMismatch,
 *   XfrmInStateModeError).
 * @GMGUARD_REASON_XFRM_IN_INVALID: ESP for an SA that is no longer valid
 *   (XfrmInStateInvalid, XfrmInStateExpired).
 * @GMGUARD_REASON_XFRM_IN_POLICY: Refused by an in policy (XfrmInNoPols,
 *   XfrmInPolBlock, XfrmInTmplMismatch).
 * @GMGUARD_REASON_XFRM_OUT_NO_STATE: A packet from a protected port was
 *   refused before any hook because no SA fits it (XfrmOutNoStates): the set
 *   ended, or the proxy sends from the wrong port_pc.
 * @GMGUARD_REASON_XFRM_OUT_ERROR: A packet could not be sent through its SA
 *   (XfrmOutError, XfrmOutStateProtoError, XfrmOutStateSeqError,
 *   XfrmOutBundleError, XfrmOutPolBlock).
 * @GMGUARD_REASON_PEER_UNKNOWN: Came to a guarded port of a core node from an
 *   address that is no listed peer. If it is a core node of yours, list it:
 *   "gmguard peer new".
 * @GMGUARD_REASON_PEER_PORT: Came from a listed peer, but to a guarded port,
 *   or by a transport protocol, that is not listed for it.
 * @GMGUARD_REASON_PEER_INTERFACE: Came from the address of a listed peer, but
 *   by another interface than the one that is listed for it: a spoofed source,
 *   or a route that changed.
 * @GMGUARD_REASON_PEER_ESP: Came from a listed peer that must use ESP (NDS/IP,
 *   Zb), but in clear or through an SA of another policy. Look at the IKE
 *   daemon: "swanctl --list-sas".
 * @GMGUARD_REASON_PEER_TLS: SIP in clear from or to a peer that must use TLS
 *   (TS 33.203 6.5).
 * @GMGUARD_REASON_PEER_OUT_ESP: Was about to leave for a guarded port of a
 *   peer that must use ESP, or from one of ours to it, in clear or through an
 *   SA of another policy. Look at the IKE daemon: "swanctl --list-sas".
 * @GMGUARD_REASON_POOL_PORT: Came to this core node from a UE pool, for a port
 *   that is not listed for that pool. No UE may send to a core node around its
 *   P-CSCF (TS 33.203 Annex J).
 * @GMGUARD_REASON_NODE_UNREADABLE: A fragment for this core node that was not
 *   reassembled before the hook, or a packet whose headers could not be read
 *   as far as the ports. If it is honest traffic, look for NOTRACK rules.
 * @GMGUARD_REASON_ACCESS_CORE_SOURCE: Came from the access side with the
 *   source address of a core node: a UE that speaks for a P-CSCF or another
 *   node (TS 33.203 Annex J).
 * @GMGUARD_REASON_ACCESS_SOURCE: Came from the access side with a source
 *   address of no UE pool.
 * @GMGUARD_REASON_ACCESS_BINDING: Came from the access side with the address
 *   of a UE that is bound to another interface, or by an interface that is
 *   bound to other addresses.
 * @GMGUARD_REASON_ACCESS_ROUTED: Came from the access side with a source route
 *   (an IPv4 option, an IPv6 routing header), which would lead it past the
 *   permitted destinations.
 * @GMGUARD_REASON_ACCESS_UNREADABLE: A fragment from the access side that was
 *   not reassembled before the hook, or a packet whose headers could not be
 *   read as far as the ports. If it is honest traffic, look for NOTRACK rules.
 * @GMGUARD_REASON_ACCESS_DESTINATION: Came from a UE for an address, protocol
 *   or port that no destination permits: another core node, IKE, another host.
 * @GMGUARD_REASON_ACCESS_UE_TO_UE: Came from a UE for an address of a UE pool,
 *   which is not permitted here.
 * @GMGUARD_REASON_ACCESS_ICMP: An ICMP error from a UE about a packet that no
 *   permitted destination has sent to it, or a redirect.
 * @GMGUARD_REASON_CORE_POOL_SOURCE: Came from the core side with a source
 *   address of a UE pool.
 * @GMGUARD_REASON_DEV_UNLISTED: Was to be forwarded from or to an interface
 *   that is listed neither as access-dev nor as core-dev: renamed, made anew
 *   or forgotten.
 * @GMGUARD_REASON_DOMAIN_ESP: Came from another security domain, but in clear
 *   or through an SA of another policy (Za). Look at the IKE daemon: "swanctl
 *   --list-sas".
 * @GMGUARD_REASON_DOMAIN_OUT_ESP: Was about to leave for another security
 *   domain in clear or through an SA of another policy (Za). Look at the IKE
 *   daemon: "swanctl --list-sas".
 */
enum gmguard_reason {
	GMGUARD_REASON_IN_PLAINTEXT = 1,
	GMGUARD_REASON_IN_NOT_ESP,
	GMGUARD_REASON_IN_SELECTOR,
	GMGUARD_REASON_IN_TUPLE,
	GMGUARD_REASON_IN_SA_DEAD,
	GMGUARD_REASON_IN_TRANSPORT,
	GMGUARD_REASON_IN_FRAGMENT,
	GMGUARD_REASON_IN_MALFORMED,
	GMGUARD_REASON_IN_ICMP,
	GMGUARD_REASON_IN_PHASE,
	GMGUARD_REASON_IN_UNPROTECTED,
	GMGUARD_REASON_IN_STREAM,
	GMGUARD_REASON_IN_RATE,
	GMGUARD_REASON_IN_SLOW,
	GMGUARD_REASON_OUT_PLAINTEXT,
	GMGUARD_REASON_OUT_NOT_ESP,
	GMGUARD_REASON_OUT_TUPLE,
	GMGUARD_REASON_OUT_NAT,
	GMGUARD_REASON_OUT_TRANSPORT,
	GMGUARD_REASON_OUT_FRAGMENT,
	GMGUARD_REASON_OUT_PHASE,
	GMGUARD_REASON_OUT_ICMP,
	GMGUARD_REASON_OUT_NO_SET,
	GMGUARD_REASON_OUT_ROUTE,
	GMGUARD_REASON_XFRM_IN_NO_STATE,
	GMGUARD_REASON_XFRM_IN_REPLAY,
	GMGUARD_REASON_XFRM_IN_INTEGRITY,
	GMGUARD_REASON_XFRM_IN_HEADER,
	GMGUARD_REASON_XFRM_IN_MODE,
	GMGUARD_REASON_XFRM_IN_INVALID,
	GMGUARD_REASON_XFRM_IN_POLICY,
	GMGUARD_REASON_XFRM_OUT_NO_STATE,
	GMGUARD_REASON_XFRM_OUT_ERROR,
	GMGUARD_REASON_PEER_UNKNOWN,
	GMGUARD_REASON_PEER_PORT,
	GMGUARD_REASON_PEER_INTERFACE,
	GMGUARD_REASON_PEER_ESP,
	GMGUARD_REASON_PEER_TLS,
	GMGUARD_REASON_PEER_OUT_ESP,
	GMGUARD_REASON_POOL_PORT,
	GMGUARD_REASON_NODE_UNREADABLE,
	GMGUARD_REASON_ACCESS_CORE_SOURCE,
	GMGUARD_REASON_ACCESS_SOURCE,
	GMGUARD_REASON_ACCESS_BINDING,
	GMGUARD_REASON_ACCESS_ROUTED,
	GMGUARD_REASON_ACCESS_UNREADABLE,
	GMGUARD_REASON_ACCESS_DESTINATION,
	GMGUARD_REASON_ACCESS_UE_TO_UE,
	GMGUARD_REASON_ACCESS_ICMP,
	GMGUARD_REASON_CORE_POOL_SOURCE,
	GMGUARD_REASON_DEV_UNLISTED,
	GMGUARD_REASON_DOMAIN_ESP,
	GMGUARD_REASON_DOMAIN_OUT_ESP,

	/* private: */
	__GMGUARD_REASON_MAX
};

#define GMGUARD_REASON_MAX (__GMGUARD_REASON_MAX - 1)

/* GMGUARD_REASONS - X(NAME, "name", "explanation") for each of enum
 * gmguard_reason
 */
#define GMGUARD_REASONS(X) \
	X(IN_PLAINTEXT, "in-plaintext", \
	  "Came in clear for a protected port. Normal under attack or scan; " \
	  "if it is your UE, its SAs are gone or its IPsec failed: look at " \
	  "\"gmguard show\".") \
	X(IN_NOT_ESP, "in-not-esp", \
	  "Came to a protected port through something else than exactly one " \
	  "ESP transport mode SA (AH, IPComp, nested ESP, a tunnel). TS " \
	  "33.203 6.3 allows ESP in transport mode only.") \
	X(IN_SELECTOR, "in-selector", \
	  "Came through an SA whose selector is not exact (both addresses " \
	  "in full, both ports). The program that made the SA has to set " \
	  "it; an owned set always has it.") \
	X(IN_TUPLE, "in-tuple", \
	  "Came through an SA that was negotiated for other addresses or " \
	  "ports: a UE that uses its SA to speak for another or to another " \
	  "port.") \
	X(IN_SA_DEAD, "in-sa-dead", \
	  "Came through an SA that was deleted while the packet was on its " \
	  "way.") \
	X(IN_TRANSPORT, "in-transport", \
	  "Neither TCP nor UDP for a protected port or inside a Gm SA " \
	  "(SCTP, UDP-Lite, DCCP, ICMP). TS 33.203 7.1 allows TCP and UDP " \
	  "only.") \
	X(IN_FRAGMENT, "in-fragment", \
	  "A fragment for a guarded address that was not reassembled before " \
	  "the hook, or a Fragment header inside ESP. If it is honest " \
	  "traffic, look for NOTRACK rules.") \
	X(IN_MALFORMED, "in-malformed", \
	  "Headers of a packet for a guarded address could not be read to " \
	  "the transport header.") \
	X(IN_ICMP, "in-icmp", \
	  "An ICMP error in clear that quotes a protected flow, a \"too " \
	  "big\" for an ESP SPI that is not live, or a redirect. It could " \
	  "have reset a connection, shrunk the path MTU or moved a UE's ESP " \
	  "to another router from outside.") \
	X(IN_PHASE, "in-phase", \
	  "Something else than a REGISTER request on a set that has not " \
	  "completed authentication (TS 33.203 7.4). Over TCP also what " \
	  "came out of order or can't be followed; an honest UE sends that " \
	  "again.") \
	X(IN_UNPROTECTED, "in-unprotected", \
	  "Something else than REGISTER, an error response or CRLF in clear " \
	  "on an unprotected SIP port (TS 33.203 7.1), or SIP that cannot " \
	  "be read without doubt. Over TCP the connection is reset. " \
	  "Emergency calls need \"emergency\" of the endpoint, STUN needs " \
	  "\"stun\"; core nodes that use this port have to be listed with " \
	  "\"exempt\".") \
	X(IN_STREAM, "in-stream", \
	  "A TCP segment on an unprotected SIP port that cannot be " \
	  "followed: out of order, other bytes than the first time, a bad " \
	  "checksum, urgent data, a connection older than the guard. An " \
	  "honest UE sends it again.") \
	X(IN_RATE, "in-rate", \
	  "A source in clear that sends more than unprotected-rate, or all " \
	  "of them more than unprotected-total, or more TCP connections on " \
	  "unprotected SIP ports than can be followed. Registered UEs on " \
	  "their SAs are not counted. See \"gmguard limits\".") \
	X(IN_SLOW, "in-slow", \
	  "A TCP connection on an unprotected SIP port that was silent for " \
	  "unprotected-idle-ms, or took longer than unprotected-message-ms " \
	  "for one message, and was reset. Counted once a connection.") \
	X(OUT_PLAINTEXT, "out-plaintext", \
	  "A packet was about to leave a protected port without its SA. " \
	  "Normal after a set ended under a live connection; else the proxy " \
	  "sends from the wrong socket: make it send core-bound requests " \
	  "from an unprotected one, or list the core peer with \"exempt\".") \
	X(OUT_NOT_ESP, "out-not-esp", \
	  "A packet from a protected port was about to leave through " \
	  "something else than exactly one ESP transport mode SA, for " \
	  "example a tunnel.") \
	X(OUT_TUPLE, "out-tuple", \
	  "A packet from a protected port was about to leave through an SA " \
	  "that was negotiated for other addresses or ports.") \
	X(OUT_NAT, "out-nat", \
	  "NAT changed the addresses or ports of a packet that left a " \
	  "protected port. Exempt the guarded address from NAT rules.") \
	X(OUT_TRANSPORT, "out-transport", \
	  "Neither TCP nor UDP from a protected port (TS 33.203 7.1).") \
	X(OUT_FRAGMENT, "out-fragment", \
	  "A fragment from a guarded address that shows no ports.") \
	X(OUT_PHASE, "out-phase", \
	  "Something else than the response to a REGISTER was about to " \
	  "leave on a set that has not completed authentication (TS 33.203 " \
	  "7.4): the proxy sends from a port-pc that it should not know " \
	  "yet.") \
	X(OUT_ICMP, "out-icmp", \
	  "An ICMP error about a packet that had come through an SA: it " \
	  "would have quoted decrypted SIP in clear. The proxy does not " \
	  "listen on that port, or is down.") \
	X(OUT_NO_SET, "out-no-set", \
	  "A UDP packet from the protected server port for a UE's protected " \
	  "server port, but no live set may carry it: the UE is not " \
	  "registered, or this is a response to a REGISTER that no live set " \
	  "has brought.") \
	X(OUT_ROUTE, "out-route", \
	  "A UDP packet was moved to port_pc but no route through SA C " \
	  "could be found for it: look for foreign xfrm policies with \"ip " \
	  "xfrm policy\".") \
	X(XFRM_IN_NO_STATE, "xfrm-in-no-state", \
	  "ESP with an SPI that no SA has (XfrmInNoStates): expired, " \
	  "replayed from an old set, or guessed.") \
	X(XFRM_IN_REPLAY, "xfrm-in-replay", \
	  "ESP outside the anti-replay window or seen before " \
	  "(XfrmInStateSeqError).") \
	X(XFRM_IN_INTEGRITY, "xfrm-in-integrity", \
	  "ESP whose integrity check failed or that was cut short " \
	  "(XfrmInStateProtoError): wrong key or tampering.") \
	X(XFRM_IN_HEADER, "xfrm-in-header", \
	  "ESP whose header could not be read (XfrmInHdrError).") \
	X(XFRM_IN_MODE, "xfrm-in-mode", \
	  "ESP in a mode or UDP encapsulation that the SA was not " \
	  "negotiated for, or whose ports the kernel could not match with " \
	  "the SA's selector, as behind IPv6 options (XfrmInStateMismatch, " \
	  "XfrmInStateModeError).") \
	X(XFRM_IN_INVALID, "xfrm-in-invalid", \
	  "ESP for an SA that is no longer valid (XfrmInStateInvalid, " \
	  "XfrmInStateExpired).") \
	X(XFRM_IN_POLICY, "xfrm-in-policy", \
	  "Refused by an in policy (XfrmInNoPols, XfrmInPolBlock, " \
	  "XfrmInTmplMismatch).") \
	X(XFRM_OUT_NO_STATE, "xfrm-out-no-state", \
	  "A packet from a protected port was refused before any hook " \
	  "because no SA fits it (XfrmOutNoStates): the set ended, or the " \
	  "proxy sends from the wrong port_pc.") \
	X(XFRM_OUT_ERROR, "xfrm-out-error", \
	  "A packet could not be sent through its SA (XfrmOutError, " \
	  "XfrmOutStateProtoError, XfrmOutStateSeqError, " \
	  "XfrmOutBundleError, XfrmOutPolBlock).") \
	X(PEER_UNKNOWN, "peer-unknown", \
	  "Came to a guarded port of a core node from an address that is no " \
	  "listed peer. If it is a core node of yours, list it: \"gmguard " \
	  "peer new\".") \
	X(PEER_PORT, "peer-port", \
	  "Came from a listed peer, but to a guarded port, or by a " \
	  "transport protocol, that is not listed for it.") \
	X(PEER_INTERFACE, "peer-interface", \
	  "Came from the address of a listed peer, but by another interface " \
	  "than the one that is listed for it: a spoofed source, or a route " \
	  "that changed.") \
	X(PEER_ESP, "peer-esp", \
	  "Came from a listed peer that must use ESP (NDS/IP, Zb), but in " \
	  "clear or through an SA of another policy. Look at the IKE " \
	  "daemon: \"swanctl --list-sas\".") \
	X(PEER_TLS, "peer-tls", \
	  "SIP in clear from or to a peer that must use TLS (TS 33.203 " \
	  "6.5).") \
	X(PEER_OUT_ESP, "peer-out-esp", \
	  "Was about to leave for a guarded port of a peer that must use " \
	  "ESP, or from one of ours to it, in clear or through an SA of " \
	  "another policy. Look at the IKE daemon: \"swanctl --list-sas\".") \
	X(POOL_PORT, "pool-port", \
	  "Came to this core node from a UE pool, for a port that is not " \
	  "listed for that pool. No UE may send to a core node around its " \
	  "P-CSCF (TS 33.203 Annex J).") \
	X(NODE_UNREADABLE, "node-unreadable", \
	  "A fragment for this core node that was not reassembled before " \
	  "the hook, or a packet whose headers could not be read as far as " \
	  "the ports. If it is honest traffic, look for NOTRACK rules.") \
	X(ACCESS_CORE_SOURCE, "access-core-source", \
	  "Came from the access side with the source address of a core " \
	  "node: a UE that speaks for a P-CSCF or another node (TS 33.203 " \
	  "Annex J).") \
	X(ACCESS_SOURCE, "access-source", \
	  "Came from the access side with a source address of no UE pool.") \
	X(ACCESS_BINDING, "access-binding", \
	  "Came from the access side with the address of a UE that is bound " \
	  "to another interface, or by an interface that is bound to other " \
	  "addresses.") \
	X(ACCESS_ROUTED, "access-routed", \
	  "Came from the access side with a source route (an IPv4 option, " \
	  "an IPv6 routing header), which would lead it past the permitted " \
	  "destinations.") \
	X(ACCESS_UNREADABLE, "access-unreadable", \
	  "A fragment from the access side that was not reassembled before " \
	  "the hook, or a packet whose headers could not be read as far as " \
	  "the ports. If it is honest traffic, look for NOTRACK rules.") \
	X(ACCESS_DESTINATION, "access-destination", \
	  "Came from a UE for an address, protocol or port that no " \
	  "destination permits: another core node, IKE, another host.") \
	X(ACCESS_UE_TO_UE, "access-ue-to-ue", \
	  "Came from a UE for an address of a UE pool, which is not " \
	  "permitted here.") \
	X(ACCESS_ICMP, "access-icmp", \
	  "An ICMP error from a UE about a packet that no permitted " \
	  "destination has sent to it, or a redirect.") \
	X(CORE_POOL_SOURCE, "core-pool-source", \
	  "Came from the core side with a source address of a UE pool.") \
	X(DEV_UNLISTED, "dev-unlisted", \
	  "Was to be forwarded from or to an interface that is listed " \
	  "neither as access-dev nor as core-dev: renamed, made anew or " \
	  "forgotten.") \
	X(DOMAIN_ESP, "domain-esp", \
	  "Came from another security domain, but in clear or through an SA " \
	  "of another policy (Za). Look at the IKE daemon: \"swanctl " \
	  "--list-sas\".") \
	X(DOMAIN_OUT_ESP, "domain-out-esp", \
	  "Was about to leave for another security domain in clear or " \
	  "through an SA of another policy (Za). Look at the IKE daemon: " \
	  "\"swanctl --list-sas\".")

enum {
	GMGUARD_A_ENDPOINT = 1,
	GMGUARD_A_SA_SET,
	GMGUARD_A_STATS,
	GMGUARD_A_LIMITS,
	GMGUARD_A_EVENT,
	GMGUARD_A_DROP,
	GMGUARD_A_ADOPTED,
	GMGUARD_A_RULESET,
	GMGUARD_A_RULE,

	__GMGUARD_A_MAX
};

#define GMGUARD_A_MAX (__GMGUARD_A_MAX - 1)

enum {
	GMGUARD_A_PREFIX_ADDR = 1,
	GMGUARD_A_PREFIX_LEN,

	__GMGUARD_A_PREFIX_MAX
};

#define GMGUARD_A_PREFIX_MAX (__GMGUARD_A_PREFIX_MAX - 1)

enum {
	GMGUARD_A_ENDPOINT_ID = 1,
	GMGUARD_A_ENDPOINT_LOCAL_ADDR,
	GMGUARD_A_ENDPOINT_PORT_PS,
	GMGUARD_A_ENDPOINT_PORT_PC,
	GMGUARD_A_ENDPOINT_PORT_UNPROTECTED,
	GMGUARD_A_ENDPOINT_EXEMPT,
	GMGUARD_A_ENDPOINT_POLICY_PRIORITY,
	GMGUARD_A_ENDPOINT_FORCE,
	GMGUARD_A_ENDPOINT_SETS,
	GMGUARD_A_ENDPOINT_POLICIES,
	GMGUARD_A_ENDPOINT_EMERGENCY,
	GMGUARD_A_ENDPOINT_AUDIT,
	GMGUARD_A_ENDPOINT_STUN,

	__GMGUARD_A_ENDPOINT_MAX
};

#define GMGUARD_A_ENDPOINT_MAX (__GMGUARD_A_ENDPOINT_MAX - 1)

enum {
	GMGUARD_A_SA_PAD = 1,
	GMGUARD_A_SA_NAME,
	GMGUARD_A_SA_SPI,
	GMGUARD_A_SA_SEQ,
	GMGUARD_A_SA_PACKETS,
	GMGUARD_A_SA_BYTES,
	GMGUARD_A_SA_REPLAY_ERRORS,
	GMGUARD_A_SA_INTEGRITY_ERRORS,

	__GMGUARD_A_SA_MAX
};

#define GMGUARD_A_SA_MAX (__GMGUARD_A_SA_MAX - 1)

enum {
	GMGUARD_A_SA_SET_PAD = 1,
	GMGUARD_A_SA_SET_ID,
	GMGUARD_A_SA_SET_ENDPOINT_ID,
	GMGUARD_A_SA_SET_LOCAL_ADDR,
	GMGUARD_A_SA_SET_UE_ADDR,
	GMGUARD_A_SA_SET_PORT_UC,
	GMGUARD_A_SA_SET_PORT_US,
	GMGUARD_A_SA_SET_PORT_PC,
	GMGUARD_A_SA_SET_PORT_PS,
	GMGUARD_A_SA_SET_SPI_UC,
	GMGUARD_A_SA_SET_SPI_US,
	GMGUARD_A_SA_SET_SPI_PC,
	GMGUARD_A_SA_SET_SPI_PS,
	GMGUARD_A_SA_SET_ALG,
	GMGUARD_A_SA_SET_EALG,
	GMGUARD_A_SA_SET_ALG_KEY,
	GMGUARD_A_SA_SET_EALG_KEY,
	GMGUARD_A_SA_SET_IMPI,
	GMGUARD_A_SA_SET_PHASE,
	GMGUARD_A_SA_SET_LIFETIME_MS,
	GMGUARD_A_SA_SET_AGE_MS,
	GMGUARD_A_SA_SET_PROTECTED_BY,
	GMGUARD_A_SA_SET_GROUP,
	GMGUARD_A_SA_SET_EMERGENCY,
	GMGUARD_A_SA_SET_IN_USE,
	GMGUARD_A_SA_SET_AGENT_DATA,
	GMGUARD_A_SA_SET_SA,
	GMGUARD_A_SA_SET_CAUSE,

	__GMGUARD_A_SA_SET_MAX
};

#define GMGUARD_A_SA_SET_MAX (__GMGUARD_A_SA_SET_MAX - 1)

enum {
	GMGUARD_A_REASON_COUNT_PAD = 1,
	GMGUARD_A_REASON_COUNT_REASON,
	GMGUARD_A_REASON_COUNT_NAME,
	GMGUARD_A_REASON_COUNT_PACKETS,
	GMGUARD_A_REASON_COUNT_AUDITED,

	__GMGUARD_A_REASON_COUNT_MAX
};

#define GMGUARD_A_REASON_COUNT_MAX (__GMGUARD_A_REASON_COUNT_MAX - 1)

enum {
	GMGUARD_A_STATS_PAD = 1,
	GMGUARD_A_STATS_REASON,
	GMGUARD_A_STATS_ENDPOINTS,
	GMGUARD_A_STATS_TEMPORARY,
	GMGUARD_A_STATS_ESTABLISHED,
	GMGUARD_A_STATS_SUPERSEDED,
	GMGUARD_A_STATS_LINGERING,
	GMGUARD_A_STATS_LARVAL,
	GMGUARD_A_STATS_CONNECTIONS,
	GMGUARD_A_STATS_VERSION,

	__GMGUARD_A_STATS_MAX
};

#define GMGUARD_A_STATS_MAX (__GMGUARD_A_STATS_MAX - 1)

enum {
	GMGUARD_A_LIMITS_MAX_SETS = 1,
	GMGUARD_A_LIMITS_TEMPORARY_MS,
	GMGUARD_A_LIMITS_GRACE_MS,
	GMGUARD_A_LIMITS_DROP_SAMPLES,
	GMGUARD_A_LIMITS_MAX_IMPI_SETS,
	GMGUARD_A_LIMITS_MAX_IMPI_TEMPORARY,
	GMGUARD_A_LIMITS_MAX_TEMPORARY,
	GMGUARD_A_LIMITS_UNPROTECTED_RATE,
	GMGUARD_A_LIMITS_UNPROTECTED_BURST,
	GMGUARD_A_LIMITS_UNPROTECTED_TOTAL,
	GMGUARD_A_LIMITS_UNPROTECTED_CONNECTIONS,
	GMGUARD_A_LIMITS_UNPROTECTED_IDLE_MS,
	GMGUARD_A_LIMITS_UNPROTECTED_MESSAGE_MS,
	GMGUARD_A_LIMITS_EMERGENCY_MS,
	GMGUARD_A_LIMITS_DROP_COPIES,
	GMGUARD_A_LIMITS_NFLOG_GROUP,

	__GMGUARD_A_LIMITS_MAX
};

#define GMGUARD_A_LIMITS_MAX (__GMGUARD_A_LIMITS_MAX - 1)

enum {
	GMGUARD_A_DROP_REASON = 1,
	GMGUARD_A_DROP_SRC_ADDR,
	GMGUARD_A_DROP_DST_ADDR,
	GMGUARD_A_DROP_SRC_PORT,
	GMGUARD_A_DROP_DST_PORT,
	GMGUARD_A_DROP_PROTOCOL,
	GMGUARD_A_DROP_SPI,
	GMGUARD_A_DROP_IFINDEX,
	GMGUARD_A_DROP_SUPPRESSED,
	GMGUARD_A_DROP_AUDITED,

	__GMGUARD_A_DROP_MAX
};

#define GMGUARD_A_DROP_MAX (__GMGUARD_A_DROP_MAX - 1)

enum {
	GMGUARD_A_ADOPTED_PAD = 1,
	GMGUARD_A_ADOPTED_SPI,
	GMGUARD_A_ADOPTED_DIRECTION,
	GMGUARD_A_ADOPTED_ENDPOINT_ID,
	GMGUARD_A_ADOPTED_LOCAL_ADDR,
	GMGUARD_A_ADOPTED_UE_ADDR,
	GMGUARD_A_ADOPTED_LOCAL_PORT,
	GMGUARD_A_ADOPTED_UE_PORT,
	GMGUARD_A_ADOPTED_SRC_ADDR,
	GMGUARD_A_ADOPTED_DST_ADDR,
	GMGUARD_A_ADOPTED_SELECTOR,
	GMGUARD_A_ADOPTED_PROTOCOL,
	GMGUARD_A_ADOPTED_USER,
	GMGUARD_A_ADOPTED_CONDITION,
	GMGUARD_A_ADOPTED_REQID,
	GMGUARD_A_ADOPTED_MODE,
	GMGUARD_A_ADOPTED_MARK,
	GMGUARD_A_ADOPTED_MARK_MASK,
	GMGUARD_A_ADOPTED_ALG,
	GMGUARD_A_ADOPTED_EALG,
	GMGUARD_A_ADOPTED_AGE_MS,
	GMGUARD_A_ADOPTED_FIRST_USE_MS,
	GMGUARD_A_ADOPTED_LAST_USE_MS,
	GMGUARD_A_ADOPTED_LIFETIME_MS,
	GMGUARD_A_ADOPTED_PACKETS,
	GMGUARD_A_ADOPTED_BYTES,
	GMGUARD_A_ADOPTED_REPLAY_ERRORS,
	GMGUARD_A_ADOPTED_INTEGRITY_ERRORS,

	__GMGUARD_A_ADOPTED_MAX
};

#define GMGUARD_A_ADOPTED_MAX (__GMGUARD_A_ADOPTED_MAX - 1)

enum {
	GMGUARD_A_PORT_RANGE_PROTOCOL = 1,
	GMGUARD_A_PORT_RANGE_FIRST,
	GMGUARD_A_PORT_RANGE_LAST,
	GMGUARD_A_PORT_RANGE_TLS,

	__GMGUARD_A_PORT_RANGE_MAX
};

#define GMGUARD_A_PORT_RANGE_MAX (__GMGUARD_A_PORT_RANGE_MAX - 1)

enum {
	GMGUARD_A_RULESET_GENERATION = 1,
	GMGUARD_A_RULESET_AUDIT,
	GMGUARD_A_RULESET_NODE,
	GMGUARD_A_RULESET_PORT,
	GMGUARD_A_RULESET_ACCESS_DEV,
	GMGUARD_A_RULESET_CORE_DEV,
	GMGUARD_A_RULESET_UE_TO_UE,
	GMGUARD_A_RULESET_RULES,
	GMGUARD_A_RULESET_PREFIXES,

	__GMGUARD_A_RULESET_MAX
};

#define GMGUARD_A_RULESET_MAX (__GMGUARD_A_RULESET_MAX - 1)

enum {
	GMGUARD_A_RULE_PAD = 1,
	GMGUARD_A_RULE_KIND,
	GMGUARD_A_RULE_NAME,
	GMGUARD_A_RULE_CLASS,
	GMGUARD_A_RULE_PREFIX,
	GMGUARD_A_RULE_PORT,
	GMGUARD_A_RULE_DEV,
	GMGUARD_A_RULE_ESP,
	GMGUARD_A_RULE_REQID,
	GMGUARD_A_RULE_MARK,
	GMGUARD_A_RULE_MARK_MASK,
	GMGUARD_A_RULE_IF_ID,
	GMGUARD_A_RULE_TLS,
	GMGUARD_A_RULE_PACKETS,
	GMGUARD_A_RULE_DROPPED,
	GMGUARD_A_RULE_REASON,

	__GMGUARD_A_RULE_MAX
};

#define GMGUARD_A_RULE_MAX (__GMGUARD_A_RULE_MAX - 1)

enum {
	GMGUARD_CMD_ENDPOINT_NEW = 1,
	GMGUARD_CMD_ENDPOINT_DEL,
	GMGUARD_CMD_ENDPOINT_GET,
	GMGUARD_CMD_SA_SET_NEW,
	GMGUARD_CMD_SA_SET_SET,
	GMGUARD_CMD_SA_SET_DEL,
	GMGUARD_CMD_SA_SET_GET,
	GMGUARD_CMD_STATS_GET,
	GMGUARD_CMD_LIMITS_GET,
	GMGUARD_CMD_LIMITS_SET,
	GMGUARD_CMD_EVENT_NTF,
	GMGUARD_CMD_DROP_NTF,
	GMGUARD_CMD_ADOPTED_GET,
	GMGUARD_CMD_ENDPOINT_SET,
	GMGUARD_CMD_RULESET_SET,
	GMGUARD_CMD_RULESET_GET,

	__GMGUARD_CMD_MAX
};

#define GMGUARD_CMD_MAX (__GMGUARD_CMD_MAX - 1)

#define GMGUARD_MCGRP_EVENTS	"events"
#define GMGUARD_MCGRP_DROPS	"drops"

#endif /* _UAPI_LINUX_GMGUARD_H */
