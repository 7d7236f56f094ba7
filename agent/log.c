// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * log.c - see log.h
 *
 * To the journal with fields when standard error is the journal, else as
 * lines on standard error: plain on a terminal, with <N> priorities otherwise.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#ifdef HAVE_SYSTEMD
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>
#endif

#include "log.h"

/* Longest message; longer ones are cut. */
#define TEXT_MAX	1024

static struct {
	int level;
	bool journal;
	bool terminal;
} state = { .level = LOG_INFO };

/* systemd.exec(5): $JOURNAL_STREAM names the journal's device and inode. */
static bool is_journal(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 &&
	       !fstat(fd, &st) && st.st_dev == dev && st.st_ino == ino;
}

/**
 * log_open() - find out where standard error leads to
 */
void log_open(void)
{
#ifdef HAVE_SYSTEMD
	state.journal = is_journal(STDERR_FILENO);
#else
	(void)is_journal;
#endif
	state.terminal = isatty(STDERR_FILENO);
}

/**
 * log_set_level() - choose what is worth a message
 * @level: LOG_ERR to LOG_DEBUG, as in syslog(3)
 */
void log_set_level(int level)
{
	state.level = level;
}

/* What came from the network must not be able to forge a line. */
static void make_printable(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
	}
}

#ifdef HAVE_SYSTEMD
/**
 * struct fields - what is sent to the journal
 * @iov: the fields
 * @n: how many of them
 */
struct fields {
	struct iovec iov[9];
	int n;
};

static void add(struct fields *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void add(struct fields *f, const char *fmt, ...)
{
	char *text;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len < 0)
		return;
	f->iov[f->n].iov_base = text;
	f->iov[f->n++].iov_len = len;
}

static bool to_journal(int level, const struct log_about *about,
		       const char *text)
{
	struct fields f = { .n = 0 };
	bool sent;

	add(&f, "PRIORITY=%d", level);
	add(&f, "SYSLOG_IDENTIFIER=gmguardd");
	add(&f, "MESSAGE=%s", text);
	if (about && about->method)
		add(&f, "GMGUARD_METHOD=%s", about->method);
	if (about && about->impi && *about->impi)
		add(&f, "GMGUARD_IMPI=%s", about->impi);
	if (about && about->ue)
		add(&f, "GMGUARD_UE=%s", about->ue);
	if (about && about->call_id)
		add(&f, "GMGUARD_CALL_ID=%s", about->call_id);
	if (about && about->set)
		add(&f, "GMGUARD_SET=%" PRIu32, about->set);
	if (about && about->peer)
		add(&f, "GMGUARD_PEER=%s", about->peer);
	sent = !sd_journal_sendv(f.iov, f.n);
	while (f.n)
		free(f.iov[--f.n].iov_base);
	return sent;
}
#else
static bool to_journal(int level, const struct log_about *about,
		       const char *text)
{
	(void)level;
	(void)about;
	(void)text;
	return false;
}
#endif

static void to_stderr(int level, const struct log_about *about,
		      const char *text)
{
	char line[3 * TEXT_MAX];
	size_t len = 0, size = sizeof(line);

	if (!state.terminal)
		len += snprintf(line + len, size - len, "<%d>", level);
	if (about && about->method)
		len += snprintf(line + len, size - len, "%s: ", about->method);
	len += snprintf(line + len, size - len, "%s", text);
	if (about && about->set)
		len += snprintf(line + len, size - len, " set=%" PRIu32,
				about->set);
	if (about && about->ue)
		len += snprintf(line + len, size - len, " ue=%s", about->ue);
	if (about && about->impi && *about->impi)
		len += snprintf(line + len, size - len, " impi=%.256s",
				about->impi);
	if (about && about->call_id)
		snprintf(line + len, size - len, " call_id=%.256s",
			 about->call_id);
	make_printable(line);
	fprintf(stderr, "%s\n", line);
}

/**
 * log_about() - say something about somebody
 * @level: LOG_ERR to LOG_DEBUG
 * @about: who and what, or NULL
 * @fmt: printf() format
 */
void log_about(int level, const struct log_about *about, const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	if (level > state.level)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	make_printable(text);
	if (!state.journal || !to_journal(level, about, text))
		to_stderr(level, about, text);
}
