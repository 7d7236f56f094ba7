// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main.c - gmguardd, see gmguardd(8)
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "agent.h"
#include "loop.h"
#include "secret.h"

/**
 * struct options - the command line
 * @conf: configuration file
 * @debug: log everything and leave core files
 */
struct options {
	const char *conf;
	bool debug;
};

static const char help[] =
	"Usage: gmguardd [-c FILE] [-d] [-f]\n"
	"The agent of gmguard: what a SIP proxy asks on every REGISTER.\n"
	"\n"
	"  -c, --config FILE  configuration file (" CONF_PATH ")\n"
	"  -d, --debug        log everything, allow core files\n"
	"  -f, --foreground   stay in the foreground (always so)\n"
	"  -h, --help         show this\n"
	"  -V, --version      show the version\n"
	"\n"
	"See gmguardd(8), gmguard.conf(5) and gmguard-rpc(7).\n";

/* Return: -1 to go on, else the exit status. */
static int read_options(int argc, char **argv, struct options *options)
{
	static const struct option table[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "debug", no_argument, NULL, 'd' },
		{ "foreground", no_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "c:dfhV", table, NULL)) != -1) {
		switch (c) {
		case 'c':
			options->conf = optarg;
			break;
		case 'd':
			options->debug = true;
			break;
		case 'f':
			break;
		case 'h':
			fputs(help, stdout);
			return EXIT_SUCCESS;
		case 'V':
			puts("gmguardd " GMGUARD_VERSION);
			return EXIT_SUCCESS;
		default:
			fputs("Try \"gmguardd --help\".\n", stderr);
			return 2;
		}
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "gmguardd: unexpected argument %s\n"
		"Try \"gmguardd --help\".\n", argv[optind]);
	return 2;
}

/* A core file or a debugger would show keys. */
static void hide_memory(void)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
}

static void report(const char *text, void *arg)
{
	(void)arg;
	log_err("%s", text);
}

/* On a border host, where no UE is, nobody needs the kernel module. */
static int connect_if_needed(struct agent *agent)
{
	int ret;

	if (agent->conf->n_endpoint || agent->conf->guards)
		return agent_connect(agent, LOG_ERR);
	ret = agent_connect(agent, LOG_INFO);
	if (ret == -ENOENT)
		log_notice("nothing in the file needs the kernel module, so it goes on without");
	return ret == -ENOENT ? 0 : ret;
}

static int run(const struct options *options, struct event_base *base)
{
	struct agent agent;
	struct conf *conf;
	int ret;

	conf = conf_load(options->conf, report, NULL);
	if (!conf)
		return -1;
	log_set_level(options->debug ? LOG_DEBUG : conf->log_level);
	ret = agent_setup(&agent, base, conf);
	if (ret)
		log_err("out of memory");
	else
		ret = connect_if_needed(&agent);
	if (!ret)
		ret = loop_run(&agent, options->conf, options->debug);
	agent_clean(&agent);
	return ret;
}

int main(int argc, char **argv)
{
	struct options options = { .conf = CONF_PATH };
	struct event_base *base;
	int ret;

	ret = read_options(argc, argv, &options);
	if (ret >= 0)
		return ret;
	log_open();
	secret_setup();
	if (!options.debug)
		hide_memory();
	signal(SIGPIPE, SIG_IGN);
	base = event_base_new();
	if (!base || hash_setup()) {
		log_err("cannot start: no event loop or no randomness");
		return EXIT_FAILURE;
	}
	ret = run(&options, base);
	event_base_free(base);
	libevent_global_shutdown();
	return ret ? EXIT_FAILURE : EXIT_SUCCESS;
}
