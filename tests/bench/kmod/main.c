// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/gmguard-bench: a command is written, its result is read from the same
 * file. What a command does, it does in the writer's network namespace.
 *
 *	gather ADDR		keep the inbound states of this host's address
 *	verdicts LOOPS		one packet of a random one of them after the
 *				other through LOCAL_IN
 *	flood ADDR PORT LOOPS	the same with packets in clear
 *	empty 0|1		without, with a hook that does nothing
 *	make ADDR FIRST N AES	four states for each of N UEs
 *	find LOOPS		look them up by SPI
 *	route ADDR N BEHIND LOOPS
 *				routes to N UEs, of which so many share an
 *				address
 *	replay FD FROM SIZE ACK	send the writer's netlink messages
 *	trips ADDR FD FIRST N LEN LOOPS
 *				round trips with N UEs in the namespace FD
 *	forget			let go of all states, delete those made
 */
#include <linux/inet.h>
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <net/net_namespace.h>

#include "bench.h"

#define COMMAND_MAX 128

static DEFINE_MUTEX(lock);

struct answer {
	unsigned int len;
	char text[COMMAND_MAX];
};

static int run(struct net *net, char *text, struct bench_result *result)
{
	char addr[16];
	unsigned long from;
	u32 a, b, c, d, e;

	if (sscanf(text, "gather %15s", addr) == 1) {
		int n = bench_pool_gather(net, in_aton(addr));

		result->n = max(n, 0);
		return min(n, 0);
	}
	if (sscanf(text, "verdicts %u", &a) == 1)
		return bench_verdicts(net, a, result);
	if (sscanf(text, "flood %15s %u %u", addr, &a, &b) == 3)
		return bench_flood(net, in_aton(addr), a, b, result);
	if (sscanf(text, "empty %u", &a) == 1)
		return bench_empty_hook(net, a);
	if (sscanf(text, "make %15s %u %u %u", addr, &a, &b, &c) == 4)
		return bench_make(net, in_aton(addr), a, b, c, result);
	if (sscanf(text, "find %u", &a) == 1)
		return bench_find(net, a, result);
	if (sscanf(text, "route %15s %u %u %u", addr, &a, &b, &c) == 4)
		return bench_route(net, in_aton(addr), a, b, c, result);
	if (sscanf(text, "replay %u %lx %u %u", &a, &from, &b, &c) == 4)
		return bench_replay(a, from, b, c, result);
	if (sscanf(text, "trips %15s %u %u %u %u %u", addr, &a, &b, &c, &d,
		   &e) == 6)
		return bench_trips(net, a, in_aton(addr), b, c, d, e, result);
	if (!strcmp(text, "forget")) {
		bench_pool_forget();
		bench_unmake();
		return 0;
	}
	return -EINVAL;
}

static ssize_t bench_write(struct file *file, const char __user *from,
			   size_t len, loff_t *pos)
{
	struct answer *answer = file->private_data;
	struct bench_result result = {};
	char text[COMMAND_MAX];
	int err;

	if (len >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, from, len))
		return -EFAULT;
	text[len] = '\0';

	mutex_lock(&lock);
	err = run(current->nsproxy->net_ns, strim(text), &result);
	answer->len = scnprintf(answer->text, sizeof(answer->text),
				"{\"ns\": %llu, \"n\": %llu, \"accepted\": %llu, \"dropped\": %llu}\n",
				result.ns, result.n, result.accepted,
				result.dropped);
	mutex_unlock(&lock);
	*pos = 0;
	return err ? err : len;
}

static ssize_t bench_read(struct file *file, char __user *to, size_t len,
			  loff_t *pos)
{
	struct answer *answer = file->private_data;

	return simple_read_from_buffer(to, len, pos, answer->text,
				       answer->len);
}

static int bench_open(struct inode *inode, struct file *file)
{
	struct answer *answer = kzalloc(sizeof(*answer), GFP_KERNEL);

	file->private_data = answer;
	return answer ? 0 : -ENOMEM;
}

static int bench_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

static const struct proc_ops bench_ops = {
	.proc_open = bench_open,
	.proc_write = bench_write,
	.proc_read = bench_read,
	.proc_release = bench_release,
};

static int __init bench_init(void)
{
	return proc_create("gmguard-bench", 0600, NULL, &bench_ops) ?
	       0 : -ENOMEM;
}

static void __exit bench_exit(void)
{
	remove_proc_entry("gmguard-bench", NULL);
	bench_pool_forget();
	bench_unmake();
}

module_init(bench_init);
module_exit(bench_exit);

MODULE_DESCRIPTION("Measurements for gmguard");
MODULE_LICENSE("GPL");
