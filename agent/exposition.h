/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exposition.h - Prometheus' text format 0.0.4
 *
 *	expo_metric(&x, "boats_total", "counter", "Boats seen.");
 *	expo_sample(&x, "");
 *	expo_label(&x, "colour", "red");
 *	expo_number(&x, 3);
 */
#ifndef GMG_EXPOSITION_H
#define GMG_EXPOSITION_H

#include <stdint.h>

#include <event2/buffer.h>

/** What HTTP calls it. */
#define EXPO_CONTENT_TYPE	"text/plain; version=0.0.4; charset=utf-8"

/**
 * struct exposition - a text that is being written
 * @out: the text
 * @name: name of the metric
 * @labels: labels of the sample so far
 */
struct exposition {
	struct evbuffer *out;
	const char *name;
	unsigned int labels;
};

void expo_metric(struct exposition *x, const char *name, const char *type,
		 const char *help);
void expo_sample(struct exposition *x, const char *suffix);
void expo_label(struct exposition *x, const char *name, const char *value);
void expo_number(struct exposition *x, uint64_t number);
void expo_seconds(struct exposition *x, uint64_t ns);

#endif /* GMG_EXPOSITION_H */
