# SPDX-License-Identifier: Apache-2.0
"""The picture of a run of the benchmark, drawn from its JSON:

    python3 tests/bench/picture.py speed.json speed.svg

Apart from bench.py, and without its imports, because it alone needs matplotlib (requirements.txt beside it).
"""

import json
import statistics
import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot

KBRIDGE, HAPROXY, SPLICE = "#1f6f8b", "#c9c9c9", "#8f8f8f"
WAYS = [("kbridge", "kbridge", KBRIDGE), ("haproxy", "HAProxy", HAPROXY), ("splice", "HAProxy, splicing", SPLICE)]

# case, measure, label: each bar is relative to HAProxy, so less is better
COSTS = [
    ("bulk produce, 1 MiB", "CPU s/GB", "produce 1 MiB"),
    ("bulk fetch, 1 MiB", "CPU s/GB", "fetch 1 MiB"),
    ("bulk produce, 64 KiB", "CPU s/GB", "produce 64 KiB"),
    ("bulk fetch, 64 KiB", "CPU s/GB", "fetch 64 KiB"),
    ("small, 1 connection", "CPU µs/request", "100 B, 1 connection"),
    ("small, 64 connections", "CPU µs/request", "100 B, 64 connections"),
    ("small, 64 connections, 16 deep", "CPU µs/request", "100 B, 64 conn., 16 deep"),
    ("real Kafka, producer-perf", "CPU s/GB", "Kafka's producer-perf"),
    ("real Kafka, consumer-perf", "CPU s/GB", "Kafka's consumer-perf"),
    ("latency, 1 connection, 2,000/s", "added p50 µs", "added p50 latency"),
]


def values(result: dict, case: str, measure: str) -> dict[str, list[float]]:
    return next((row["values"] for row in result["measured"] if (row["case"], row["measure"]) == (case, measure)), {})


def draw_costs(axes, result: dict) -> None:
    shown = [(label, found) for case, measure, label in COSTS if (found := values(result, case, measure))]
    height = 0.8 / len(WAYS)
    for number, (way, name, colour) in enumerate(WAYS):
        for place, (_, found) in enumerate(shown):
            ratios = [ours / theirs for ours, theirs in zip(found.get(way, []), found["haproxy"]) if theirs]
            if not ratios:
                continue
            middle = statistics.median(ratios)
            spread = [[middle - min(ratios)], [max(ratios) - middle]]
            y = place + (number - 1) * height
            axes.barh(y, middle, height, color=colour, xerr=spread, error_kw={"linewidth": 0.7}, label=None if place else name)
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_yticks(range(len(shown)), [label for label, _ in shown])
    axes.invert_yaxis()
    axes.set_xlim(0, 2)
    axes.set_xlabel("processor time (last row: latency) relative to HAProxy in the same round; less is better")
    axes.legend(loc="lower right", fontsize=8)


def draw_growth(axes, result: dict) -> None:
    rows = [row for row in result["growth"] if row.get("measure") == "CPU µs/request" and "haproxy" in row]
    counts = [int(row["what"].split()[0].replace(",", "")) for row in rows]
    for way, name, colour in WAYS[:2]:
        axes.plot(counts, [row[way] for row in rows], marker="o", color=colour, label=name)
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("connections, one small request under way on each")
    axes.set_ylabel("CPU µs per request")
    axes.legend(fontsize=8)


def draw(result: dict, target: Path) -> None:
    pyplot.rcParams["svg.hashsalt"] = "kbridge"  # the same data give the same file
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(12, 5), width_ratios=[3, 2], layout="constrained")
    draw_costs(left, result)
    draw_growth(right, result)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    machine = result["machine"]
    figure.suptitle("kbridge beside HAProxy {haproxy} (TCP, one thread): {date}, {processors} × {processor}, Linux {kernel}".format(**machine), fontsize=10)
    figure.savefig(target, metadata={"Date": None})


if __name__ == "__main__":
    draw(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]))
