/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * action.h - what the proxy is told to do with a message
 */
#ifndef GMG_ACTION_H
#define GMG_ACTION_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "secagree.h"

/**
 * struct refusal - why a REGISTER is rejected
 * @code: SIP status code, 0: it is not rejected
 * @doom: its temporary set has to go
 * @detail: why and what to do, printable ASCII
 */
struct refusal {
	int code;
	bool doom;
	char detail[640];
};

int refuse(struct refusal *no, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
json_t *action_forward(uint32_t set);
json_t *action_reject(const struct refusal *no, const char *security_server);

#endif /* GMG_ACTION_H */
