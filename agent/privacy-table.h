/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * privacy-table.h - what happens to private information at the border to
 * another network (TS 33.203 5.3, TS 24.229 4.4), in one table: the agent's
 * defaults, gmguard-privacy(7) and the example of gmguard.conf come from it
 * (man/privacy.py).
 */
#ifndef GMG_PRIVACY_TABLE_H
#define GMG_PRIVACY_TABLE_H

/*
 * Each row: PRIVACY_ + kind; name; value, or ""; what to do towards a foreign
 * network, from one, towards a partner, from one (PRIVACY_ + word); why.
 * In the own network everything stays.
 *
 * FIELD: a header field. RESPONSE_FIELD: the same, in responses only.
 * FIELD_VALUE: a header field with this value. PARAMETER: a parameter of URIs,
 * in the Request-URI and in all header fields that hold addresses.
 */
#define GMG_PRIVACY_TABLE(X) \
	X(FIELD, "P-Asserted-Identity", "", REMOVE, REMOVE, KEEP, KEEP, \
	  "says who somebody is inside one trust domain (RFC 3325)") \
	X(FIELD, "P-Preferred-Identity", "", REMOVE, REMOVE, REMOVE, REMOVE, \
	  "is for the first proxy only (RFC 3325)") \
	X(FIELD, "P-Access-Network-Info", "", REMOVE, REMOVE, KEEP, KEEP, \
	  "tells where somebody is (RFC 7315)") \
	X(FIELD, "Cellular-Network-Info", "", REMOVE, REMOVE, KEEP, KEEP, \
	  "tells where somebody is (TS 24.229 7.2)") \
	X(FIELD, "History-Info", "", REMOVE, REMOVE, KEEP, KEEP, \
	  "tells whom a call was meant for before (RFC 7044)") \
	X(FIELD, "P-Asserted-Service", "", REMOVE, REMOVE, KEEP, KEEP, \
	  "is asserted inside one trust domain (RFC 6050)") \
	X(FIELD, "P-Served-User", "", REMOVE, REMOVE, KEEP, KEEP, \
	  "is between S-CSCF and AS (RFC 5502)") \
	X(FIELD, "P-Profile-Key", "", REMOVE, REMOVE, KEEP, KEEP, \
	  "is between proxy and HSS (RFC 5002)") \
	X(FIELD, "P-Early-Media", "", REMOVE, REMOVE, KEEP, KEEP, \
	  "is believed inside one trust domain (RFC 5009)") \
	X(FIELD, "P-Private-Network-Indication", "", REMOVE, REMOVE, KEEP, KEEP, \
	  "is believed inside one trust domain (RFC 7316)") \
	X(FIELD, "Resource-Priority", "", REMOVE, REMOVE, KEEP, KEEP, \
	  "takes resources from others (RFC 4412)") \
	X(FIELD, "Feature-Caps", "", REMOVE, REMOVE, KEEP, KEEP, \
	  "is believed inside one trust domain (RFC 6809)") \
	X(FIELD, "Restoration-Info", "", REMOVE, REMOVE, KEEP, KEEP, \
	  "is believed inside one trust domain (TS 24.229 7.2)") \
	X(FIELD, "Relayed-Charge", "", REMOVE, REMOVE, KEEP, KEEP, \
	  "is between nodes that charge (TS 24.229 7.2)") \
	X(FIELD, "Service-Interact-Info", "", REMOVE, REMOVE, KEEP, KEEP, \
	  "is between AS (TS 24.229 7.2)") \
	X(FIELD, "Response-Source", "", REMOVE, REMOVE, KEEP, KEEP, \
	  "names a node of the network (TS 24.229 7.2)") \
	X(FIELD, "Attestation-Info", "", REMOVE, REMOVE, KEEP, KEEP, \
	  "is believed inside one trust domain (TS 24.229 7.2)") \
	X(FIELD, "Origination-Id", "", REMOVE, REMOVE, KEEP, KEEP, \
	  "is believed inside one trust domain (TS 24.229 7.2)") \
	X(FIELD, "Additional-Identity", "", REMOVE, REMOVE, KEEP, KEEP, \
	  "says who somebody is inside one trust domain (TS 24.229 7.2)") \
	X(FIELD, "Priority-Verstat", "", REMOVE, REMOVE, KEEP, KEEP, \
	  "is believed inside one trust domain (TS 24.229 7.2)") \
	X(FIELD, "DC-Info", "", REMOVE, REMOVE, KEEP, KEEP, \
	  "is believed inside one trust domain (TS 24.229 7.2)") \
	X(RESPONSE_FIELD, "Reason", "", REMOVE, REMOVE, KEEP, KEEP, \
	  "tells what happened inside the network (RFC 6432)") \
	X(FIELD_VALUE, "Priority", "psap-callback", REMOVE, REMOVE, KEEP, KEEP, \
	  "makes a call pass what others do not (RFC 7090)") \
	X(PARAMETER, "cpc", "", REMOVE, REMOVE, KEEP, KEEP, \
	  "tells what kind of subscriber calls (TS 24.229 7.2A)") \
	X(PARAMETER, "oli", "", REMOVE, REMOVE, KEEP, KEEP, \
	  "tells what kind of line calls (TS 24.229 7.2A)") \
	X(PARAMETER, "iotl", "", REMOVE, REMOVE, KEEP, KEEP, \
	  "tells which kind of leg of a call this is (RFC 7549)") \
	X(FIELD, "P-Charging-Function-Addresses", "", REMOVE, REMOVE, REMOVE, \
	  REMOVE, "never leaves a network (RFC 7315)") \
	X(FIELD, "P-Charging-Vector", "", REMOVE, REMOVE, IOI, KEEP, \
	  "is for charging between networks that agreed on it (RFC 7315)") \
	X(FIELD, "P-Visited-Network-ID", "", REMOVE, REMOVE, KEEP, KEEP, \
	  "is between networks that roam (RFC 7315)") \
	X(FIELD, "Path", "", REMOVE, REMOVE, KEEP, KEEP, \
	  "is between networks that roam (RFC 3327)") \
	X(FIELD, "Service-Route", "", REMOVE, REMOVE, KEEP, KEEP, \
	  "is between networks that roam (RFC 3608)") \
	X(FIELD, "P-Associated-URI", "", REMOVE, REMOVE, KEEP, KEEP, \
	  "is between networks that roam (RFC 7315)") \
	X(FIELD, "Security-Client", "", REMOVE, REMOVE, REMOVE, REMOVE, \
	  "never leaves Gm (RFC 3329)") \
	X(FIELD, "Security-Server", "", REMOVE, REMOVE, REMOVE, REMOVE, \
	  "never leaves Gm (RFC 3329)") \
	X(FIELD, "Security-Verify", "", REMOVE, REMOVE, REMOVE, REMOVE, \
	  "never leaves Gm (RFC 3329)")

/* What "Privacy: user" removes besides (RFC 3323 5.3); not to be configured. */
#define GMG_PRIVACY_USER_FIELDS(X) \
	X("Call-Info") \
	X("In-Reply-To") \
	X("Organization") \
	X("Reply-To") \
	X("Server") \
	X("Subject") \
	X("User-Agent")

#endif /* GMG_PRIVACY_TABLE_H */
