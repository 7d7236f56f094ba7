// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cli.c - errors, the connection to the module, and output.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "cli.h"

static void print_error(const struct cli *c, const char *fmt, va_list ap)
{
	fflush(stdout);
	fprintf(stderr, "gmguard: %s%s", c->path, c->path[0] ? ": " : "");
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

/**
 * cli_fail() - say on standard error why the verb failed
 * @c: the run
 * @status: enum cli_exit
 * @fmt: why; what to do
 *
 * Return: @status.
 */
int cli_fail(const struct cli *c, int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print_error(c, fmt, ap);
	va_end(ap);
	return status;
}

/**
 * cli_usage() - say on standard error what is wrong with the arguments
 * @c: the run
 * @fmt: why; what to do
 *
 * Return: CLI_USAGE.
 */
int cli_usage(const struct cli *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print_error(c, fmt, ap);
	va_end(ap);
	return CLI_USAGE;
}

/**
 * cli_warn() - say something on standard error and go on
 * @c: the run
 * @fmt: what
 */
void cli_warn(const struct cli *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print_error(c, fmt, ap);
	va_end(ap);
}

/**
 * cli_kernel() - connect to the module unless that is done
 * @c: the run
 *
 * Return: CLI_OK, or the status to exit with.
 */
int cli_kernel(struct cli *c)
{
	int ret;

	if (c->opened)
		return CLI_OK;
	ret = kernel_open(&c->k);
	if (ret == -ENOENT || ret == -EPROTONOSUPPORT)
		return cli_fail(c, CLI_NO_MODULE, "%s", c->k.err);
	if (ret)
		return cli_kernel_fail(c, ret);
	c->opened = true;
	return CLI_OK;
}

/**
 * cli_kernel_fail() - say why a call of kernel.h failed
 * @c: the run
 * @error: what it returned
 *
 * Return: the status to exit with.
 */
int cli_kernel_fail(struct cli *c, int error)
{
	int status = CLI_REFUSED;

	if (error == -EPERM || error == -EACCES)
		status = CLI_NO_PERMISSION;
	else if (error == -ENODEV)
		status = CLI_NO_MODULE;
	return cli_fail(c, status, "%s", c->k.err);
}

/**
 * cli_no_args() - refuse arguments of a verb that takes none
 * @c: the run
 * @argc: how many there are
 * @argv: they
 *
 * Return: CLI_OK, or CLI_USAGE.
 */
int cli_no_args(struct cli *c, int argc, char **argv)
{
	if (!argc)
		return CLI_OK;
	return cli_usage(c, "unexpected argument \"%s\"; see \"gmguard help %s\"",
			 argv[0], c->path);
}

/**
 * cli_print_json() - print a JSON text
 * @c: the run
 * @root: the text, its reference is taken; NULL when memory ran out
 *
 * Return: enum cli_exit.
 */
int cli_print_json(struct cli *c, json_t *root)
{
	int ret;

	if (!root)
		return cli_fail(c, CLI_REFUSED, "out of memory");
	ret = json_dumpf(root, c->out, JSON_INDENT(2));
	json_decref(root);
	fputc('\n', c->out);
	return ret ? cli_fail(c, CLI_REFUSED, "cannot write JSON") : CLI_OK;
}

/**
 * cli_style() - begin a style
 * @c: the run
 * @style: which
 *
 * Return: what to print, "" without colours.
 */
const char *cli_style(const struct cli *c, enum cli_style style)
{
	static const char * const seq[] = {
		[STYLE_NONE] = "",
		[STYLE_HEAD] = "\033[1m",
		[STYLE_DIM] = "\033[2m",
		[STYLE_GOOD] = "\033[32m",
		[STYLE_WARN] = "\033[33m",
		[STYLE_BAD] = "\033[31m",
	};

	return c->color ? seq[style] : "";
}

/**
 * cli_style_end() - end a style
 * @c: the run
 * @style: the one that cli_style() began
 *
 * Return: what to print, "" without colours.
 */
const char *cli_style_end(const struct cli *c, enum cli_style style)
{
	return c->color && style != STYLE_NONE ? "\033[0m" : "";
}

/**
 * cli_heading() - print a line that heads a part of the output
 * @c: the run
 * @text: the line
 */
void cli_heading(const struct cli *c, const char *text)
{
	fprintf(c->out, "%s%s%s\n", cli_style(c, STYLE_HEAD), text,
		cli_style_end(c, STYLE_HEAD));
}
