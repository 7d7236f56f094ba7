// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * contact.c - see contact.h
 */
#include <stdlib.h>
#include <string.h>

#include "contact.h"
#include "memo.h"
#include "nameaddr.h"

/* Longest +sip.instance and reg-id that are looked at, with their NUL. */
#define INSTANCE_MAX	512
#define REG_ID_MAX	16

/*
 * A UE that tells its contacts apart does so by +sip.instance, and its flows
 * by reg-id (RFC 5626 4.2, TS 24.229 5.1.1.2). The kernel compares the labels
 * of one IMPI only, so 32 bits of a digest are enough.
 */
static uint32_t label_of(struct str params)
{
	char instance[INSTANCE_MAX], reg_id[REG_ID_MAX] = "";
	const char *texts[] = { instance, reg_id, NULL };
	char digest[MEMO_DIGEST_MAX];
	struct str value;
	uint32_t label;

	if (!nameaddr_param(params, "+sip.instance", &value) ||
	    str_lower(value, instance, sizeof(instance)) <= 0)
		return CONTACT_ONLY;
	if (nameaddr_param(params, "reg-id", &value))
		str_lower(value, reg_id, sizeof(reg_id));
	if (memo_digest(digest, texts))
		return CONTACT_ONLY;
	digest[8] = '\0';
	label = strtoul(digest, NULL, 16);
	return label > CONTACT_ONLY ? label : label + CONTACT_ONLY + 1;
}

/* TS 24.229 5.1.6: "sos" is a parameter of the URI. */
static bool is_emergency(const struct nameaddr *na)
{
	struct str value;

	/* without < and > the UE can have meant nothing else */
	return uri_param(na->uri, "sos") ||
	       (na->bare && nameaddr_param(na->params, "sos", &value));
}

/**
 * contact_read() - read a Contact header field
 * @text: all its values, perhaps ""
 * @contact: what they say; of several contacts, the first one counts
 */
void contact_read(const char *text, struct contact *contact)
{
	struct str rest = { text, strlen(text) };
	struct nameaddr na;

	memset(contact, 0, sizeof(*contact));
	contact->none = true;
	contact->label = CONTACT_ONLY;
	while (nameaddr_next(&rest, &na)) {
		if (!na.uri.len)
			continue;
		if (contact->none) {
			contact->label = label_of(na.params);
			contact->all = na.bare && str_is(na.uri, "*");
			contact->emergency = true;
		}
		contact->none = false;
		contact->emergency &= is_emergency(&na);
	}
}
