// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ask.c - asks gmguardd how it is, see "status" in gmguard-rpc(7).
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli.h"
#include "../conf.h"

/* An agent that is busy for longer is not worth waiting for. */
#define ANSWER_TIMEOUT_S	1
#define ANSWER_MAX		4096

static const char request[] =
	"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\"}\n";

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

/**
 * ask_agent() - ask gmguardd how it is
 * @path: its UNIX socket
 *
 * Return: the result, a new reference; NULL when it does not answer.
 */
json_t *ask_agent(const char *path)
{
	char text[ANSWER_MAX];
	json_t *answer, *result;
	int fd = connect_to(path);
	size_t len = 0;
	ssize_t n = 1;

	if (fd < 0)
		return NULL;
	if (send(fd, request, strlen(request), MSG_NOSIGNAL) < 0)
		n = 0;
	while (n > 0 && len < sizeof(text) && !memchr(text, '\n', len)) {
		n = recv(fd, text + len, sizeof(text) - len, 0);
		len += n > 0 ? n : 0;
	}
	close(fd);
	answer = json_loadb(text, len, 0, NULL);
	result = json_incref(json_object_get(answer, "result"));
	json_decref(answer);
	return result;
}
