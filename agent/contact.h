/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * contact.h - whose registration a Contact header field belongs to
 */
#ifndef GMG_CONTACT_H
#define GMG_CONTACT_H

#include <stdbool.h>
#include <stdint.h>

/** Label of the one contact of a UE that does not tell contacts apart. */
#define CONTACT_ONLY	1

/**
 * struct contact - what Contact says
 * @none: there is none
 * @all: it is "*": all contacts
 * @emergency: every contact has the URI parameter "sos"
 * @label: tells the contacts of one private identity apart, never 0; the same
 *	after a restart
 */
struct contact {
	bool none;
	bool all;
	bool emergency;
	uint32_t label;
};

void contact_read(const char *text, struct contact *contact);

#endif /* GMG_CONTACT_H */
