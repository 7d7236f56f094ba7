/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * limits.h - the limits and timers of a network namespace, in one table:
 * errors of the kernel, the command line, its help, text and JSON come from
 * it. A new limit in gmguard.yaml needs a row here and its line in gmguard(8).
 */
#ifndef GMG_LIMITS_H
#define GMG_LIMITS_H

#include <linux/gmguard.h>

/*
 * Each row: GMGUARD_A_LIMITS_ + id; name; another name, or NULL; true for a
 * time in milliseconds; least and largest value; what it is; what its help
 * adds to that.
 */
#define GMG_LIMIT_MS	2147483647
#define GMG_LIMIT_ANY	4294967295
#define GMG_LIMITS(X) \
	X(MAX_SETS, "max-sets", NULL, false, 1, GMG_LIMIT_ANY, \
	  "most live SA sets", \
	  " in this network namespace; default 1048576") \
	X(TEMPORARY_MS, "temporary-ms", "temporary", true, 1, GMG_LIMIT_MS, \
	  "life of a temporary set", \
	  " (reg-await-auth of TS 24.229 7.8); default 240000") \
	X(GRACE_MS, "grace-ms", "grace", true, 1, GMG_LIMIT_MS, \
	  "life left when superseded or lingering", \
	  ", at most (64*T1 of TS 24.229 5.2.2); default 128000") \
	X(DROP_SAMPLES, "drop-samples", NULL, false, 0, GMG_LIMIT_ANY, \
	  "most drop samples a second", \
	  " for \"gmguard monitor\"; default 10, 0 turns them off") \
	X(MAX_IMPI_SETS, "max-impi-sets", NULL, false, 1, GMG_LIMIT_ANY, \
	  "most authenticated sets of one IMPI", \
	  ", emergency registrations apart, lingering ones not counted; default 3, six SAs a direction (TS 33.203 7.1)") \
	X(MAX_IMPI_TEMPORARY, "max-impi-temporary", NULL, false, 1, GMG_LIMIT_ANY, \
	  "most temporary sets of one IMPI", \
	  "; default 4; one more replaces the oldest that has carried no packet yet") \
	X(MAX_TEMPORARY, "max-temporary", NULL, false, 1, GMG_LIMIT_ANY, \
	  "most temporary sets", \
	  "; default 65536; one more replaces the oldest that has carried no packet yet") \
	X(UNPROTECTED_RATE, "unprotected-rate", NULL, false, 0, 1000000, \
	  "most messages a second of one source", \
	  " in clear on unprotected SIP ports, new TCP connections counted too, an IPv6 /64 as one source; default 20, 0 for no limit") \
	X(UNPROTECTED_BURST, "unprotected-burst", NULL, false, 1, 1000000, \
	  "how many of them may come at once", \
	  "; default 60") \
	X(UNPROTECTED_TOTAL, "unprotected-total", NULL, false, 0, 1000000, \
	  "most messages a second of all sources", \
	  " together, counted in the same way; default 20000, 0 for no limit") \
	X(UNPROTECTED_CONNECTIONS, "unprotected-connections", NULL, false, 1, 8192, \
	  "most connections in clear that are followed", \
	  " at one time on unprotected SIP ports; default 4096") \
	X(UNPROTECTED_IDLE_MS, "unprotected-idle-ms", NULL, true, 1, GMG_LIMIT_MS, \
	  "silence that ends such a connection", \
	  " on an unprotected SIP port: it is reset; default 1800000") \
	X(UNPROTECTED_MESSAGE_MS, "unprotected-message-ms", NULL, true, 1, GMG_LIMIT_MS, \
	  "most time for one message on it to come", \
	  ", or else it is reset; default 32000, Timer F with the T1 of RFC 3261") \
	X(EMERGENCY_MS, "emergency-ms", NULL, true, 1, GMG_LIMIT_MS, \
	  "life of an emergency call in clear", \
	  ": its source stays open for so long; default 7200000") \
	X(DROP_COPIES, "drop-copies", NULL, false, 0, 10000, \
	  "most dropped packets a second to copy", \
	  " whole, to nflog-group; default 0, which turns copies off; they show what was inside ESP") \
	X(NFLOG_GROUP, "nflog-group", NULL, false, 0, 65535, \
	  "nflog group that they are copied to", \
	  ", for \"tcpdump -i nflog:N\"; default 33203")

#endif /* GMG_LIMITS_H */
