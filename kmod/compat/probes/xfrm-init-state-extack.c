// SPDX-License-Identifier: GPL-2.0-only
/* xfrm_init_state() got an extack after 6.12 and before 7.2. */
#include <net/xfrm.h>

int probe(struct xfrm_state *x, struct netlink_ext_ack *extack);

int probe(struct xfrm_state *x, struct netlink_ext_ack *extack)
{
#ifdef NEWER
	return xfrm_init_state(x, extack);
#else
	return xfrm_init_state(x);
#endif
}
