/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * msg.h - what the proxy tells about a message that came from a UE
 */
#ifndef GMG_MSG_H
#define GMG_MSG_H

#include <stdbool.h>
#include <stdint.h>

#include "mirror.h"
#include "rpc.h"

/** enum msg_scope - how much of a message a method needs */
enum msg_scope {
	MSG_FLOW,
	MSG_REGISTER,
};

/**
 * struct msg - a message; its texts belong to the parameters of the call
 * @flow: where it came from and went to
 * @ue: @flow.ue_addr as text
 * @call_id: Call-ID
 * @cseq: number of the CSeq
 * @impi: username of Authorization, "" if none
 * @impu: URI of To
 * @contact: Contact
 * @via_addr: sent-by host of the top Via
 * @security_client: all values of Security-Client, "" if none
 * @security_verify: all values of Security-Verify, "" if none
 * @require: all values of Require, "" if none
 * @proxy_require: all values of Proxy-Require, "" if none
 * @supported: all values of Supported, "" if none
 * @authorization: Authorization, "" if none
 */
struct msg {
	struct flow flow;
	char ue[GMG_ADDR_TEXT_MAX];
	const char *call_id;
	int64_t cseq;
	const char *impi;
	const char *impu;
	const char *contact;
	const char *via_addr;
	const char *security_client;
	const char *security_verify;
	const char *require;
	const char *proxy_require;
	const char *supported;
	const char *authorization;
};

bool msg_read(const json_t *params, enum msg_scope scope, struct msg *msg,
	      struct rpc_fault *fault);
bool param_text(const json_t *params, const char *name, const char **text,
		struct rpc_fault *fault);
bool param_number(const json_t *params, const char *name, int64_t min,
		  int64_t max, int64_t *number, struct rpc_fault *fault);
bool param_addr(const json_t *params, const char *name, struct gmg_addr *addr,
		struct rpc_fault *fault);
bool param_port(const json_t *params, const char *name, uint16_t *port,
		struct rpc_fault *fault);

int addr_of_host(const char *host, struct gmg_addr *addr);
bool msg_wants_agreement(const struct msg *msg);

#endif /* GMG_MSG_H */
