// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * key.c - keys on the command line: never printed, cleansed after use.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

/* digits, "0x" and one line end */
#define TEXT_MAX	(2 * GMG_KEY_MAX + 4)

static int nibble(char ch)
{
	if (ch >= '0' && ch <= '9')
		return ch - '0';
	ch = (char)tolower((unsigned char)ch);
	return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

static int decode(const struct cli *c, const char *what, const char *text,
		  struct cli_secret *secret)
{
	size_t i, len;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		text += 2;
	len = strlen(text);
	if (!len || len % 2 || len > 2 * GMG_KEY_MAX)
		return cli_usage(c, "%s: %zu hexadecimal digits; give an even number of them, 2 to %d",
				 what, len, 2 * GMG_KEY_MAX);
	for (i = 0; i < len / 2; i++) {
		int high = nibble(text[2 * i]);
		int low = nibble(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return cli_usage(c, "%s: not hexadecimal digits; give the key as such, @FILE, or - for a line of standard input",
					 what);
		secret->bytes[i] = (uint8_t)(high << 4 | low);
	}
	secret->len = len / 2;
	return CLI_OK;
}

/*
 * One line, without stdio, which would keep a copy and read ahead of the next
 * key. Returns its length, or -1 with errno set.
 */
static ssize_t read_line(int fd, char *buf, size_t size)
{
	size_t used = 0;

	while (used < size) {
		ssize_t n = read(fd, buf + used, 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0 || buf[used] == '\n')
			break;
		used++;
	}
	if (used == size) {
		errno = EMSGSIZE;
		return -1;
	}
	while (used && isspace((unsigned char)buf[used - 1]))
		used--;
	buf[used] = '\0';
	return (ssize_t)used;
}

static int from_fd(const struct cli *c, const char *what, const char *name,
		   int fd, struct cli_secret *secret)
{
	char line[TEXT_MAX];
	int ret;

	if (read_line(fd, line, sizeof(line)) < 0)
		ret = cli_fail(c, CLI_REFUSED, "%s: cannot read a key from %s: %s",
			       what, name, errno == EMSGSIZE ?
			       "the line is too long" : strerror(errno));
	else
		ret = decode(c, what, line, secret);
	explicit_bzero(line, sizeof(line));
	return ret;
}

static int from_file(const struct cli *c, const char *what, const char *name,
		     struct cli_secret *secret)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return cli_fail(c, CLI_REFUSED, "%s: cannot open %s: %s", what,
				name, strerror(errno));
	ret = from_fd(c, what, name, fd, secret);
	close(fd);
	return ret;
}

/**
 * cli_secret() - read a key
 * @c: the run
 * @what: name of the value, for messages
 * @text: hexadecimal digits, which are overwritten; @FILE; or "-" for a line
 *	of standard input
 * @secret: result, for the caller to explicit_bzero()
 *
 * Return: CLI_OK, or the status to exit with after a message.
 */
int cli_secret(const struct cli *c, const char *what, char *text,
	       struct cli_secret *secret)
{
	int ret;

	if (!strcmp(text, "-"))
		return from_fd(c, what, "standard input", STDIN_FILENO,
			       secret);
	if (text[0] == '@')
		return from_file(c, what, text + 1, secret);
	ret = decode(c, what, text, secret);
	/* at least from now on "ps" does not show it */
	explicit_bzero(text, strlen(text));
	return ret;
}
