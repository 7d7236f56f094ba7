/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log.h - messages for the operator; never a key in any of them
 */
#ifndef GMG_LOG_H
#define GMG_LOG_H

#include <stdint.h>
#include <syslog.h>

/**
 * struct log_about - what a message is about; each becomes a field
 * @method: method of the proxy's call, or NULL
 * @impi: private identity, or NULL
 * @ue: address of the UE, or NULL
 * @call_id: Call-ID of the REGISTER, or NULL
 * @set: id of the SA set, or 0
 * @peer: name of a rule or of another network, or NULL
 */
struct log_about {
	const char *method;
	const char *impi;
	const char *ue;
	const char *call_id;
	uint32_t set;
	const char *peer;
};

void log_open(void);
void log_set_level(int level);
void log_about(int level, const struct log_about *about, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#define log_err(...)	log_about(LOG_ERR, NULL, __VA_ARGS__)
#define log_warn(...)	log_about(LOG_WARNING, NULL, __VA_ARGS__)
#define log_notice(...)	log_about(LOG_NOTICE, NULL, __VA_ARGS__)
#define log_info(...)	log_about(LOG_INFO, NULL, __VA_ARGS__)
#define log_debug(...)	log_about(LOG_DEBUG, NULL, __VA_ARGS__)

#endif /* GMG_LOG_H */
