/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How UEs are numbered, as in uesetup.c.
 */
#ifndef _BENCH_UE_H
#define _BENCH_UE_H

#define UE_NET	0x0a400000
#define PORT_UC	10000
#define PORT_US	10001
#define PORT_PS	6101
#define PORT_PC	6110

#endif /* _BENCH_UE_H */
