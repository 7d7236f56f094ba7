// SPDX-License-Identifier: GPL-2.0-only
/*
 * Races that a kernel with KCSAN has to report, or else its silence about
 * gmguard says nothing: tests/debugkernel/selftest loads this, once for each
 * kind. Loading fails with -EAGAIN when all is done.
 */
#include <linux/cpu.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/spinlock.h>

static char *kind = "none";
module_param(kind, charp, 0444);
MODULE_PARM_DESC(kind, "none, plain, list, barrier or interrupt");

static unsigned int turns = 100000;
module_param(turns, uint, 0444);
MODULE_PARM_DESC(turns, "of each thread");

static DEFINE_SPINLOCK(lock);
static unsigned long counter;
static unsigned long data;
static int flag;
static struct list_head head = LIST_HEAD_INIT(head);
static struct completion done;

/* What every thread does with a lock, so that nothing races. */
static void count_locked(bool second)
{
	spin_lock(&lock);
	counter++;
	spin_unlock(&lock);
}

/* A counter that somebody forgot to make atomic. */
static void count_plain(bool second)
{
	counter++;
}

/* A list that only one of them locks. */
static void count_list(bool second)
{
	struct list_head entry;

	if (second) {
		counter += list_empty(&head);
		return;
	}
	spin_lock(&lock);
	list_add(&entry, &head);
	list_del(&entry);
	spin_unlock(&lock);
}

/* Data that is there when the flag is set, but for the missing barrier. */
static void publish(bool second)
{
	if (second) {
		if (READ_ONCE(flag)) {
			counter += data;
			/* Pairs with the acquire below: data is read. */
			smp_store_release(&flag, 0);
		}
		/* Pairs with the release above. */
	} else if (!smp_load_acquire(&flag)) {
		data++;
		WRITE_ONCE(flag, 1);
	}
}

static enum hrtimer_restart tick(struct hrtimer *timer)
{
	counter++;
	hrtimer_forward_now(timer, us_to_ktime(200));
	return HRTIMER_RESTART;
}

static const struct kind {
	const char *name;
	void (*turn)(bool second);
} kinds[] = {
	{ "none", count_locked },
	{ "plain", count_plain },
	{ "list", count_list },
	{ "barrier", publish },
	{ "interrupt", count_plain },
};

static const struct kind *chosen;

static int work(void *second)
{
	unsigned int i;

	for (i = 0; i < turns; i++) {
		chosen->turn(second);
		if (i % 1000 == 0)
			cond_resched();
	}
	complete(&done);
	return 0;
}

static int start(unsigned int cpu, void *second)
{
	struct task_struct *task = kthread_create(work, second, "racy");

	if (IS_ERR(task))
		return PTR_ERR(task);
	kthread_bind(task, cpu);
	wake_up_process(task);
	return 0;
}

/* The task that the timer interrupts is on the same CPU. */
static int race_interrupt(void)
{
	struct hrtimer timer;
	int err;

	hrtimer_init_on_stack(&timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	timer.function = tick;
	hrtimer_start(&timer, us_to_ktime(200), HRTIMER_MODE_REL_HARD);
	err = start(smp_processor_id(), NULL);
	if (!err)
		wait_for_completion(&done);
	hrtimer_cancel(&timer);
	destroy_hrtimer_on_stack(&timer);
	return err;
}

static int race_cpus(void)
{
	unsigned int first = cpumask_first(cpu_online_mask);
	unsigned int next = cpumask_next(first, cpu_online_mask);
	int err;

	if (next >= nr_cpu_ids)
		return -ENODEV;
	err = start(first, NULL);
	if (err)
		return err;
	err = start(next, &counter);
	wait_for_completion(&done);
	if (!err)
		wait_for_completion(&done);
	return err;
}

static int __init racy_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kind, kinds[i].name))
			chosen = &kinds[i];
	if (!chosen)
		return -EINVAL;
	init_completion(&done);
	migrate_disable();
	err = strcmp(kind, "interrupt") ? race_cpus() : race_interrupt();
	migrate_enable();
	return err ?: -EAGAIN;
}
module_init(racy_init);

MODULE_DESCRIPTION("Races that KCSAN has to report");
MODULE_LICENSE("GPL");
