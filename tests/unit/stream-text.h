/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stream-text.h - messages for the tests of the module's stream reader
 */
#ifndef STREAM_TEXT_H
#define STREAM_TEXT_H

#include <stdint.h>

#define REG	"REGISTER sip:home.example SIP/2.0\r\n"
#define VIA	"Via: SIP/2.0/TCP 10.33.0.11:5062;branch=z9hG4bK1\r\n"
#define MESSAGE	REG VIA "Content-Length: 0\r\n\r\n"
#define INVITE	"INVITE sip:b@home.example SIP/2.0\r\n" VIA \
		"Content-Length: 0\r\n\r\n"

/* Some tests hide it in a body. */
_Static_assert(sizeof(INVITE) - 1 == 106, "tests say Content-Length: 106");

/* A REGISTER with other lines than those. */
#define WITH(lines)	REG lines "\r\n"

/* The same numbers in every run. */
static inline uint32_t random_below(uint32_t bound)
{
	static uint32_t state = 2463534242U;

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % bound;
}

#endif /* STREAM_TEXT_H */
