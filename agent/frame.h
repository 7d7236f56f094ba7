/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * frame.h - where does a request end in a stream of bytes?
 *
 * Two framings, told apart by the first byte of a connection: netstrings
 * ("LEN:TEXT,", what Kamailio's janssonrpcc speaks) begin with a digit; plain
 * JSON texts, one after the other, with "{" or "[".
 */
#ifndef GMG_FRAME_H
#define GMG_FRAME_H

#include <stdbool.h>
#include <stddef.h>

/** Longest request in bytes. */
#define FRAME_MAX	(256 * 1024)
/** What a netstring adds to its text at most: digits, ":" and ",". */
#define FRAME_EXTRA	8

/** enum frame_kind - how a connection is framed */
enum frame_kind {
	FRAME_UNKNOWN,
	FRAME_NETSTRING,
	FRAME_PLAIN,
};

/**
 * struct framer - what is known of a connection's stream
 * @kind: how it is framed
 * @scanned: bytes of the unfinished text that were looked at (plain)
 * @depth: brackets that are open (plain)
 * @quoted: inside a string (plain)
 * @escaped: behind a backslash (plain)
 */
struct framer {
	enum frame_kind kind;
	size_t scanned;
	size_t depth;
	bool quoted;
	bool escaped;
};

/**
 * struct frame - a request in a buffer
 * @text: its text
 * @len: bytes of it
 * @used: bytes of the buffer that are done with, framing included
 */
struct frame {
	const char *text;
	size_t len;
	size_t used;
};

int frame_next(struct framer *framer, const char *data, size_t len,
	       struct frame *frame);
const char *frame_problem(int error);

#endif /* GMG_FRAME_H */
