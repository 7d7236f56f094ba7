/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * privacy.h - what becomes of private information in a message that crosses
 * the border to another network (TS 33.203 5.3, RFC 3323, RFC 3325)
 *
 * A pure function of the message, the table and the class of the other
 * network: nothing is kept between messages.
 */
#ifndef GMG_PRIVACY_H
#define GMG_PRIVACY_H

#include <stdbool.h>
#include <stdint.h>

#include "action.h"
#include "fields.h"
#include "privacy-policy.h"

/** enum privacy_service - bits: what the proxy can do itself (RFC 3323) */
enum privacy_service {
	PRIVACY_HEADER = 1,	/* hide Via, Contact, Record-Route */
	PRIVACY_SESSION = 2,	/* hide the addresses of media */
};

/**
 * struct privacy_msg - a message, and what becomes of it
 * @request: it is a request
 * @uri: its Request-URI, "" in a response
 * @new_uri: another Request-URI, or NULL
 * @fields: its header fields
 * @services: bits enum privacy_service: what the proxy can do itself
 * @serve: those of them that it has to do now
 * @no: why it is rejected; code 0: it is not
 */
struct privacy_msg {
	bool request;
	const char *uri;
	char *new_uri;
	struct fields fields;
	uint32_t services;
	uint32_t serve;
	struct refusal no;
};

int privacy_cross(const struct privacy_policy *policy,
		  struct privacy_msg *msg, enum privacy_way way,
		  enum peer_class peer);
void privacy_clear(struct privacy_msg *msg);

#endif /* GMG_PRIVACY_H */
