// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kernel-names.c - names and explanations of the enums, from the same rows of
 * linux/gmguard.h that the kernel module uses.
 */
#include <string.h>
#include <strings.h>

#include "kernel.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define PHASE_NAME(id, name, doc)	[GMGUARD_PHASE_##id] = name,
#define ALG_NAME(id, name, doc)		[GMGUARD_ALG_##id] = name,
#define EALG_NAME(id, name, doc)	[GMGUARD_EALG_##id] = name,
#define EVENT_NAME(id, name, doc)	[GMGUARD_EVENT_##id] = name,
#define CAUSE_NAME(id, name, doc)	[GMGUARD_CAUSE_##id] = name,
#define CAUSE_DOC(id, name, doc)	[GMGUARD_CAUSE_##id] = doc,
#define DIRECTION_NAME(id, name, doc)	[GMGUARD_DIRECTION_##id] = name,
#define SELECTOR_NAME(id, name, doc)	[GMGUARD_SELECTOR_##id] = name,
#define SELECTOR_DOC(id, name, doc)	[GMGUARD_SELECTOR_##id] = doc,
#define CONDITION_NAME(id, name, doc)	[GMGUARD_CONDITION_##id] = name,
#define REASON_NAME(id, name, doc)	[GMGUARD_REASON_##id] = name,
#define REASON_DOC(id, name, doc)	[GMGUARD_REASON_##id] = doc,
#define SA_NAME(id, name, doc)		[GMGUARD_SA_NAME_##id] = name,

static const char * const phases[] = { GMGUARD_PHASES(PHASE_NAME) };
static const char * const algs[] = { GMGUARD_ALGS(ALG_NAME) };
static const char * const ealgs[] = { GMGUARD_EALGS(EALG_NAME) };
static const char * const events[] = { GMGUARD_EVENTS(EVENT_NAME) };
static const char * const causes[] = { GMGUARD_CAUSES(CAUSE_NAME) };
static const char * const cause_docs[] = { GMGUARD_CAUSES(CAUSE_DOC) };
static const char * const directions[] = {
	GMGUARD_DIRECTIONS(DIRECTION_NAME)
};
static const char * const selectors[] = { GMGUARD_SELECTORS(SELECTOR_NAME) };
static const char * const selector_docs[] = {
	GMGUARD_SELECTORS(SELECTOR_DOC)
};
static const char * const conditions[] = {
	GMGUARD_CONDITIONS(CONDITION_NAME)
};
static const char * const reasons[] = { GMGUARD_REASONS(REASON_NAME) };
static const char * const reason_docs[] = { GMGUARD_REASONS(REASON_DOC) };
static const char * const sa_names[] = { GMGUARD_SA_NAMES(SA_NAME) };

_Static_assert(ARRAY_SIZE(sa_names) == GMG_SA_NUM, "four SAs make a set");
_Static_assert(GMGUARD_REASON_MAX < GMG_STATS_MAX, "GMG_STATS_MAX too small");

static const char *name_of(const char * const *list, size_t n, uint32_t i,
			   const char *other)
{
	return i < n && list[i] ? list[i] : other;
}

static int index_of(const char * const *list, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (list[i] && !strcasecmp(list[i], name))
			return (int)i;
	return -1;
}

static uint32_t number_of(const char * const *list, size_t n,
			  const char *name)
{
	int i = index_of(list, n, name);

	return i < 0 ? 0 : (uint32_t)i;
}

/**
 * gmg_phase_name() - name of an enum gmguard_phase
 * @phase: number
 *
 * Return: its name, "unknown" for a number of a newer module.
 */
const char *gmg_phase_name(uint32_t phase)
{
	return name_of(phases, ARRAY_SIZE(phases), phase, "unknown");
}

/**
 * gmg_alg_name() - Annex H token of an integrity algorithm
 * @alg: enum gmguard_alg
 *
 * Return: its name or "unknown".
 */
const char *gmg_alg_name(uint32_t alg)
{
	return name_of(algs, ARRAY_SIZE(algs), alg, "unknown");
}

/**
 * gmg_ealg_name() - Annex H token of an encryption algorithm
 * @ealg: enum gmguard_ealg
 *
 * Return: its name or "unknown".
 */
const char *gmg_ealg_name(uint32_t ealg)
{
	return name_of(ealgs, ARRAY_SIZE(ealgs), ealg, "unknown");
}

/**
 * gmg_event_name() - name of an enum gmguard_event
 * @event: number
 *
 * Return: its name or "unknown".
 */
const char *gmg_event_name(uint32_t event)
{
	return name_of(events, ARRAY_SIZE(events), event, "unknown");
}

/**
 * gmg_cause_name() - name of an enum gmguard_cause
 * @cause: number
 *
 * Return: its name or "unknown".
 */
const char *gmg_cause_name(uint32_t cause)
{
	return name_of(causes, ARRAY_SIZE(causes), cause, "unknown");
}

/**
 * gmg_cause_doc() - explanation of an enum gmguard_cause
 * @cause: number
 *
 * Return: sentences, or "".
 */
const char *gmg_cause_doc(uint32_t cause)
{
	return name_of(cause_docs, ARRAY_SIZE(cause_docs), cause, "");
}

/**
 * gmg_direction_name() - name of an enum gmguard_direction
 * @direction: number
 *
 * Return: its name or "unknown".
 */
const char *gmg_direction_name(uint32_t direction)
{
	return name_of(directions, ARRAY_SIZE(directions), direction,
		       "unknown");
}

/**
 * gmg_selector_name() - name of an enum gmguard_selector
 * @selector: number
 *
 * Return: its name or "unknown".
 */
const char *gmg_selector_name(uint32_t selector)
{
	return name_of(selectors, ARRAY_SIZE(selectors), selector,
		       "unknown");
}

/**
 * gmg_selector_doc() - explanation of an enum gmguard_selector
 * @selector: number
 *
 * Return: sentences, or "".
 */
const char *gmg_selector_doc(uint32_t selector)
{
	return name_of(selector_docs, ARRAY_SIZE(selector_docs), selector,
		       "");
}

/**
 * gmg_condition_name() - name of an enum gmguard_condition
 * @condition: number
 *
 * Return: its name or "unknown".
 */
const char *gmg_condition_name(uint32_t condition)
{
	return name_of(conditions, ARRAY_SIZE(conditions), condition,
		       "unknown");
}

/**
 * gmg_reason_name() - name of an enum gmguard_reason
 * @reason: number
 *
 * Return: its name or "unknown".
 */
const char *gmg_reason_name(uint32_t reason)
{
	return name_of(reasons, ARRAY_SIZE(reasons), reason, "unknown");
}

/**
 * gmg_reason_doc() - explanation of an enum gmguard_reason
 * @reason: number
 *
 * Return: sentences, or "".
 */
const char *gmg_reason_doc(uint32_t reason)
{
	return name_of(reason_docs, ARRAY_SIZE(reason_docs), reason, "");
}

/**
 * gmg_phase_by_name() - find a phase
 * @name: its name in any case
 *
 * Return: enum gmguard_phase, or 0.
 */
uint32_t gmg_phase_by_name(const char *name)
{
	return number_of(phases, ARRAY_SIZE(phases), name);
}

/**
 * gmg_alg_by_name() - find an integrity algorithm
 * @name: its Annex H token in any case
 *
 * Return: enum gmguard_alg, or 0.
 */
uint32_t gmg_alg_by_name(const char *name)
{
	return number_of(algs, ARRAY_SIZE(algs), name);
}

/**
 * gmg_ealg_by_name() - find an encryption algorithm
 * @name: its Annex H token in any case
 *
 * Return: enum gmguard_ealg, or 0.
 */
uint32_t gmg_ealg_by_name(const char *name)
{
	return number_of(ealgs, ARRAY_SIZE(ealgs), name);
}

/**
 * gmg_reason_by_name() - find a reason
 * @name: its name in any case
 *
 * Return: enum gmguard_reason, or 0.
 */
uint32_t gmg_reason_by_name(const char *name)
{
	return number_of(reasons, ARRAY_SIZE(reasons), name);
}

/**
 * gmg_sa_by_name() - find one of the four SAs
 * @name: "a" to "d" in any case
 *
 * Return: enum gmguard_sa_name, or -1.
 */
int gmg_sa_by_name(const char *name)
{
	return index_of(sa_names, ARRAY_SIZE(sa_names), name);
}
