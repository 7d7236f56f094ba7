// SPDX-License-Identifier: GPL-2.0-only
#include <linux/atomic.h>
#include <linux/moduleparam.h>

#include "fault.h"

static int fault_at;
module_param(fault_at, int, 0600);
MODULE_PARM_DESC(fault_at, "Steps until one fails, 0: none (tests only)");

/**
 * gmg_fault() - whether this step has to fail
 *
 * A test does one thing at a time; nothing else is counted on.
 */
bool gmg_fault(void)
{
	return fault_at && !--fault_at;
}
