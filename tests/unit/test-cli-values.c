// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Values on gmguard's command line: read whole or refused, and shown so that
 * people and terminals survive them.
 */
#include <stdarg.h>
#include <unistd.h>

#include "cmd/cli.h"
#include "test.h"

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

/* One value of a kind: taken as @value, or refused. */
struct value_row {
	const char *name;
	const char *text;
	bool good;
	uint32_t value;
};

#define TAKEN(kind, text, value) \
	{ "cli: " kind " \"" text "\" is taken", text, true, value }
#define REFUSED(kind, text) \
	{ "cli: " kind " \"" text "\" is refused", text, false, 0 }

static const struct value_row numbers[] = {
	TAKEN("number", "1", 1), TAKEN("number", "65535", 65535),
	TAKEN("number", "007", 7), TAKEN("number", "0x10", 16),
	TAKEN("number", "0XfF", 255),
	REFUSED("number", ""), REFUSED("number", " 1"),
	REFUSED("number", "1 "), REFUSED("number", "+1"),
	REFUSED("number", "-1"), REFUSED("number", "1x"),
	REFUSED("number", "0x"), REFUSED("number", "0xg"),
	REFUSED("number", "1.0"), REFUSED("number", "1e3"),
	REFUSED("number", "0"), REFUSED("number", "65536"),
	REFUSED("number", "4294967297"),
	REFUSED("number", "18446744073709551617"),
	REFUSED("number", "99999999999999999999999999"),
	REFUSED("number", "0x100000001"), REFUSED("number", "١"),
};

static void test_number(void **state)
{
	const struct value_row *row = *state;
	uint32_t v = 0;

	assert_int_equal(cli_u32(&c, "port", row->text, 1, 65535, &v),
			 row->good ? CLI_OK : CLI_USAGE);
	assert_int_equal(v, row->value);
}

static void test_number_message(void **state)
{
	uint32_t v;

	(void)state;
	cli_u32(&c, "port-uc", "65536", 1, 65535, &v);
	assert_string_equal(message, "port-uc: 65536 is out of range; give 1 to 65535");
	cli_u32(&c, "port-uc", "abc", 1, 65535, &v);
	assert_string_equal(message, "port-uc: \"abc\" is not a number; give 1 to 65535");
}

static const struct value_row times[] = {
	TAKEN("time", "90000", 90000), TAKEN("time", "90s", 90000),
	TAKEN("time", "1m30s", 90000), TAKEN("time", "500ms", 500),
	TAKEN("time", "1h", 3600000), TAKEN("time", "1", 1),
	TAKEN("time", "1d1h1m1s1ms", 90061001),
	TAKEN("time", "49d", 4233600000u),
	REFUSED("time", "0"), REFUSED("time", "0s"), REFUSED("time", ""),
	REFUSED("time", "s"), REFUSED("time", "1.5s"), REFUSED("time", "-1s"),
	REFUSED("time", "30s1m"), REFUSED("time", "1s1s"),
	REFUSED("time", "1m 30s"), REFUSED("time", "1y"),
	REFUSED("time", "50d"), REFUSED("time", "4294967296"),
	REFUSED("time", "99999999999999999999"),
	REFUSED("time", "99999999999999999999d"), REFUSED("time", "1hour"),
};

static void test_time(void **state)
{
	const struct value_row *row = *state;
	uint32_t ms = 0;

	assert_int_equal(cli_ms(&c, "lifetime-ms", row->text, &ms),
			 row->good ? CLI_OK : CLI_USAGE);
	assert_int_equal(ms, row->value);
}

static const struct value_row bad_ports[] = {
	REFUSED("ports", ""), REFUSED("ports", ","), REFUSED("ports", "1,"),
	REFUSED("ports", ",1"), REFUSED("ports", "1-"), REFUSED("ports", "-1"),
	REFUSED("ports", "2-1"), REFUSED("ports", "1-2-3"),
	REFUSED("ports", "1,1"), REFUSED("ports", "5-7,6"),
	REFUSED("ports", "0"), REFUSED("ports", "65536"),
	REFUSED("ports", "65535-65536"), REFUSED("ports", "1-65535"),
	REFUSED("ports", "a"), REFUSED("ports", "1 ,2"),
};

static void test_bad_ports(void **state)
{
	const struct value_row *row = *state;
	uint16_t list[GMGUARD_PORT_PC_MAX];
	unsigned int n;

	assert_int_equal(cli_ports(&c, "port-pc", row->text, list, &n, 64),
			 CLI_USAGE);
}

static void test_ports(void **state)
{
	uint16_t list[GMGUARD_PORT_PC_MAX];
	char buf[512];
	unsigned int n;

	(void)state;
	assert_int_equal(cli_ports(&c, "port-pc",
				   "6110-6112,7000,6120-6121", list, &n, 64),
			 CLI_OK);
	assert_int_equal(n, 6);
	assert_int_equal(list[2], 6112);
	assert_int_equal(list[3], 7000);
	assert_string_equal(format_ports(list, n, buf, sizeof(buf)),
			    "6110-6112,7000,6120,6121");
	assert_string_equal(format_ports(list, 0, buf, sizeof(buf)), "-");
}

static void test_port_room(void **state)
{
	uint16_t list[GMGUARD_PORT_PC_MAX];
	unsigned int n;

	(void)state;
	assert_int_equal(cli_ports(&c, "port-pc", "1000-1063", list, &n, 64),
			 CLI_OK);
	assert_int_equal(n, 64);
	assert_int_equal(cli_ports(&c, "port-pc", "1000-1064", list, &n, 64),
			 CLI_USAGE);
	assert_non_null(strstr(message, "at most 64"));
}

static const struct value_row addresses[] = {
	TAKEN("address", "10.33.0.1", AF_INET),
	TAKEN("address", "[FD33:0::1]", AF_INET6),
	REFUSED("address", ""), REFUSED("address", "10.33.0"),
	REFUSED("address", "10.33.0.256"), REFUSED("address", "010.33.0.1"),
	REFUSED("address", "10.33.0.1 "), REFUSED("address", "[10.33.0.1]"),
	REFUSED("address", "fd33::1%eth0"), REFUSED("address", "[fd33::1"),
	REFUSED("address", "fd33::1]"), REFUSED("address", "::g"),
	REFUSED("address", "localhost"), REFUSED("address", "[]"),
	REFUSED("address", "["),
	REFUSED("address",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb"),
};

static void test_address(void **state)
{
	const struct value_row *row = *state;
	struct gmg_addr addr;

	assert_int_equal(cli_addr(&c, "addr", row->text, &addr),
			 row->good ? CLI_OK : CLI_USAGE);
	assert_int_equal(addr.family, row->good ? (int)row->value : AF_UNSPEC);
}

static void test_address_form(void **state)
{
	char buf[GMG_ADDR_TEXT_MAX];
	struct gmg_addr addr;

	(void)state;
	cli_addr(&c, "addr", "[FD33:0::1]", &addr);
	assert_string_equal(gmg_addr_format(&addr, buf, sizeof(buf)),
			    "fd33::1");
}

static const struct value_row bad_prefixes[] = {
	REFUSED("prefix", "10.0.0.0/"), REFUSED("prefix", "10.0.0.0/33"),
	REFUSED("prefix", "10.0.0.0/0"), REFUSED("prefix", "10.0.0.1/8"),
	REFUSED("prefix", "fd44::/129"), REFUSED("prefix", "fd44::1/64"),
	REFUSED("prefix", "10.0.0.0/8x"), REFUSED("prefix", "10.0.0.0/-8"),
	REFUSED("prefix", "10.0.0.0/8/8"), REFUSED("prefix", "/8"),
	REFUSED("prefix", "10.0.0.0/ 8"), REFUSED("prefix", "x"),
	REFUSED("prefix", ""),
	REFUSED("prefix", "10.0.0.0/99999999999999999999"),
};

static void test_bad_prefix(void **state)
{
	const struct value_row *row = *state;
	struct gmg_prefix list[4];
	unsigned int n;

	assert_int_equal(cli_prefixes(&c, "exempt", row->text, list, &n, 4),
			 CLI_USAGE);
}

static void test_prefixes(void **state)
{
	struct gmg_prefix list[4];
	unsigned int n;

	(void)state;
	assert_int_equal(cli_prefixes(&c, "exempt",
				      "10.44.0.0/24,fd44::/64,10.1.2.3",
				      list, &n, 4), CLI_OK);
	assert_int_equal(n, 3);
	assert_int_equal(list[1].len, 64);
	assert_int_equal(list[2].len, 32);
	assert_int_equal(cli_prefixes(&c, "exempt",
				      "10.0.0.1,10.0.0.2,10.0.0.3,10.0.0.4,10.0.0.5",
				      list, &n, 4), CLI_USAGE);
	cli_prefixes(&c, "exempt", "10.0.0.1/8", list, &n, 4);
	assert_string_equal(message, "exempt: 10.0.0.1/8 has bits beyond its length; set them to zero or give a longer length");
}

/* A verb's arguments: the values of addr, port-ps and quick, or a message. */
enum { ADDR, PORT_PS, QUICK, KEY_NUM };

static const struct cli_key keys[] = {
	[ADDR] = { "addr", "local-addr", "ADDRESS", true, "an address" },
	[PORT_PS] = { "port-ps", NULL, "PORTS", false, "ports" },
	[QUICK] = { "quick", NULL, NULL, false, "a flag" },
	{ 0 }
};

static const struct pair_row {
	const char *name;
	const char *arg[4];
	const char *value[KEY_NUM];
	const char *message;
} pairs[] = {
	{ "cli: keys are found by alias and with '_'",
	  { "port_ps=1", "local_addr=x" }, { "x", "1" }, NULL },
	{ "cli: a flag is given by its name alone",
	  { "quick", "addr=x" }, { "x", NULL, "" }, NULL },
	{ "cli: a key twice is refused", { "addr=x", "local-addr=y" }, { 0 },
	  "addr is given twice; say it once" },
	{ "cli: a flag twice is refused", { "quick", "quick" }, { 0 },
	  "quick is given twice; say it once" },
	{ "cli: an unknown key names the allowed ones", { "addres=x" }, { 0 },
	  "unknown key \"addres\"; the keys are addr, port-ps, quick" },
	{ "cli: a missing key shows its form", { "port-ps=1" }, { 0 },
	  "addr is missing; give addr=ADDRESS" },
	{ "cli: an empty value is refused", { "addr=" }, { 0 },
	  "addr has no value; give ADDRESS" },
	{ "cli: a value of a flag is refused", { "quick=no" }, { 0 },
	  "quick takes no value; give it alone" },
	{ "cli: a word without '=' is refused", { "addr" }, { 0 },
	  "\"addr\" is not KEY=VALUE; see \"gmguard help test\"" },
	{ "cli: a word that is no flag is refused", { "quickly" }, { 0 },
	  "\"quickly\" is not KEY=VALUE; see \"gmguard help test\"" },
};

static void test_pairs(void **state)
{
	const struct pair_row *row = *state;
	char *arg[COUNT(row->arg)], *v[KEY_NUM];
	int n = 0, i;

	for (; row->arg[n]; n++)
		arg[n] = (char *)row->arg[n];
	assert_int_equal(cli_pairs(&c, keys, n, arg, v),
			 row->message ? CLI_USAGE : CLI_OK);
	if (row->message) {
		assert_string_equal(message, row->message);
		return;
	}
	for (i = 0; i < KEY_NUM; i++) {
		if (row->value[i])
			assert_string_equal(v[i], row->value[i]);
		else
			assert_null(v[i]);
	}
}

static int secret_of(const char *text, struct cli_secret *s)
{
	char *copy = strdup(text);
	size_t len = strlen(text), i;
	int ret;

	memset(s, 0, sizeof(*s));
	ret = cli_secret(&c, "alg-key", copy, s);
	/* overwritten, taken or not */
	for (i = 0; text[0] != '@' && text[0] != '-' && i < len; i++)
		assert_int_equal(copy[i], 0);
	free(copy);
	return ret;
}

static const uint8_t want[] = { 0x00, 0xaf, 0xFA };

static void test_key_argument(void **state)
{
	struct cli_secret s;

	(void)state;
	assert_int_equal(secret_of("0x00afFA", &s), CLI_OK);
	assert_int_equal(s.len, sizeof(want));
	assert_memory_equal(s.bytes, want, sizeof(want));
}

static const struct value_row bad_keys[] = {
	REFUSED("key", ""), REFUSED("key", "0x"), REFUSED("key", "0"),
	REFUSED("key", "001"), REFUSED("key", "0g"), REFUSED("key", "00 "),
};

static void test_bad_key(void **state)
{
	const struct value_row *row = *state;
	struct cli_secret s;

	assert_int_equal(secret_of(row->text, &s), CLI_USAGE);
}

static void test_key_message(void **state)
{
	struct cli_secret s;

	(void)state;
	secret_of("00zz1122", &s);
	assert_null(strstr(message, "zz"));
	assert_null(strstr(message, "1122"));
}

static void test_key_length(void **state)
{
	struct cli_secret s;
	char hex[140];

	(void)state;
	memset(hex, 'a', 128);
	hex[128] = '\0';
	assert_int_equal(secret_of(hex, &s), CLI_OK);
	assert_int_equal(s.len, 64);
	strcat(hex, "aa");
	assert_int_equal(secret_of(hex, &s), CLI_USAGE);
}

static void test_key_file(void **state)
{
	char path[] = "/tmp/test-cli-values.XXXXXX", arg[64], rest[64];
	int fd = mkstemp(path), in = dup(STDIN_FILENO);
	struct cli_secret s;

	(void)state;
	assert_int_equal(write(fd, "00AFfa\r\nignored", 15), 15);
	snprintf(arg, sizeof(arg), "@%s", path);
	assert_int_equal(secret_of(arg, &s), CLI_OK);
	assert_int_equal(s.len, sizeof(want));
	assert_memory_equal(s.bytes, want, sizeof(want));

	/* a line of standard input, and nothing behind that line */
	lseek(fd, 0, SEEK_SET);
	dup2(fd, STDIN_FILENO);
	assert_int_equal(secret_of("-", &s), CLI_OK);
	assert_int_equal(s.len, sizeof(want));
	assert_memory_equal(s.bytes, want, sizeof(want));
	assert_int_equal(read(STDIN_FILENO, rest, sizeof(rest)), 7);
	dup2(in, STDIN_FILENO);
	close(in);
	close(fd);

	unlink(path);
	assert_int_equal(secret_of(arg, &s), CLI_REFUSED);
	assert_int_equal(secret_of("@/dev/zero", &s), CLI_REFUSED);
}

static const struct duration_row {
	const char *name;
	uint64_t ms;
} durations[] = {
	{ "0ms", 0 }, { "999ms", 999 }, { "1.0s", 1000 }, { "9.9s", 9999 },
	{ "10s", 10000 }, { "59s", 59999 }, { "1m0s", 60000 },
	{ "3m58s", 238000 }, { "59m59s", 3599999 }, { "1h0m", 3600000 },
	{ "23h59m", 86399999 }, { "1d0h", 86400000 },
	{ "49d17h", UINT32_MAX }, { "213503982334d14h", UINT64_MAX },
};

static void test_durations(void **state)
{
	char buf[DURATION_TEXT_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(durations); i++)
		assert_string_equal(format_duration(durations[i].ms, buf,
						    sizeof(buf)),
				    durations[i].name);
}

static const struct clean_row {
	const char *name;
	const char *in;
	const char *out;
} dirty[] = {
	{ "cli: plain text stays", "a@b", "a@b" },
	{ "cli: UTF-8 stays", "J\303\266rg", "J\303\266rg" },
	{ "cli: no escape sequence", "\033[31mred", "\\x1b[31mred" },
	{ "cli: no control character", "a\nb\tc\177", "a\\x0ab\\x09c\\x7f" },
	{ "cli: no C1 control in UTF-8", "\302\233K", "\\xc2\\x9bK" },
	{ "cli: no byte that is not UTF-8", "\377x", "\\xffx" },
	{ "cli: no overlong UTF-8", "\300\257", "\\xc0\\xaf" },
	{ "cli: no surrogate", "\355\240\200", "\\xed\\xa0\\x80" },
	{ "cli: no half character", "\303", "\\xc3" },
	{ "cli: no character beyond Unicode", "\364\220\200\200",
	  "\\xf4\\x90\\x80\\x80" },
};

static void test_clean(void **state)
{
	const struct clean_row *row = *state;
	size_t n = strlen(row->in);
	char buf[256];

	assert_string_equal(format_clean(row->in, n, buf,
					 CLEAN_TEXT_MAX(n) + 5), row->out);
}

static void test_text(void **state)
{
	(void)state;
	assert_true(text_is_utf8("J\303\266", 3));
	assert_false(text_is_utf8("\303", 1));
	assert_false(text_is_utf8("a\0b", 3));
	assert_int_equal(text_columns("J\303\266rg"), 4);
}

static void test_wrap(void **state)
{
	char *out = NULL;
	size_t size;
	FILE *f = open_memstream(&out, &size);

	(void)state;
	fputs("  ", f);
	print_wrapped(f, 2, 12, "one two three  four abcdefghijklmnop z");
	fclose(f);
	assert_string_equal(out, "  one two\n  three four\n  abcdefghijklmnop\n  z\n");
	free(out);
}

int main(void)
{
	add_rows(numbers, test_number);
	add_test("cli: a refused number names the range", test_number_message);
	add_rows(times, test_time);
	add_test("cli: ports and ranges are taken, and shown as ranges",
		 test_ports);
	add_test("cli: no more ports are taken than fit", test_port_room);
	add_rows(bad_ports, test_bad_ports);
	add_rows(addresses, test_address);
	add_test("cli: an IPv6 address is shown in its shortest form",
		 test_address_form);
	add_test("cli: prefixes are taken, as many as fit", test_prefixes);
	add_rows(bad_prefixes, test_bad_prefix);
	add_rows(pairs, test_pairs);
	add_test("GM-21 cli: a key on the command line is overwritten there",
		 test_key_argument);
	add_rows(bad_keys, test_bad_key);
	add_test("GM-21 cli: a refusal does not show the key",
		 test_key_message);
	add_test("cli: a key of 64 bytes is taken, a longer one refused",
		 test_key_length);
	add_test("cli: a key in a file or on a line of standard input",
		 test_key_file);
	add_test("cli: durations", test_durations);
	add_rows(dirty, test_clean);
	add_test("cli: text is told from bytes, columns are characters",
		 test_text);
	add_test("cli: text wraps between words", test_wrap);
	return run_all("cli-values");
}
