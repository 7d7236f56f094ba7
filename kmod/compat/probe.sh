#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: probe.sh HEADER COMPILER FLAG...
#
# Find out what the kernel has that the module is built for, and write it to
# HEADER. Called by Kbuild; see README.
set -eu

header=$1
shift
here=$(dirname "$0")
new=$header.new
said=$header.said
mkdir -p "$(dirname "$header")"
trap 'rm -f "$new" "$said"' EXIT

compiles() {
	"$@" -c -o /dev/null "$probe" >> "$said" 2>&1
}

echo "/* SPDX-License-Identifier: GPL-2.0-only */" > "$new"
for probe in "$here"/probes/*.c; do
	name=$(basename "$probe" .c | tr a-z- A-Z_)
	echo "$probe, the newer form:" > "$said"
	if compiles "$@" -DNEWER; then
		echo "#define GMG_HAVE_$name" >> "$new"
		continue
	fi
	echo "$probe, the older form:" >> "$said"
	compiles "$@" || {
		cat "$said" >&2
		echo "$probe: gmguard does not know this kernel: it takes neither the newer nor the older form" >&2
		exit 1
	}
done
mv "$new" "$header"
