/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel-priv.h - what the files kernel*.c share; see kernel.h for users.
 */
#ifndef GMG_KERNEL_PRIV_H
#define GMG_KERNEL_PRIV_H

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "kernel.h"

/** Receive buffer: the kernel's dump messages have at most 32 KiB. */
#define GMG_RX_SIZE		65536
/** Send buffer: an SA set with all its agent-data, an endpoint with all. */
#define GMG_TX_SIZE		16384

/*
 * Parses the top-level attributes of one reply; 0 or a negative errno.
 * tb is NULL when a dump begins again.
 */
typedef int gmg_reply_fn(struct nlattr **tb, void *arg);

int gmg_fail(struct gmg_kernel *k, int error, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
struct nl_msg *gmg_msg_new(struct gmg_kernel *k, uint8_t cmd);
struct nl_msg *gmg_msg_new_of(struct gmg_kernel *k, uint8_t cmd, size_t size);
void gmg_msg_free(struct nl_msg *msg);
int gmg_transact(struct gmg_kernel *k, struct nl_msg *msg, gmg_reply_fn *fn,
		 void *arg);
int gmg_dump(struct gmg_kernel *k, uint8_t cmd, gmg_reply_fn *fn, void *arg);
int gmg_parse_top(struct nlmsghdr *nlh, struct nlattr **tb);

/* kernel-error.c */
int gmg_error_format(struct gmg_kernel *k, const struct nlmsghdr *req,
		     const struct nlmsghdr *reply, int error);

/* parsers of one nest each: 0, or -EBADMSG when the nest is broken */
int gmg_endpoint_parse(struct nlattr *nest, struct gmg_endpoint *ep);
int gmg_saset_parse(struct nlattr *nest, struct gmg_saset *set);
int gmg_adopted_parse(struct nlattr *nest, struct gmg_adopted *sa);
int gmg_drop_parse(struct nlattr *nest, struct gmg_drop *drop);

/* attributes that are absent when they are zero */
int gmg_put_u16(struct nl_msg *msg, int type, uint16_t value);
int gmg_put_u32(struct nl_msg *msg, int type, uint32_t value);
int gmg_put_bytes(struct nl_msg *msg, int type, const void *data, size_t len);
int gmg_put_addr(struct nl_msg *msg, int type, const struct gmg_addr *addr);

void gmg_get_addr(struct nlattr *attr, struct gmg_addr *addr);
void gmg_get_u16(struct nlattr *attr, uint16_t *value);
void gmg_get_u32(struct nlattr *attr, uint32_t *value);
void gmg_get_u64(struct nlattr *attr, uint64_t *value);
void gmg_get_string(struct nlattr *attr, char *buf, size_t size);

#endif /* GMG_KERNEL_PRIV_H */
