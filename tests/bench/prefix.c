// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a lookup in kmod/prefix.c costs, beside one in the kernel's own trie
 * (BPF_MAP_TYPE_LPM_TRIE), with the same prefixes and addresses like each
 * other, in the same run. Both columns are without the loop around them.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "prefix.h"

#define RUNS 2000000u
#define ROUNDS 5

static uint64_t state = 88172645463325252ull;

static uint32_t any(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state >> 16;
}

static int bpf(int cmd, union bpf_attr *attr)
{
	int ret = syscall(SYS_bpf, cmd, attr, sizeof(*attr));

	if (ret < 0) {
		perror("bpf");
		exit(1);
	}
	return ret;
}

/* An address like those of the prefixes: in 10/8, or in fd50::/16. */
static struct gmg_addr address(bool v6)
{
	struct gmg_addr addr = { { any(), 0, 0, 0 } };
	uint8_t *byte = (uint8_t *)&addr;

	if (!v6) {
		byte[0] = 10;
		return addr;
	}
	addr.w[1] = any();
	addr.w[2] = any();
	addr.w[3] = any();
	byte[0] = 0xfd;
	byte[1] = 0x50;
	return addr;
}

static void clean(struct gmg_prefix *prefix)
{
	uint8_t *byte = (uint8_t *)&prefix->addr;
	unsigned int bit;

	for (bit = prefix->len; bit < 128; bit++)
		byte[bit / 8] &= ~(0x80 >> bit % 8);
}

static void fill(struct gmg_prefix_table *table, uint32_t n, bool v6)
{
	uint32_t i;

	table->n_entries = n;
	table->entry = calloc(n, sizeof(*table->entry));
	table->start = calloc(GMG_PREFIX_STARTS(n), sizeof(*table->start));
	table->longest = calloc(GMG_PREFIX_STARTS(n), sizeof(*table->longest));
	table->bucket = calloc(GMG_PREFIX_BUCKETS(n), sizeof(*table->bucket));
	for (i = 0; i < n; i++) {
		struct gmg_prefix *prefix = &table->entry[i].prefix;

		prefix->len = v6 ? 40 + any() % 25 : 16 + any() % 17;
		prefix->addr = address(v6);
		clean(prefix);
	}
	gmg_prefix_table_build(table);
}

static int trie(const struct gmg_prefix_table *table, bool v6)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_LPM_TRIE,
		.key_size = 4 + (v6 ? 16 : 4),
		.value_size = 4,
		.max_entries = table->n_entries,
		.map_flags = BPF_F_NO_PREALLOC,
	};
	int fd = bpf(BPF_MAP_CREATE, &attr);
	uint32_t i;

	for (i = 0; i < table->n_entries; i++) {
		const struct gmg_prefix *prefix = &table->entry[i].prefix;
		struct {
			uint32_t len;
			struct gmg_addr addr;
		} key = { prefix->len, prefix->addr };
		union bpf_attr update = {
			.map_fd = fd,
			.key = (uintptr_t)&key,
			.value = (uintptr_t)&i,
		};

		bpf(BPF_MAP_UPDATE_ELEM, &update);
	}
	return fd;
}

#define INSN(op, to, from, offset, value) \
	((struct bpf_insn){ .code = (op), .dst_reg = (to), .src_reg = (from), \
			    .off = (offset), .imm = (value) })
#define CALL(number) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, number)
#define STORE(offset) \
	INSN(BPF_STX | BPF_MEM | BPF_W, BPF_REG_10, 0, offset, 0)
#define ALU(op, value) INSN(BPF_ALU | BPF_K | (op), 0, 0, 0, value)

/* A program that makes an address, and looks it up if there is a map. */
static int program(int map, bool v6)
{
	int words = v6 ? 4 : 1, n = 0, i;
	struct bpf_insn insn[32];
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_SCHED_CLS,
		.insns = (uintptr_t)insn,
		.license = (uintptr_t)"GPL",
	};

	for (i = 0; i < words; i++) {
		insn[n++] = CALL(BPF_FUNC_get_prandom_u32);
		if (!i) {
			insn[n++] = ALU(BPF_AND, v6 ? 0xffff0000 : 0xffffff00);
			insn[n++] = ALU(BPF_OR, v6 ? 0x50fd : 10);
		}
		insn[n++] = STORE(4 * i - 16);
	}
	insn[n++] = INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 32 * words);
	insn[n++] = STORE(-20);
	if (map >= 0) {
		insn[n++] = INSN(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1,
				 BPF_PSEUDO_MAP_FD, 0, map);
		insn[n++] = INSN(0, 0, 0, 0, 0);
		insn[n++] = INSN(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_2,
				 BPF_REG_10, 0, 0);
		insn[n++] = INSN(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0,
				 -20);
		insn[n++] = CALL(BPF_FUNC_map_lookup_elem);
	}
	insn[n++] = INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0);
	insn[n++] = INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	attr.insn_cnt = n;
	return bpf(BPF_PROG_LOAD, &attr);
}

/* Nanoseconds of a run. */
static double run(int fd)
{
	static uint8_t frame[64];
	union bpf_attr attr = {
		.test = {
			.prog_fd = fd,
			.data_in = (uintptr_t)frame,
			.data_size_in = sizeof(frame),
			.repeat = RUNS,
		},
	};

	bpf(BPF_PROG_TEST_RUN, &attr);
	return attr.test.duration;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* Nanoseconds of an address, and of a lookup if there is a table. */
static double loop(const struct gmg_prefix_table *table, bool v6)
{
	volatile uint32_t sink = 0;
	double begin = seconds();
	uint32_t i;

	for (i = 0; i < RUNS; i++) {
		struct gmg_addr addr = address(v6);

		sink += table ? gmg_prefix_find(table, &addr) : addr.w[0];
	}
	return (seconds() - begin) * 1e9 / RUNS;
}

/* The best of some rounds: what disturbs only makes it slower. */
static double best(double (*take)(const void *, bool), const void *with,
		   const void *without, bool v6)
{
	double least = 1e9, base = 1e9;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		double one = take(with, v6), none = take(without, v6);

		least = one < least ? one : least;
		base = none < base ? none : base;
	}
	return least - base;
}

static double take_loop(const void *table, bool v6)
{
	return loop(table, v6);
}

static double take_run(const void *fd, bool v6)
{
	(void)v6;
	return run(*(const int *)fd);
}

int main(void)
{
	static const uint32_t sizes[] = { 1, 100, 10000, 100000 };
	int v6;
	size_t i;

	printf("%-6s %9s %12s %12s %7s\n", "family", "prefixes", "gmguard ns",
	       "trie ns", "ratio");
	for (v6 = 0; v6 < 2; v6++) {
		for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			struct gmg_prefix_table table = { 0 };
			double own, other;
			int with, without;

			fill(&table, sizes[i], v6);
			with = program(trie(&table, v6), v6);
			without = program(-1, v6);
			own = best(take_loop, &table, NULL, v6);
			other = best(take_run, &with, &without, v6);
			printf("IPv%d   %9u %12.1f %12.1f %7.2f\n",
			       v6 ? 6 : 4, sizes[i], own, other,
			       other > 0 ? own / other : 0);
			fflush(stdout);
		}
	}
	return 0;
}
