// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host.c - what the host has on a guarded address, from /proc and getifaddrs().
 *
 * What can't be read is not found: a process in another container has no entry
 * here, and then nothing is said about it.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host.h"

/* Sockets on protected ports of all endpoints. */
#define SOCKETS_MAX	1024

struct found_socket {
	unsigned long inode;
	size_t endpoint;
	uint16_t port;
};

struct sockets {
	struct found_socket v[SOCKETS_MAX];
	size_t n;
};

static bool protects(const struct gmg_endpoint *ep, unsigned int port)
{
	unsigned int i;

	for (i = 0; i < ep->n_port_ps; i++)
		if (ep->port_ps[i] == port)
			return true;
	for (i = 0; i < ep->n_port_pc; i++)
		if (ep->port_pc[i] == port)
			return true;
	return false;
}

/* "0100007F": words of the address as the host stores them */
static bool read_addr(const char *hex, struct gmg_addr *addr)
{
	size_t len = strspn(hex, "0123456789ABCDEF"), i;
	uint32_t word;

	memset(addr, 0, sizeof(*addr));
	if (len != 8 && len != 32)
		return false;
	addr->family = len == 8 ? AF_INET : AF_INET6;
	for (i = 0; i < len / 8; i++) {
		if (sscanf(hex + 8 * i, "%8x", &word) != 1)
			return false;
		memcpy(&addr->bytes[4 * i], &word, sizeof(word));
	}
	return true;
}

/* Whether a socket with this address gets what comes to the endpoint. */
static bool serves(const struct gmg_addr *addr, const struct gmg_endpoint *ep)
{
	static const uint8_t any[16];

	if (!memcmp(addr->bytes, any, sizeof(any)))
		return addr->family == AF_INET6 ||
		       ep->local_addr.family == AF_INET;
	return gmg_addr_equal(addr, &ep->local_addr);
}

static void keep_socket(const char *line, bool tcp,
			const struct gmg_endpoint *ep, size_t n,
			struct sockets *found)
{
	unsigned int port, state;
	char hex[40];
	struct gmg_addr addr;
	unsigned long inode;
	size_t i;

	if (sscanf(line, " %*u: %39[0-9A-F]:%4x %*[0-9A-F:] %2x %*s %*s %*s %*u %*u %lu",
		   hex, &port, &state, &inode) != 4 ||
	    !inode || !read_addr(hex, &addr))
		return;
	/* 10: TCP_LISTEN; connections say nothing about who owns the port */
	if (tcp && state != 10)
		return;
	for (i = 0; i < n && found->n < SOCKETS_MAX; i++)
		if (serves(&addr, &ep[i]) && protects(&ep[i], port))
			found->v[found->n++] = (struct found_socket){
				.inode = inode,
				.endpoint = i,
				.port = (uint16_t)port,
			};
}

static void find_sockets(const struct gmg_endpoint *ep, size_t n,
			 struct sockets *found)
{
	static const char * const paths[] = {
		"/proc/net/tcp", "/proc/net/tcp6",
		"/proc/net/udp", "/proc/net/udp6",
	};
	char line[512];
	size_t i;
	FILE *f;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		f = fopen(paths[i], "re");
		while (f && fgets(line, sizeof(line), f))
			keep_socket(line, i < 2, ep, n, found);
		if (f)
			fclose(f);
	}
}

/* Name, and time since the start, from /proc/PID/stat. */
static bool read_process(int pid, struct host_listener *who)
{
	unsigned long long start;
	char path[64], buf[1024], *name, *end;
	struct timespec now;
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	len = fread(buf, 1, sizeof(buf) - 1, f);
	fclose(f);
	buf[len] = '\0';
	/* the name stands in parentheses and may hold anything */
	name = strchr(buf, '(');
	end = strrchr(buf, ')');
	if (!name || !end ||
	    sscanf(end + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
		   &start) != 1)
		return false;
	*end = '\0';
	clock_gettime(CLOCK_BOOTTIME, &now);
	start = start * 1000 / (unsigned long)sysconf(_SC_CLK_TCK);
	who->pid = pid;
	who->age_ms = (uint64_t)now.tv_sec * 1000 +
		      (uint64_t)now.tv_nsec / 1000000;
	who->age_ms = who->age_ms > start ? who->age_ms - start : 0;
	snprintf(who->name, sizeof(who->name), "%s", name + 1);
	return true;
}

/* The oldest process is the program, the others are its children. */
static void note_holder(const struct found_socket *s, int pid,
			const struct gmg_endpoint *ep, struct host *host)
{
	struct host_listener who, *old = NULL;
	size_t i;

	if (!read_process(pid, &who))
		return;
	who.endpoint_id = ep[s->endpoint].id;
	who.port = s->port;
	for (i = 0; i < host->n_listeners; i++)
		if (host->listener[i].endpoint_id == who.endpoint_id)
			old = &host->listener[i];
	if (!old)
		host->listener[host->n_listeners++] = who;
	else if (old->age_ms < who.age_ms)
		*old = who;
}

/* Whether the process holds one of the sockets; then it is noted. */
static void look_at_process(int pid, const struct sockets *found,
			    const struct gmg_endpoint *ep, struct host *host)
{
	char path[64], link[64];
	unsigned long inode;
	struct dirent *entry;
	ssize_t len;
	size_t i;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		len = readlinkat(dirfd(dir), entry->d_name, link,
				 sizeof(link) - 1);
		if (len < 0)
			continue;
		link[len] = '\0';
		if (sscanf(link, "socket:[%lu]", &inode) != 1)
			continue;
		for (i = 0; i < found->n; i++)
			if (found->v[i].inode == inode)
				note_holder(&found->v[i], pid, ep, host);
	}
	if (dir)
		closedir(dir);
}

static void find_listeners(const struct gmg_endpoint *ep, size_t n,
			   struct sockets *found, struct host *host)
{
	struct dirent *entry;
	DIR *dir;

	find_sockets(ep, n, found);
	dir = found->n ? opendir("/proc") : NULL;
	while (dir && (entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]))
			look_at_process(atoi(entry->d_name), found, ep, host);
	if (dir)
		closedir(dir);
}

static void knob_path(const struct host_iface *iface, const char *knob,
		      char *path, size_t size)
{
	snprintf(path, size, "/proc/sys/net/ipv%d/conf/%s/%s",
		 iface->ipv6 ? 6 : 4, iface->name, knob);
}

static bool read_knob(const struct host_iface *iface, const char *knob)
{
	char path[128];
	FILE *f;
	int c;

	knob_path(iface, knob, path, sizeof(path));
	f = fopen(path, "re");
	if (!f)
		return false;
	c = getc(f);
	fclose(f);
	return c != EOF && c != '0';
}

/**
 * host_enable() - set a sysctl of an interface to 0
 * @iface: the interface
 * @knob: "disable_xfrm" or "disable_policy"
 *
 * Return: 0, or a negative errno.
 */
int host_enable(const struct host_iface *iface, const char *knob)
{
	char path[128];
	int fd, ret = 0;

	knob_path(iface, knob, path, sizeof(path));
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, "0\n", 2) != 2)
		ret = -EIO;
	close(fd);
	return ret;
}

static bool has_addr(const struct ifaddrs *ifa, const struct gmg_addr *addr)
{
	const void *bytes;

	if (!ifa->ifa_addr || ifa->ifa_addr->sa_family != addr->family)
		return false;
	if (addr->family == AF_INET)
		bytes = &((struct sockaddr_in *)ifa->ifa_addr)->sin_addr;
	else
		bytes = &((struct sockaddr_in6 *)ifa->ifa_addr)->sin6_addr;
	return !memcmp(bytes, addr->bytes, gmg_addr_len(addr));
}

static void find_ifaces(const struct gmg_endpoint *ep, size_t n,
			struct host *host)
{
	struct ifaddrs *all, *ifa;
	struct host_iface *iface;
	size_t i;

	if (getifaddrs(&all))
		return;
	for (i = 0; i < n; i++) {
		for (ifa = all; ifa; ifa = ifa->ifa_next)
			if (has_addr(ifa, &ep[i].local_addr))
				break;
		/* A loopback device has both set, and nothing leaves there. */
		if (!ifa || ifa->ifa_flags & IFF_LOOPBACK)
			continue;
		iface = &host->iface[host->n_ifaces++];
		snprintf(iface->name, sizeof(iface->name), "%s",
			 ifa->ifa_name);
		iface->name[strcspn(iface->name, ":")] = '\0';
		iface->ipv6 = ep[i].local_addr.family == AF_INET6;
		iface->disable_xfrm = !iface->ipv6 &&
				      read_knob(iface, "disable_xfrm");
		iface->disable_policy = read_knob(iface, "disable_policy");
	}
	freeifaddrs(all);
}

/**
 * host_look() - find processes and interfaces of endpoints
 * @endpoints: they
 * @n: how many
 * @host: result, for host_free() whatever is returned
 *
 * Return: 0, or -ENOMEM.
 */
int host_look(const struct gmg_endpoint *endpoints, size_t n,
	      struct host *host)
{
	struct sockets *found = calloc(1, sizeof(*found));

	*host = (struct host){
		.listener = calloc(n + 1, sizeof(*host->listener)),
		.iface = calloc(n + 1, sizeof(*host->iface)),
	};
	if (!found || !host->listener || !host->iface) {
		free(found);
		return -ENOMEM;
	}
	find_listeners(endpoints, n, found, host);
	find_ifaces(endpoints, n, host);
	free(found);
	return 0;
}

/**
 * host_free() - free what was found
 * @host: it
 */
void host_free(struct host *host)
{
	free(host->listener);
	free(host->iface);
	*host = (struct host){ 0 };
}
