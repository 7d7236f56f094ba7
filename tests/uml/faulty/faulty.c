// SPDX-License-Identifier: GPL-2.0-only
/*
 * One mistake of each kind that the sanitizer kernel has to notice, made when
 * the module is loaded with its name: tests/uml/selftest.
 */
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rculist.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

static char *fault = "none";
module_param(fault, charp, 0444);
MODULE_PARM_DESC(fault, "which mistake to make");

/* Beyond what the compiler can see. */
static int six = 6;
static char table[4];
static struct timer_list timer;
static struct timer_list *heap_timer;
static char __rcu *shared;

static void use_after_free(void)
{
	char *p = kmalloc(64, GFP_KERNEL);

	kfree(p);
	WRITE_ONCE(p[8], 1);
}

static void out_of_bounds(void)
{
	char *p = kmalloc(64, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(p);
	WRITE_ONCE(p[58 + six], 1);
	kfree(p);
}

static void vmalloc_out_of_bounds(void)
{
	char *p = vmalloc(100);

	OPTIMIZER_HIDE_VAR(p);
	WRITE_ONCE(p[100], 1);
	vfree(p);
}

static void shift(void)
{
	WRITE_ONCE(six, 1 << (six + 30));
}

static void bounds(void)
{
	WRITE_ONCE(table[six], 1);
}

static void leak(void)
{
	char *p = kmalloc(64, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(p);
}

static void inversion(void)
{
	static DEFINE_MUTEX(a);
	static DEFINE_MUTEX(b);

	mutex_lock(&a);
	mutex_lock(&b);
	mutex_unlock(&b);
	mutex_unlock(&a);
	mutex_lock(&b);
	mutex_lock(&a);
	mutex_unlock(&a);
	mutex_unlock(&b);
}

static void in_softirq_context(struct timer_list *unused);

static DEFINE_SPINLOCK(softirq_lock);

static void in_softirq_context(struct timer_list *unused)
{
	spin_lock(&softirq_lock);
	spin_unlock(&softirq_lock);
}

/* Taken in a softirq, and by a task that lets softirqs in. */
static void softirq_unsafe(void)
{
	timer_setup(&timer, in_softirq_context, 0);
	mod_timer(&timer, jiffies);
	while (timer_pending(&timer))
		schedule_timeout_uninterruptible(1);
	spin_lock(&softirq_lock);
	spin_unlock(&softirq_lock);
	del_timer_sync(&timer);
}

static void held_at_exit(void)
{
	static DEFINE_MUTEX(held);

	mutex_lock(&held);
}

static void sleep_in_spinlock(void)
{
	static DEFINE_SPINLOCK(lock);

	spin_lock(&lock);
	kfree(kmalloc(64, GFP_KERNEL));
	spin_unlock(&lock);
}

static void sleep_in_rcu(void)
{
	rcu_read_lock();
	kfree(kmalloc(64, GFP_KERNEL));
	rcu_read_unlock();
}

static void dereference(void)
{
	WRITE_ONCE(six, !rcu_dereference(shared));
}

static void nothing(struct timer_list *unused)
{
}

static void object_freed(void)
{
	heap_timer = kmalloc(sizeof(*heap_timer), GFP_KERNEL);
	timer_setup(heap_timer, nothing, 0);
	mod_timer(heap_timer, jiffies + HZ);
	kfree(heap_timer);
}

static void object_twice(void)
{
	timer_setup(&timer, nothing, 0);
	mod_timer(&timer, jiffies + HZ);
	timer_setup(&timer, nothing, 0);
	del_timer_sync(&timer);
}

static void called(struct rcu_head *unused)
{
}

static void callback_twice(void)
{
	static struct rcu_head head;

	init_rcu_head(&head);
	call_rcu(&head, called);
	call_rcu(&head, called);
	rcu_barrier();
}

static void refcount(void)
{
	refcount_t count = REFCOUNT_INIT(0);

	refcount_inc(&count);
}

static void cache(void)
{
	struct kmem_cache *c = kmem_cache_create("faulty", 64, 0, 0, NULL);
	void *object = kmem_cache_alloc(c, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(object);
	kmem_cache_destroy(c);
}

static void warning(void)
{
	WARN_ON(six);
}

static void list(void)
{
	static LIST_HEAD(head);
	struct list_head entry;

	list_add(&entry, &head);
	list_del(&entry);
	list_del(&entry);
}

static const struct {
	const char *name;
	void (*make)(void);
} faults[] = {
#define FAULT(name) { #name, name }
	FAULT(use_after_free),
	FAULT(out_of_bounds),
	FAULT(vmalloc_out_of_bounds),
	FAULT(shift),
	FAULT(bounds),
	FAULT(leak),
	FAULT(inversion),
	FAULT(softirq_unsafe),
	FAULT(held_at_exit),
	FAULT(sleep_in_spinlock),
	FAULT(sleep_in_rcu),
	FAULT(dereference),
	FAULT(object_freed),
	FAULT(object_twice),
	FAULT(callback_twice),
	FAULT(refcount),
	FAULT(cache),
	FAULT(warning),
	FAULT(list),
#undef FAULT
};

static int __init faulty_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		if (!strcmp(fault, faults[i].name)) {
			faults[i].make();
			return 0;
		}
	}
	return strcmp(fault, "none") ? -EINVAL : 0;
}

static void __exit faulty_exit(void)
{
}

module_init(faulty_init);
module_exit(faulty_exit);
MODULE_DESCRIPTION("Mistakes for the sanitizers to find");
MODULE_LICENSE("GPL");
