// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ask.c - asks gmguardd, see gmguard-rpc(7).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli.h"
#include "../conf.h"

/* An agent that is busy for longer is not worth waiting for. */
#define ANSWER_TIMEOUT_S	1
#define ANSWER_MAX		(1 << 22)
#define ANSWER_STEP		(1 << 14)

#define REQUEST "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\"}\n"

static void ignore(const char *text, void *arg)
{
	(void)text;
	(void)arg;
}

/**
 * agent_socket() - where gmguardd listens
 * @path: its UNIX socket: that of its configuration, or the default one
 * @size: bytes of @path
 */
void agent_socket(char *path, size_t size)
{
	struct conf *conf = conf_load(CONF_PATH, ignore, NULL);

	snprintf(path, size, "%s", conf ? conf->listen_unix :
		 CONF_LISTEN_UNIX);
	conf_free(conf);
}

static int connect_to(const char *path)
{
	struct timeval wait = { .tv_sec = ANSWER_TIMEOUT_S };
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	if (!connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return fd;
	close(fd);
	return -1;
}

/* One line, for free(); NULL without one. */
static char *read_line(int fd, size_t *len)
{
	char *text = NULL, *more;
	ssize_t n = 1;

	*len = 0;
	while (n > 0 && *len < ANSWER_MAX &&
	       !(text && memchr(text, '\n', *len))) {
		more = realloc(text, *len + ANSWER_STEP);
		if (!more)
			break;
		text = more;
		n = recv(fd, text + *len, ANSWER_STEP, 0);
		*len += n > 0 ? n : 0;
	}
	return text;
}

/**
 * ask_agent() - call a method of gmguardd
 * @path: its UNIX socket
 * @method: the method, which takes no parameters
 *
 * Return: the result, a new reference; NULL when it does not answer.
 */
json_t *ask_agent(const char *path, const char *method)
{
	json_t *answer = NULL, *result;
	char request[128], *text;
	int fd = connect_to(path);
	size_t len;

	if (fd < 0)
		return NULL;
	snprintf(request, sizeof(request), REQUEST, method);
	if (send(fd, request, strlen(request), MSG_NOSIGNAL) >= 0) {
		text = read_line(fd, &len);
		if (text)
			answer = json_loadb(text, len, 0, NULL);
		free(text);
	}
	close(fd);
	result = json_incref(json_object_get(answer, "result"));
	json_decref(answer);
	return result;
}
