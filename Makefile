# SPDX-License-Identifier: GPL-2.0-only
#
# make demo       install what is needed, build, show a registration in a VM
# make check      install what is needed, build, pass the tests
# make kunit      run the module's KUnit suites on User-Mode Linux
# make sanitize   pass the tests under KASAN, lockdep and the like, and with
#                 allocations that fail; QUICK=1: the quick ones
# make check-kernels  build for each of Debian's kernels and pass the tests on it
# make prove      prove what the module's parsers and verdicts do for all inputs
# make fuzz       fuzz for SECONDS=600 together, going on from earlier runs
# make bench      measure speed and size beside what users would pick instead;
#                 QUICK=1: in five minutes
# make chart      draw the sequence chart in README.md anew
# make deb        build the Debian packages, into build/deb
# make check-package  install them in a clean Debian 12, and remove them
# make deps modules agent install uninstall clean gen
#
# KVER=V or KDIR=DIR chooses the kernel to build for, DESTDIR= the root to
# install into, CC= the compiler.

# The running kernel if it can be built for, else the newest that can.
KVER ?= $(shell v=$$(uname -r); [ -e /lib/modules/$$v/build ] || \
	v=$$(ls -d /lib/modules/*/build 2>/dev/null | sort -V | tail -n 1 | \
	cut -d/ -f4); echo $$v)
KDIR ?= /lib/modules/$(KVER)/build
DESTDIR ?=
SECONDS ?= 600
MODDIR ?= /lib/modules/$(KVER)/updates

all: modules agent

# Says what to install where apt-get can't be used.
deps:
	tests/deps

# Tests that start together build together: one at a time.
modules:
	@[ -e $(KDIR)/Makefile ] || { \
		echo "no kernel headers in $(KDIR): run 'make deps', or name others with KVER= or KDIR="; \
		exit 1; }
	+flock Kbuild $(MAKE) -C $(KDIR) M=$(CURDIR) \
		$(if $(CC_GIVEN),CC=$(CC)) modules

# Kbuild picks its own compiler unless one is named.
ifneq ($(filter command line environment,$(origin CC)),)
CC_GIVEN := 1
endif

agent:
	$(MAKE) -C agent

gen:
	Documentation/netlink/gen.py
	agent/man/reasons.py include/uapi/linux/gmguard.h \
		> agent/man/gmguard-reasons.7
	agent/man/metrics.py agent/metrics-list.h \
		> agent/man/gmguard-metrics.7
	agent/man/privacy.py agent/privacy-table.h \
		> agent/man/gmguard-privacy.7

demo: deps modules agent
	tests/demo

check: deps modules agent
	tests/check

# T=gmguard-phase runs one suite.
kunit: deps
	tests/kunit/run $(T)

# Needs an hour: the module is built in an emulated machine.
check-package: deps deb
	tests/package/run

sanitize: deps agent
	tests/sanitize $(if $(QUICK),--quick)

check-kernels: deps modules agent
	tests/kernels/check

prove:
	tests/prove/run

fuzz: deps
	tests/fuzz/run $(SECONDS)

bench: deps agent
	QUICK=$(QUICK) tests/bench/run

chart: deps modules agent
	tests/chart

install: modules agent
	install -D -m 644 gmguard.ko $(DESTDIR)$(MODDIR)/gmguard.ko
	install -D -m 644 include/uapi/linux/gmguard.h \
		$(DESTDIR)/usr/include/linux/gmguard.h
	install -D -m 644 agent/systemd/modules-load.conf \
		$(DESTDIR)/usr/local/lib/modules-load.d/gmguard.conf
	$(MAKE) -C agent install
	[ -n "$(DESTDIR)" ] || depmod $(KVER)

uninstall:
	rm -f $(DESTDIR)$(MODDIR)/gmguard.ko \
		$(DESTDIR)/usr/include/linux/gmguard.h \
		$(DESTDIR)/usr/local/lib/modules-load.d/gmguard.conf
	$(MAKE) -C agent uninstall
	[ -n "$(DESTDIR)" ] || depmod $(KVER)

# Into build/deb.
deb:
	debian/pack

clean:
	[ ! -e $(KDIR)/Makefile ] || $(MAKE) -C $(KDIR) M=$(CURDIR) clean
	$(MAKE) -C agent clean
	$(MAKE) -C tests/unit clean
	$(MAKE) -C tests/fuzz clean
	rm -rf build

.PHONY: all deps modules agent gen demo check check-kernels check-package \
	kunit sanitize prove fuzz bench chart deb install uninstall clean
