// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * server.c - see server.h
 */
#include <errno.h>
#include <grp.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <event2/listener.h>

#include "conn.h"
#include "server.h"

/* Seconds without accept() when there are no file descriptors left. */
#define PAUSE_S		1
/* Connections that wait for accept(). */
#define BACKLOG		128
/* File descriptors beside those of connections. */
#define OTHER_FDS	64

/**
 * struct server - the listening sockets
 * @agent: whom they lead to
 * @conns: all connections
 * @tcp: listens on loopback, or NULL
 * @local: listens on a UNIX socket, or NULL
 * @path: path of that
 * @resume: ends a pause
 * @warned: when it was last said that there are too many connections
 */
struct server {
	struct agent *agent;
	struct conn_list conns;
	struct evconnlistener *tcp;
	struct evconnlistener *local;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct event *resume;
	time_t warned;
};

static void handle_resume(evutil_socket_t fd, short what, void *arg)
{
	struct server *server = arg;

	(void)fd;
	(void)what;
	if (server->tcp)
		evconnlistener_enable(server->tcp);
	if (server->local)
		evconnlistener_enable(server->local);
}

static void handle_accept(struct evconnlistener *listener, evutil_socket_t fd,
			  struct sockaddr *addr, int len, void *arg)
{
	struct server *server = arg;
	unsigned int most = server->agent->conf->max_connections;
	struct timespec now;

	(void)listener;
	(void)addr;
	(void)len;
	if (server->agent->connections < most) {
		server->agent->tally.accepted++;
		if (conn_open(&server->conns, fd))
			log_err("connection refused: out of memory");
		return;
	}
	server->agent->tally.turned_away++;
	evutil_closesocket(fd);
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec == server->warned)
		return;
	server->warned = now.tv_sec;
	log_warn("connection refused: there are %u already, see max_connections",
		 most);
}

static void handle_error(struct evconnlistener *listener, void *arg)
{
	struct timeval pause = { .tv_sec = PAUSE_S };
	struct server *server = arg;

	log_err("cannot accept connections: %s", strerror(errno));
	evconnlistener_disable(listener);
	event_add(server->resume, &pause);
}

static struct evconnlistener *listen_on(struct server *server,
					const struct sockaddr *addr,
					socklen_t len)
{
	struct evconnlistener *listener;

	listener = evconnlistener_new_bind(server->agent->base, handle_accept,
					   server, LEV_OPT_CLOSE_ON_FREE |
					   LEV_OPT_CLOSE_ON_EXEC |
					   LEV_OPT_REUSEABLE, BACKLOG, addr,
					   len);
	if (listener)
		evconnlistener_set_error_cb(listener, handle_error);
	return listener;
}

/* Enough file descriptors for as many connections as are allowed. */
static void raise_limit(rlim_t most)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) ||
	    limit.rlim_cur >= most + OTHER_FDS)
		return;
	limit.rlim_cur = most + OTHER_FDS;
	if (limit.rlim_max < limit.rlim_cur)
		limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/**
 * server_new() - make a server that does not listen yet
 * @agent: whom it leads to
 *
 * Return: the server, for server_free(); NULL without memory.
 */
struct server *server_new(struct agent *agent)
{
	struct server *server = calloc(1, sizeof(*server));

	if (!server)
		return NULL;
	server->agent = agent;
	server->conns.agent = agent;
	server->resume = evtimer_new(agent->base, handle_resume, server);
	if (!server->resume) {
		free(server);
		return NULL;
	}
	raise_limit(agent->conf->max_connections);
	return server;
}

/**
 * server_free() - stop listening and end all connections
 * @server: the server, or NULL
 */
void server_free(struct server *server)
{
	if (!server)
		return;
	conn_close_all(&server->conns);
	if (server->tcp)
		evconnlistener_free(server->tcp);
	if (server->local) {
		evconnlistener_free(server->local);
		unlink(server->path);
	}
	event_free(server->resume);
	free(server);
}

/**
 * server_listen_tcp() - listen on the loopback interface
 * @server: the server
 *
 * Return: 0, or a negative errno after a message.
 */
int server_listen_tcp(struct server *server)
{
	const struct conf *conf = server->agent->conf;
	int error;

	if (!conf->tcp_len)
		return 0;
	server->tcp = listen_on(server, (const struct sockaddr *)&conf->tcp,
				conf->tcp_len);
	if (server->tcp)
		return 0;
	error = errno;
	log_err("cannot listen on listen_tcp: %s%s", strerror(error),
		error == EADDRINUSE ? " (does another gmguardd run?)" : "");
	return -error;
}

/* Does somebody listen there? Otherwise it is what a crash left behind. */
static bool is_in_use(const struct sockaddr_un *addr)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool used = fd < 0 || !connect(fd, (const struct sockaddr *)addr,
				       sizeof(*addr)) ||
		    errno == EAGAIN || errno == EACCES;

	if (fd >= 0)
		close(fd);
	return used;
}

/**
 * server_make_room() - remove the UNIX socket that a crash left behind
 * @addr: where to listen; its directory is made if only that is missing
 *
 * Return: 0, or a negative errno: -EADDRINUSE when somebody listens there.
 */
int server_make_room(const struct sockaddr_un *addr)
{
	char path[sizeof(addr->sun_path)];
	struct stat st;

	strcpy(path, addr->sun_path);
	if (mkdir(dirname(path), 0755) && errno != EEXIST)
		return -errno;
	if (lstat(addr->sun_path, &st))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	if (is_in_use(addr))
		return -EADDRINUSE;
	return unlink(addr->sun_path) ? -errno : 0;
}

static int give_to_group(const char *path, const char *name)
{
	struct group *group;

	if (!*name)
		return 0;
	errno = 0;
	group = getgrnam(name);
	if (!group) {
		log_err("unix_group: there is no group %s", name);
		return -EINVAL;
	}
	if (!lchown(path, -1, group->gr_gid))
		return 0;
	log_err("unix_group: cannot give %s to group %s: %s", path, name,
		strerror(errno));
	return -errno;
}

/**
 * server_listen_unix() - listen on a UNIX socket
 * @server: the server
 *
 * Return: 0, or a negative errno after a message.
 */
int server_listen_unix(struct server *server)
{
	const struct conf *conf = server->agent->conf;
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	mode_t mask;
	int ret;

	if (!*conf->listen_unix)
		return 0;
	strcpy(addr.sun_path, conf->listen_unix);
	ret = server_make_room(&addr);
	if (!ret) {
		mask = umask(0777 & ~conf->unix_mode);
		server->local = listen_on(server, (struct sockaddr *)&addr,
					  sizeof(addr));
		ret = server->local ? 0 : -errno;
		umask(mask);
	}
	if (ret) {
		log_err("cannot listen on %s: %s%s", addr.sun_path,
			strerror(-ret), ret == -EADDRINUSE ?
			" (another gmguardd runs)" : "");
		return ret;
	}
	strcpy(server->path, addr.sun_path);
	return give_to_group(server->path, conf->unix_group);
}
