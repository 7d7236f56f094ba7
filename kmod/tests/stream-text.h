/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages for the tests of the stream reader.
 */
#ifndef _GMG_TESTS_STREAM_TEXT_H
#define _GMG_TESTS_STREAM_TEXT_H

#ifdef __KERNEL__
#include <linux/build_bug.h>
#else
#include <assert.h>
#endif

#define REG	"REGISTER sip:home.example SIP/2.0\r\n"
#define VIA	"Via: SIP/2.0/TCP 10.33.0.11:5062;branch=z9hG4bK1\r\n"
#define MESSAGE	REG VIA "Content-Length: 0\r\n\r\n"
#define INVITE	"INVITE sip:b@home.example SIP/2.0\r\n" VIA \
		"Content-Length: 0\r\n\r\n"

/* Some tests hide it in a body. */
static_assert(sizeof(INVITE) - 1 == 106, "tests say Content-Length: 106");

/* A REGISTER with other lines than those. */
#define WITH(lines)	REG lines "\r\n"

#endif /* _GMG_TESTS_STREAM_TEXT_H */
