// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * impus.c - see impus.h
 */
#include "impus.h"
#include "uris.h"

static bool is_uri_at(const json_t *set, size_t i, const char *uri)
{
	const char *text = json_string_value(json_array_get(set, i));

	return text && uri_same(text, uri);
}

/* Where an identity is in a set; 0, where To is, only with @from 0. */
static bool find_in(const json_t *set, size_t from, const char *uri,
		    size_t *at)
{
	for (*at = from; *at < json_array_size(set); (*at)++) {
		if (is_uri_at(set, *at, uri))
			return true;
	}
	return false;
}

static bool find_set(const json_t *impus, const char *uri, size_t *index)
{
	size_t at;

	for (*index = 0; *index < json_array_size(impus); (*index)++) {
		if (find_in(json_array_get(impus, *index), 0, uri, &at))
			return true;
	}
	return false;
}

/* The URI of To as a string; NULL when there is none. */
static json_t *uri_of_to(const char *to)
{
	json_t *uris = uris_parse(to);
	json_t *uri = json_incref(json_array_get(uris, 0));

	json_decref(uris);
	return uri;
}

static bool is_well_formed(const json_t *set)
{
	for (size_t i = 0; i < json_array_size(set); i++) {
		if (!json_is_string(json_array_get(set, i)))
			return false;
	}
	return json_array_size(set) > 1;
}

/**
 * impus_tidy() - take out what is no identity
 * @impus: an array that came from somewhere; changed
 */
void impus_tidy(json_t *impus)
{
	size_t i = 0;

	while (i < json_array_size(impus)) {
		if (is_well_formed(json_array_get(impus, i)))
			i++;
		else
			json_array_remove(impus, i);
	}
}

/**
 * impus_add() - a public identity was registered
 * @impus: the identities that are registered; changed
 * @to: To of the REGISTER
 * @associated: P-Associated-URI of its 2xx, perhaps ""
 *
 * If it was registered before, what counts is its implicit set of now.
 */
void impus_add(json_t *impus, const char *to, const char *associated)
{
	json_t *uri = uri_of_to(to), *set = json_array();
	json_t *others = uris_parse(associated);
	size_t at;

	if (!uri)
		uri = json_incref(json_array_get(others, 0));
	if (!uri) {
		json_decref(others);
		json_decref(set);
		return;
	}
	json_array_append(set, uri);
	if (json_array_size(others))
		json_array_extend(set, others);
	else
		json_array_append(set, uri);
	if (find_set(impus, json_string_value(uri), &at))
		json_array_set(impus, at, set);
	else
		json_array_append(impus, set);
	json_decref(others);
	json_decref(uri);
	json_decref(set);
}

/**
 * impus_end() - a public identity was deregistered by its UE
 * @impus: the identities that are registered; changed
 * @to: To of the REGISTER
 *
 * Return: whether it was registered; it is gone now, with its implicit set.
 */
bool impus_end(json_t *impus, const char *to)
{
	json_t *uri = uri_of_to(to);
	bool found;
	size_t at;

	found = uri && find_set(impus, json_string_value(uri), &at);
	if (found)
		json_array_remove(impus, at);
	json_decref(uri);
	return found;
}

/**
 * impus_remove() - the network ended one public identity
 * @impus: the identities that are registered; changed
 * @impu: its URI
 *
 * Return: whether it was there; others of its implicit set stay.
 */
bool impus_remove(json_t *impus, const char *impu)
{
	bool found = false;
	size_t i = 0, at;

	while (i < json_array_size(impus)) {
		json_t *set = json_array_get(impus, i);

		while (find_in(set, 1, impu, &at)) {
			json_array_remove(set, at);
			found = true;
		}
		if (json_array_size(set) <= 1) {
			found |= is_uri_at(set, 0, impu);
			json_array_remove(impus, i);
		} else {
			i++;
		}
	}
	return found;
}

/**
 * impus_shorten() - leave out one identity, because there is no room
 * @impus: the identities; the last one that can be spared goes
 *
 * Return: whether there was one.
 */
bool impus_shorten(json_t *impus)
{
	for (size_t i = json_array_size(impus); i--;) {
		json_t *set = json_array_get(impus, i);

		if (json_array_size(set) > 2) {
			json_array_remove(set, json_array_size(set) - 1);
			return true;
		}
	}
	if (!json_array_size(impus))
		return false;
	json_array_remove(impus, json_array_size(impus) - 1);
	return true;
}

/**
 * impus_list() - list the identities
 * @impus: the identities that are registered, or NULL
 *
 * Return: an array of strings, the default identity first, none twice.
 */
json_t *impus_list(const json_t *impus)
{
	json_t *list = json_array();
	size_t i, j, at;
	json_t *set;

	json_array_foreach(impus, i, set) {
		for (j = 1; j < json_array_size(set); j++) {
			json_t *uri = json_array_get(set, j);
			const char *text = json_string_value(uri);

			if (text && !find_in(list, 0, text, &at))
				json_array_append(list, uri);
		}
	}
	return list;
}
