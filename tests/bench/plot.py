# SPDX-License-Identifier: GPL-2.0-or-later
"""Drawings of what was measured: build/bench/PG-1.svg and so on."""
import matplotlib
import matplotlib.pyplot

# What each goal's curves show.
AXES = {
    "PG-1": ("UEs", "ns a packet beyond no hook at all"),
    "behind": ("UEs behind one address", "ns"),
    "PG-4": ("UEs that are there", "UEs set up a second"),
}


def draw(results, directory):
    """One SVG for each goal that has curves."""
    matplotlib.use("svg")
    for goal, result in results.items():
        if not result["series"] or goal not in AXES:
            continue
        figure, axes = matplotlib.pyplot.subplots(figsize=(7, 4))
        for name, points in result["series"].items():
            axes.plot(*zip(*points), marker="o", label=name)
        axes.set_xscale("log")
        axes.set_ylim(bottom=0)
        axes.set_xlabel(AXES[goal][0])
        axes.set_ylabel(AXES[goal][1])
        axes.set_title("%s, Linux %s" % (goal, result["kernel"]))
        axes.legend()
        figure.savefig("%s/%s.svg" % (directory, goal))
        matplotlib.pyplot.close(figure)
