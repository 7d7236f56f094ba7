/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The little of SIP that the kernel reads from a datagram: enough to tell a
 * REGISTER and its responses from everything else (RFC 3261 7).
 */
#ifndef _GMG_SIPLINE_H
#define _GMG_SIPLINE_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#endif

/**
 * enum gmg_sip_kind - what the start line says
 * @GMG_SIP_NONE: no SIP message
 * @GMG_SIP_REGISTER: a REGISTER request
 * @GMG_SIP_REQUEST: another request
 * @GMG_SIP_RESPONSE: a response
 */
enum gmg_sip_kind {
	GMG_SIP_NONE,
	GMG_SIP_REGISTER,
	GMG_SIP_REQUEST,
	GMG_SIP_RESPONSE,
};

/* A longer row of CRLF is no keep-alive: a message may be behind it. */
#define GMG_SIP_ALIVE_MAX 64

/**
 * enum gmg_sip_clear - what a datagram in clear is to an unprotected port
 * @GMG_SIP_CLEAR_REGISTER: a REGISTER request
 * @GMG_SIP_CLEAR_ERROR: an error response, 4xx to 6xx
 * @GMG_SIP_CLEAR_ALIVE: a keep-alive: nothing but CRLF (RFC 5626 3.5)
 * @GMG_SIP_CLEAR_STUN: another one: a STUN Binding request
 * @GMG_SIP_CLEAR_SOS: an INVITE to urn:service:sos or to a service below it
 * @GMG_SIP_CLEAR_SIP: another message
 * @GMG_SIP_CLEAR_JUNK: no message that every reader takes for the same
 */
enum gmg_sip_clear {
	GMG_SIP_CLEAR_REGISTER,
	GMG_SIP_CLEAR_ERROR,
	GMG_SIP_CLEAR_ALIVE,
	GMG_SIP_CLEAR_STUN,
	GMG_SIP_CLEAR_SOS,
	GMG_SIP_CLEAR_SIP,
	GMG_SIP_CLEAR_JUNK,
};

/**
 * struct gmg_sip - what names the transaction of a message
 * @call_id: value of Call-ID inside the datagram, NULL if absent
 * @call_id_len: its length in bytes
 * @cseq: CSeq number
 * @cseq_register: the CSeq method is REGISTER
 */
struct gmg_sip {
	const char *call_id;
	size_t call_id_len;
	__u32 cseq;
	bool cseq_register;
};

enum gmg_sip_kind gmg_sip_kind(const char *data, size_t len);
enum gmg_sip_clear gmg_sip_clear(const char *data, size_t len);
bool gmg_sip_scan(const char *data, size_t len, struct gmg_sip *sip);
bool gmg_sip_is_register_response(const char *data, size_t len,
				  struct gmg_sip *sip);

#endif /* _GMG_SIPLINE_H */
