// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmguard.c - the command line of gmguard, see gmguard(8).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd/cli.h"

/* Text is never wrapped wider than this, it would be hard to read. */
#define WIDTH_MAX	100
#define WIDTH_MIN	40
#define WIDTH_DEFAULT	80

/** All verbs, in the order of the help. */
const struct cli_verb * const cli_verbs[] = {
	&verb_show,
	&verb_stats,
	&verb_top,
	&verb_monitor,
	&verb_reasons,
	&verb_endpoint,
	&verb_set,
	&verb_limits,
	&verb_peer,
	&verb_partners,
	&verb_check_config,
	&verb_doctor,
	&verb_dump,
	&verb_complete,
	&verb_help,
	NULL
};

static int terminal_width(void)
{
	struct winsize ws;
	int width = WIDTH_DEFAULT;

	if (isatty(STDOUT_FILENO) && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) &&
	    ws.ws_col)
		width = ws.ws_col;
	if (width > WIDTH_MAX)
		return WIDTH_MAX;
	return width < WIDTH_MIN ? WIDTH_MIN : width;
}

static bool want_color(void)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no_color && no_color[0]) &&
	       term && strcmp(term, "dumb");
}

int main(int argc, char **argv)
{
	struct cli c = {
		.out = stdout,
		.color = want_color(),
		.width = terminal_width(),
	};
	const struct cli_verb *verb;
	int status;

	argc = argc > 0 ? argc - 1 : 0;
	argv++;
	verb = cli_parse(&c, &argc, argv, &status);
	if (verb)
		status = verb->run(&c, argc, argv);
	if (c.opened)
		kernel_close(&c.k);
	if ((fflush(stdout) || ferror(stdout)) && !status)
		status = cli_fail(&c, CLI_REFUSED,
				  "cannot write to standard output: %m");
	return status;
}
