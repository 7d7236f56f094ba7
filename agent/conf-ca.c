// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conf-ca.c - the files that [peer] sections name with "ca"
 *
 * What is in such a file is trusted as it is, whether it signed itself or not:
 * a proxy hands over the certificate of the other side without those between.
 */
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "conf-value.h"

/* Longest chain that is followed. */
#define DEPTH_MAX	5
/* 112 bits: no SHA-1, no RSA below 2048 bits (TS 33.310). */
#define AUTH_LEVEL	2

/*
 * Return: how many certificates of CAs there are, -1: one cannot be taken.
 */
static int add_all(X509_STORE *store, const STACK_OF(X509_INFO) *list,
		   unsigned long *flags)
{
	int n = 0;

	for (int i = 0; i < sk_X509_INFO_num(list); i++) {
		const X509_INFO *info = sk_X509_INFO_value(list, i);

		if (info->x_pkey)
			return -1;
		if (info->x509 && (!X509_check_ca(info->x509) ||
				   !X509_STORE_add_cert(store, info->x509)))
			return -1;
		if (info->crl && !X509_STORE_add_crl(store, info->crl))
			return -1;
		n += !!info->x509;
		if (info->crl)
			*flags |= X509_V_FLAG_CRL_CHECK;
	}
	return n;
}

/**
 * conf_ca_load() - read who may issue the certificate of a network
 * @path: a PEM file: certificates, and revocation lists, which then count
 *
 * Return: for X509_STORE_CTX_init(); NULL when anything is wrong with it.
 */
struct x509_store_st *conf_ca_load(const char *path)
{
	BIO *file = *path == '/' ? BIO_new_file(path, "re") : NULL;
	X509_VERIFY_PARAM *param = X509_VERIFY_PARAM_new();
	unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN;
	STACK_OF(X509_INFO) *list = NULL;
	X509_STORE *store = X509_STORE_new();
	int n = -1;

	if (file)
		list = PEM_X509_INFO_read_bio(file, NULL, NULL, NULL);
	if (list && store && param) {
		n = add_all(store, list, &flags);
		X509_VERIFY_PARAM_set_flags(param, flags);
		X509_VERIFY_PARAM_set_depth(param, DEPTH_MAX);
		X509_VERIFY_PARAM_set_auth_level(param, AUTH_LEVEL);
		if (!X509_STORE_set1_param(store, param))
			n = -1;
	}
	X509_VERIFY_PARAM_free(param);
	sk_X509_INFO_pop_free(list, X509_INFO_free);
	BIO_free(file);
	if (n > 0)
		return store;
	X509_STORE_free(store);
	return NULL;
}

/**
 * conf_ca_free() - give it back
 * @ca: what conf_ca_load() returned, or NULL
 */
void conf_ca_free(struct x509_store_st *ca)
{
	X509_STORE_free(ca);
}
