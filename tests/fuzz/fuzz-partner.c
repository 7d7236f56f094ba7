// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent/cert.c and dns.c: certificates of strangers and answers of name
 * servers. Whatever comes: a name is the partner's only if it stands in the
 * certificate, what is logged is one line, hosts are few and have a port.
 *
 * Input: a byte, 0 for a certificate in DER, 1 for one in PEM, else an answer;
 * then that.
 */
#include <ctype.h>

#include "cert.h"
#include "dns.h"
#include "fuzz.h"

#define DOMAIN	"partner.example"

static bool contains(const uint8_t *data, size_t size, const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i + len <= size; i++) {
		size_t k = 0;

		while (k < len && tolower(data[i + k]) == text[k])
			k++;
		if (k == len)
			return true;
	}
	return false;
}

static void check_cert(const struct cert *cert, const struct input *in)
{
	char text[CERT_TEXT_MAX];
	enum cert_match match = cert_matches(cert, DOMAIN);

	CHECK(match == CERT_OTHER || match == CERT_MATCHES ||
	      match == CERT_WILDCARD);
	/* a common name may be in UTF-16 */
	if (in && X509_get_ext_by_NID(cert->own, NID_subject_alt_name, -1) < 0)
		in = NULL;
	if (in && match == CERT_MATCHES)
		CHECK(contains(in->p, in->left, DOMAIN));
	if (in && match == CERT_WILDCARD)
		CHECK(contains(in->p, in->left, "*"));
	cert_describe(cert, text, sizeof(text));
	CHECK(is_printable(text) && strlen(text) < sizeof(text));
}

static void check_der(struct input *in)
{
	const uint8_t *at = in->p;
	struct cert cert = { .own = d2i_X509(NULL, &at, in->left) };

	if (cert.own)
		check_cert(&cert, in);
	cert_clear(&cert);
}

static void check_pem(struct input *in)
{
	char *text = take_text(in);
	struct cert cert;

	if (cert_read(text, &cert)) {
		CHECK(strstr(text, "-----BEGIN "));
		check_cert(&cert, NULL);
	}
	cert_clear(&cert);
	free(text);
}

static uint32_t first_of(uint32_t bound)
{
	CHECK(bound);
	return bound / 2;
}

static void check_answer(struct input *in)
{
	uint8_t *answer = (uint8_t *)copy_bytes(in->p, in->left);
	char name[DNS_NAME_MAX];
	struct dns_hosts hosts;
	int ret;

	CHECK(dns_ttl(answer, in->left) <= DNS_TTL_MAX);
	if (dns_read_naptr(answer, in->left, name))
		CHECK(*name && strlen(name) < DNS_NAME_MAX);
	ret = dns_read_srv(answer, in->left, &hosts);
	CHECK(hosts.n <= DNS_HOSTS_MAX && !ret == !!hosts.n);
	dns_order(&hosts, first_of);
	for (unsigned int i = 0; i < hosts.n; i++) {
		CHECK(hosts.host[i].port && *hosts.host[i].name);
		CHECK(!i || hosts.host[i].priority >=
		      hosts.host[i - 1].priority);
	}
	free(answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };

	switch (take_byte(&in)) {
	case 0:
		check_der(&in);
		break;
	case 1:
		check_pem(&in);
		break;
	default:
		check_answer(&in);
	}
	return 0;
}
