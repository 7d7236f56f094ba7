/* SPDX-License-Identifier: GPL-2.0-only */
#include_next <net/xfrm.h>

#ifndef _GMG_COMPAT_NET_XFRM_H
#define _GMG_COMPAT_NET_XFRM_H

#include "probed.h"

/* It can't say why, then. */
#ifndef GMG_HAVE_XFRM_INIT_STATE_EXTACK
#define xfrm_init_state(x, extack) ((void)(extack), xfrm_init_state(x))
#endif

#endif /* _GMG_COMPAT_NET_XFRM_H */
