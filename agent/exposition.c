// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * exposition.c - see exposition.h
 */
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "exposition.h"

/* A quote ends a label, but not a help text. */
static void add_escaped(struct evbuffer *out, const char *text, bool quoted)
{
	while (*text) {
		size_t len = strcspn(text, quoted ? "\\\n\"" : "\\\n");

		evbuffer_add(out, text, len);
		text += len;
		if (!*text)
			break;
		evbuffer_add(out, "\\", 1);
		evbuffer_add(out, *text == '\n' ? "n" : text, 1);
		text++;
	}
}

/**
 * expo_metric() - begin a metric
 * @x: the text
 * @name: its name
 * @type: counter, gauge or histogram
 * @help: what it is
 */
void expo_metric(struct exposition *x, const char *name, const char *type,
		 const char *help)
{
	x->name = name;
	evbuffer_add_printf(x->out, "# HELP %s ", name);
	add_escaped(x->out, help, false);
	evbuffer_add_printf(x->out, "\n# TYPE %s %s\n", name, type);
}

/**
 * expo_sample() - begin a sample of the metric
 * @x: the text
 * @suffix: "", or what a histogram's name ends with
 */
void expo_sample(struct exposition *x, const char *suffix)
{
	x->labels = 0;
	evbuffer_add_printf(x->out, "%s%s", x->name, suffix);
}

/**
 * expo_label() - add a label to the sample
 * @x: the text
 * @name: its name
 * @value: its value, UTF-8
 */
void expo_label(struct exposition *x, const char *name, const char *value)
{
	evbuffer_add_printf(x->out, "%s%s=\"", x->labels++ ? "," : "{", name);
	add_escaped(x->out, value, true);
	evbuffer_add(x->out, "\"", 1);
}

/**
 * expo_number() - end the sample with its value
 * @x: the text
 * @number: the value
 */
void expo_number(struct exposition *x, uint64_t number)
{
	evbuffer_add_printf(x->out, "%s %" PRIu64 "\n", x->labels ? "}" : "",
			    number);
}

/**
 * expo_seconds() - end the sample with a value in seconds
 * @x: the text
 * @ns: the value in nanoseconds
 */
void expo_seconds(struct exposition *x, uint64_t ns)
{
	evbuffer_add_printf(x->out, "%s %" PRIu64 ".%09" PRIu64 "\n",
			    x->labels ? "}" : "", ns / 1000000000,
			    ns % 1000000000);
}
