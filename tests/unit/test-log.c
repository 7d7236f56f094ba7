// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages: fields for the journal, lines for everybody else.
 */
#include <stdio.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "log.h"
#include "test.h"

static char journal[4096];
static int journal_fails;
static char path[] = "/tmp/gmguard-log-XXXXXX";

/* Stands in for libsystemd. */
int sd_journal_sendv(const struct iovec *iov, int n);
int sd_journal_sendv(const struct iovec *iov, int n)
{
	if (journal_fails)
		return -1;
	for (int i = 0; i < n; i++)
		sprintf(journal + strlen(journal), "%.*s|",
			(int)iov[i].iov_len, (char *)iov[i].iov_base);
	return 0;
}

/* Say something with standard error in a file; return what is in it. */
static const char *say(int level, const struct log_about *about,
		       const char *text)
{
	static char line[4096];
	int old = dup(STDERR_FILENO);
	ssize_t len;
	FILE *file;

	journal[0] = '\0';
	fflush(stderr);
	file = fopen(path, "w+");
	assert_non_null(file);
	dup2(fileno(file), STDERR_FILENO);
	log_open();
	log_about(level, about, "%s", text);
	dup2(old, STDERR_FILENO);
	close(old);
	len = pread(fileno(file), line, sizeof(line) - 1, 0);
	fclose(file);
	assert_true(len >= 0);
	line[len] = '\0';
	return line;
}

static void be_journal(int yes)
{
	char stream[64];
	struct stat st;

	if (!yes) {
		unsetenv("JOURNAL_STREAM");
		return;
	}
	assert_int_equal(stat(path, &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu",
		 (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
}

static const struct log_about about = {
	.method = "register", .impi = "u@r", .ue = "10.0.0.1",
	.call_id = "c\n1", .set = 7,
};

static void test_line(void **state)
{
	(void)state;
	be_journal(0);
	assert_string_equal(say(LOG_INFO, &about, "why\nnot\x1b"),
		"<6>register: why?not? set=7 ue=10.0.0.1 impi=u@r call_id=c?1\n");
	assert_string_equal(say(LOG_ERR, NULL, "plain"), "<3>plain\n");
	assert_string_equal(journal, "");
}

static void test_level(void **state)
{
	(void)state;
	be_journal(0);
	assert_string_equal(say(LOG_DEBUG, NULL, "quiet"), "");
	log_set_level(LOG_DEBUG);
	assert_string_equal(say(LOG_DEBUG, NULL, "loud"), "<7>loud\n");
	log_set_level(LOG_INFO);
}

static void test_long(void **state)
{
	static char text[8000];

	(void)state;
	be_journal(0);
	memset(text, 'x', sizeof(text) - 1);
	assert_true(strlen(say(LOG_INFO, &about, text)) < 1200);
}

#ifdef HAVE_SYSTEMD
static void test_journal(void **state)
{
	(void)state;
	be_journal(1);
	assert_string_equal(say(LOG_NOTICE, &about, "why\nnot"), "");
	assert_string_equal(journal,
		"PRIORITY=5|SYSLOG_IDENTIFIER=gmguardd|MESSAGE=why?not|GMGUARD_METHOD=register|GMGUARD_IMPI=u@r|GMGUARD_UE=10.0.0.1|GMGUARD_CALL_ID=c\n1|GMGUARD_SET=7|");
	journal_fails = 1;
	assert_string_equal(say(LOG_NOTICE, NULL, "still"), "<5>still\n");
	journal_fails = 0;
}
#endif

int main(void)
{
	int ret;

	close(mkstemp(path));
	add_test("lines with priorities, which nobody can forge", test_line);
	add_test("levels", test_level);
	add_test("a message that is too long is cut", test_long);
#ifdef HAVE_SYSTEMD
	add_test("fields for the journal, lines when it fails", test_journal);
#endif
	ret = run_all("log");
	unlink(path);
	return ret;
}
