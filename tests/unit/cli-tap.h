/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cli-tap.h - TAP lines and their sum, for the C tests of gmguard(8). */
#ifndef CLI_TAP_H
#define CLI_TAP_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int passed, failed;

static inline bool ok(bool good, const char *text)
{
	if (good)
		passed++;
	else
		failed++;
	printf("%sok %d - cli: %s\n", good ? "" : "not ", passed + failed,
	       text);
	return good;
}

static inline void same(const char *got, const char *want, const char *text)
{
	if (!ok(!strcmp(got, want), text))
		printf("#   got:  %s\n#   want: %s\n", got, want);
}

static inline int done(void)
{
	printf("%d passed, %d failed\n", passed, failed);
	return passed && !failed ? 0 : 1;
}

#endif /* CLI_TAP_H */
