// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cli-values.c - values on gmguard's command line: read whole or refused, and
 * shown so that people and terminals survive them.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../agent/cmd/cli.h"
#include "cli-tap.h"

/* The last message, in place of cli.c. */
static char message[1024];
static struct cli c = { .path = "test" };

int cli_usage(const struct cli *cli, const char *fmt, ...)
{
	va_list ap;

	(void)cli;
	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	return CLI_USAGE;
}

int cli_fail(const struct cli *cli, int status, const char *fmt, ...)
{
	va_list ap;

	(void)cli;
	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	return status;
}

static void test_numbers(void)
{
	static const struct {
		const char *text;
		bool good;
		uint32_t value;
	} row[] = {
		{ "1", true, 1 }, { "65535", true, 65535 },
		{ "007", true, 7 }, { "0x10", true, 16 },
		{ "0XfF", true, 255 },
		{ "", false, 0 }, { " 1", false, 0 }, { "1 ", false, 0 },
		{ "+1", false, 0 }, { "-1", false, 0 }, { "1x", false, 0 },
		{ "0x", false, 0 }, { "0xg", false, 0 }, { "1.0", false, 0 },
		{ "1e3", false, 0 }, { "0", false, 0 },
		{ "65536", false, 0 }, { "4294967297", false, 0 },
		{ "18446744073709551617", false, 0 },
		{ "99999999999999999999999999", false, 0 },
		{ "0x100000001", false, 0 }, { "١", false, 0 },
	};
	char text[128];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		uint32_t v = 0;
		int ret = cli_u32(&c, "port", row[i].text, 1, 65535, &v);

		snprintf(text, sizeof(text), "number \"%s\" is %s",
			 row[i].text, row[i].good ? "taken" : "refused");
		ok(row[i].good ? !ret && v == row[i].value :
		   ret == CLI_USAGE, text);
	}
	cli_u32(&c, "port-uc", "65536", 1, 65535, &(uint32_t){ 0 });
	same(message, "port-uc: 65536 is out of range; give 1 to 65535",
	     "a number out of range names the range");
	cli_u32(&c, "port-uc", "abc", 1, 65535, &(uint32_t){ 0 });
	same(message, "port-uc: \"abc\" is not a number; give 1 to 65535",
	     "what is no number is shown with the range");
}

static void test_times(void)
{
	static const struct {
		const char *text;
		uint32_t ms;	/* 0: refused */
	} row[] = {
		{ "90000", 90000 }, { "90s", 90000 }, { "1m30s", 90000 },
		{ "500ms", 500 }, { "1h", 3600000 },
		{ "1d1h1m1s1ms", 90061001 }, { "49d", 4233600000u },
		{ "0", 0 }, { "0s", 0 }, { "", 0 }, { "s", 0 }, { "1", 1 },
		{ "1.5s", 0 }, { "-1s", 0 }, { "30s1m", 0 }, { "1s1s", 0 },
		{ "1m 30s", 0 }, { "1y", 0 }, { "50d", 0 },
		{ "4294967296", 0 }, { "99999999999999999999", 0 },
		{ "99999999999999999999d", 0 }, { "1hour", 0 },
	};
	char text[128];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		uint32_t ms = 0;
		int ret = cli_ms(&c, "lifetime-ms", row[i].text, &ms);

		snprintf(text, sizeof(text), "time \"%s\" is %s",
			 row[i].text, row[i].ms ? "taken" : "refused");
		ok(row[i].ms ? !ret && ms == row[i].ms : ret == CLI_USAGE,
		   text);
	}
}

static void test_ports(void)
{
	uint16_t list[GMGUARD_PORT_PC_MAX];
	static const char * const bad[] = {
		"", ",", "1,", ",1", "1-", "-1", "2-1", "1-2-3", "1,1",
		"5-7,6", "0", "65536", "65535-65536", "1-65535", "a", "1 ,2",
	};
	char buf[512], text[128];
	unsigned int n;
	size_t i;

	ok(!cli_ports(&c, "port-pc", "6110-6112,7000,6120-6121", list, &n,
		      64) && n == 6 && list[2] == 6112 && list[3] == 7000,
	   "ports and ranges are taken");
	same(format_ports(list, n, buf, sizeof(buf)),
	     "6110-6112,7000,6120,6121", "ports are shown as ranges");
	same(format_ports(list, 0, buf, sizeof(buf)), "-",
	     "no ports are shown as a dash");
	ok(!cli_ports(&c, "port-pc", "1000-1063", list, &n, 64) && n == 64,
	   "as many ports as fit are taken");
	ok(cli_ports(&c, "port-pc", "1000-1064", list, &n, 64) == CLI_USAGE &&
	   strstr(message, "at most 64"), "one more is refused");
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		snprintf(text, sizeof(text), "ports \"%s\" are refused",
			 bad[i]);
		ok(cli_ports(&c, "port-pc", bad[i], list, &n, 64) ==
		   CLI_USAGE, text);
	}
}

static void test_addresses(void)
{
	static const char * const bad[] = {
		"", "10.33.0", "10.33.0.256", "010.33.0.1", "10.33.0.1 ",
		"[10.33.0.1]", "fd33::1%eth0", "[fd33::1", "fd33::1]", "::g",
		"localhost", "[]", "[",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb",
	};
	static const char * const bad_prefix[] = {
		"10.0.0.0/", "10.0.0.0/33", "10.0.0.0/0", "10.0.0.1/8",
		"fd44::/129", "fd44::1/64", "10.0.0.0/8x", "10.0.0.0/-8",
		"10.0.0.0/8/8", "/8", "10.0.0.0/ 8", "x", "",
		"10.0.0.0/99999999999999999999",
	};
	struct gmg_prefix list[4];
	struct gmg_addr addr;
	char text[128], buf[GMG_ADDR_TEXT_MAX];
	unsigned int n;
	size_t i;

	ok(!cli_addr(&c, "addr", "10.33.0.1", &addr) &&
	   addr.family == AF_INET, "an IPv4 address is taken");
	ok(!cli_addr(&c, "addr", "[FD33:0::1]", &addr) &&
	   addr.family == AF_INET6, "an IPv6 address in brackets is taken");
	same(gmg_addr_format(&addr, buf, sizeof(buf)), "fd33::1",
	     "an IPv6 address is shown in its shortest form");
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		snprintf(text, sizeof(text), "address \"%.40s\" is refused",
			 bad[i]);
		ok(cli_addr(&c, "addr", bad[i], &addr) == CLI_USAGE &&
		   addr.family == AF_UNSPEC, text);
	}
	ok(!cli_prefixes(&c, "exempt", "10.44.0.0/24,fd44::/64,10.1.2.3",
			 list, &n, 4) && n == 3 && list[2].len == 32 &&
	   list[1].len == 64, "prefixes are taken");
	ok(cli_prefixes(&c, "exempt", "10.0.0.1,10.0.0.2,10.0.0.3,10.0.0.4,10.0.0.5",
			list, &n, 4) == CLI_USAGE, "too many are refused");
	for (i = 0; i < ARRAY_SIZE(bad_prefix); i++) {
		snprintf(text, sizeof(text), "prefix \"%s\" is refused",
			 bad_prefix[i]);
		ok(cli_prefixes(&c, "exempt", bad_prefix[i], list, &n, 4) ==
		   CLI_USAGE, text);
	}
	cli_prefixes(&c, "exempt", "10.0.0.1/8", list, &n, 4);
	same(message, "exempt: 10.0.0.1/8 has bits beyond its length; set them to zero or give a longer length",
	     "a prefix with host bits says what to do");
}

static const struct cli_key keys[] = {
	{ "addr", "local-addr", "ADDRESS", true, "an address" },
	{ "port-ps", NULL, "PORTS", false, "ports" },
	{ 0 }
};

static void test_pairs(void)
{
	char *v[2];

	ok(!cli_pairs(&c, keys, 2, (char *[]){ "port_ps=1", "local_addr=x" },
		      v) && !strcmp(v[0], "x") && !strcmp(v[1], "1"),
	   "keys are found by alias and with '_'");
	ok(cli_pairs(&c, keys, 2, (char *[]){ "addr=x", "local-addr=y" },
		     v) == CLI_USAGE, "a key twice is refused");
	same(message, "addr is given twice; say it once", "... with its name");
	cli_pairs(&c, keys, 1, (char *[]){ "addres=x" }, v);
	same(message, "unknown key \"addres\"; the keys are addr, port-ps",
	     "an unknown key names the allowed ones");
	cli_pairs(&c, keys, 1, (char *[]){ "port-ps=1" }, v);
	same(message, "addr is missing; give addr=ADDRESS",
	     "a missing key shows its form");
	cli_pairs(&c, keys, 1, (char *[]){ "addr=" }, v);
	same(message, "addr has no value; give ADDRESS",
	     "an empty value is refused");
	ok(cli_pairs(&c, keys, 1, (char *[]){ "addr" }, v) == CLI_USAGE,
	   "a word without '=' is refused");
}

static int secret_of(const char *text, struct cli_secret *s)
{
	char *copy = strdup(text);
	size_t len = strlen(text), i;
	int ret;

	memset(s, 0, sizeof(*s));
	ret = cli_secret(&c, "alg-key", copy, s);
	for (i = 0; text[0] != '@' && text[0] != '-' && i < len; i++)
		if (copy[i])
			ret = -1;
	free(copy);
	return ret;
}

static void test_keys(void)
{
	static const char * const bad[] = { "", "0x", "0", "001", "0g", "00 " };
	static const uint8_t want[] = { 0x00, 0xaf, 0xFA };
	char path[] = "/tmp/cli-values.XXXXXX", arg[64], text[64], hex[140];
	int fd = mkstemp(path);
	struct cli_secret s;
	size_t i;

	ok(!secret_of("0x00afFA", &s) && s.len == 3 &&
	   !memcmp(s.bytes, want, 3),
	   "a key on the command line is taken and overwritten there");
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		snprintf(text, sizeof(text), "key \"%s\" is refused", bad[i]);
		ok(secret_of(bad[i], &s) == CLI_USAGE, text);
	}
	secret_of("00zz1122", &s);
	ok(!strstr(message, "zz") && !strstr(message, "1122"),
	   "a refusal does not show the key");
	memset(hex, 'a', 128);
	hex[128] = '\0';
	ok(!secret_of(hex, &s) && s.len == 64, "a key of 64 bytes is taken");
	strcat(hex, "aa");
	ok(secret_of(hex, &s) == CLI_USAGE, "a longer one is refused");

	ok(write(fd, "00AFfa\r\nignored", 15) == 15, "make a file");
	snprintf(arg, sizeof(arg), "@%s", path);
	ok(!secret_of(arg, &s) && s.len == 3 && !memcmp(s.bytes, want, 3),
	   "a key in a file is taken");
	lseek(fd, 0, SEEK_SET);
	dup2(fd, STDIN_FILENO);
	ok(!secret_of("-", &s) && s.len == 3 && !memcmp(s.bytes, want, 3),
	   "a key on a line of standard input is taken");
	ok(read(STDIN_FILENO, text, sizeof(text)) == 7,
	   "... and nothing behind that line");
	unlink(path);
	ok(secret_of(arg, &s) == CLI_REFUSED, "a missing file is refused");
	ok(secret_of("@/dev/zero", &s) == CLI_REFUSED,
	   "an endless line is refused");
}

static void test_format(void)
{
	static const struct {
		uint64_t ms;
		const char *text;
	} row[] = {
		{ 0, "0ms" }, { 999, "999ms" }, { 1000, "1.0s" },
		{ 9999, "9.9s" }, { 10000, "10s" }, { 59999, "59s" },
		{ 60000, "1m0s" }, { 238000, "3m58s" }, { 3599999, "59m59s" },
		{ 3600000, "1h0m" }, { 86399999, "23h59m" },
		{ 86400000, "1d0h" }, { UINT32_MAX, "49d17h" },
		{ UINT64_MAX, "213503982334d14h" },
	};
	static const struct {
		const char *in, *out;
	} dirty[] = {
		{ "a@b", "a@b" }, { "\033[31mred", "\\x1b[31mred" },
		{ "a\nb\tc\177", "a\\x0ab\\x09c\\x7f" },
		{ "J\303\266rg", "J\303\266rg" },
		{ "\302\233K", "\\xc2\\x9bK" }, { "\377x", "\\xffx" },
		{ "\300\257", "\\xc0\\xaf" }, { "\355\240\200",
		  "\\xed\\xa0\\x80" }, { "\303", "\\xc3" },
		{ "\364\220\200\200", "\\xf4\\x90\\x80\\x80" },
	};
	char buf[256], text[128];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		snprintf(text, sizeof(text), "a duration shows as %s",
			 row[i].text);
		same(format_duration(row[i].ms, buf, DURATION_TEXT_MAX),
		     row[i].text, text);
	}
	for (i = 0; i < ARRAY_SIZE(dirty); i++) {
		size_t n = strlen(dirty[i].in);

		snprintf(text, sizeof(text), "bytes from outside show as %s",
			 dirty[i].out);
		same(format_clean(dirty[i].in, n, buf, CLEAN_TEXT_MAX(n) + 5),
		     dirty[i].out, text);
	}
	ok(text_is_utf8("J\303\266", 3) && !text_is_utf8("\303", 1) &&
	   !text_is_utf8("a\0b", 3), "text is told from bytes");
	ok(text_columns("J\303\266rg") == 4, "columns are characters");
}

static void test_wrap(void)
{
	char *out = NULL;
	size_t size;
	FILE *f = open_memstream(&out, &size);

	fputs("  ", f);
	print_wrapped(f, 2, 12, "one two three  four abcdefghijklmnop z");
	fclose(f);
	same(out, "  one two\n  three four\n  abcdefghijklmnop\n  z\n",
	     "text wraps between words");
	free(out);
}

int main(void)
{
	test_numbers();
	test_times();
	test_ports();
	test_addresses();
	test_pairs();
	test_keys();
	test_format();
	test_wrap();
	return done();
}
