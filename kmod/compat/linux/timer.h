/* SPDX-License-Identifier: GPL-2.0-only */
#include_next <linux/timer.h>

#ifndef _GMG_COMPAT_LINUX_TIMER_H
#define _GMG_COMPAT_LINUX_TIMER_H

#include "probed.h"

#ifndef GMG_HAVE_TIMER_DELETE_SYNC
#define timer_delete_sync(timer) del_timer_sync(timer)
#endif

#endif /* _GMG_COMPAT_LINUX_TIMER_H */
