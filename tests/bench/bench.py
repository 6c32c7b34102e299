# SPDX-License-Identifier: Apache-2.0
"""Measures kbridge beside HAProxy, HAProxy with splicing, and nothing at all.

    python3 -m tests.bench.bench [--build FOLDER] [--rounds N] [--only TEXT] [--json FILE]

What is measured how, and what it is worth, is in README.md beside it.
"""

import argparse
import json
import os
import platform
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench.counts import count
from tests.bench.processes import ROOT, Broker, Direct, haproxy_version, run_load, start_haproxy, start_kbridge

KIB, MIB = 1 << 10, 1 << 20
CASE_TIME_MAX_S = 25  # a case that takes longer gets fewer rounds,
ROUNDS_MIN = 3  # but never fewer than these

BUSY = 0.5  # the load average from which on a machine has something else to do

SELDOM = 0.02  # times for one request: below, it was the start or the timing of the runs that differed

WAYS = ["direct", "kbridge", "routing", "haproxy", "splice"]
ROUTED_NODES = 3


@dataclass(frozen=True)
class Case:
    name: str
    api: str
    record_bytes: int
    connections: int
    depth: int
    requests: int
    nodes: int = 1
    partitions: int = 1

    @property
    def bulk(self) -> bool:
        return self.record_bytes >= 64 * KIB

    @property
    def load(self) -> list[object]:
        """The load generator's arguments, but for how many requests."""
        return [self.api, self.record_bytes, self.connections, self.depth]

    def start_broker(self, build: Path, folder: Path, nodes: int | None = None) -> Broker:
        return Broker(build, folder, self.record_bytes, nodes or self.nodes, self.partitions)


CASES = [
    Case("bulk produce, 1 MiB", "produce", MIB, 1, 4, 800),
    Case("bulk produce, 64 KiB", "produce", 64 * KIB, 1, 8, 12000),
    Case("bulk fetch, 1 MiB", "fetch", MIB, 1, 4, 800),
    Case("bulk fetch, 64 KiB", "fetch", 64 * KIB, 1, 8, 12000),
    Case("small, 1 connection", "produce", 100, 1, 1, 15000),
    Case("small, 1 connection, 16 deep", "produce", 100, 1, 16, 150000),
    Case("small, 64 connections", "produce", 100, 64, 1, 40000),
    Case("small, 64 connections, 16 deep", "produce", 100, 64, 16, 300000),
]

# What is counted, each with the requests of the shorter run; a tool slows kbridge down 10 to 50 times.
COUNTED = [
    Case("small, 1 connection", "produce", 100, 1, 1, 1000),
    Case("small, 1 connection, 16 deep", "produce", 100, 1, 16, 3200),
    Case("bulk produce, 1 MiB", "produce", MIB, 1, 4, 200),
    Case("bulk fetch, 1 MiB", "fetch", MIB, 1, 4, 200),
    Case("small, 1 connection, 3 nodes", "produce", 100, 1, 1, 1000, nodes=ROUTED_NODES),
    Case("Metadata of 1 partition", "metadata", 0, 1, 1, 1000),
    Case("Metadata of 1,000 partitions", "metadata", 0, 1, 1, 200, partitions=1000),
    Case("Metadata of 1,000 partitions, 3 nodes", "metadata", 0, 1, 1, 200, nodes=ROUTED_NODES, partitions=1000),
]

# ------------------------------------------------------------------------------------------------ measuring

# name, of which cases, unit, from what the load generator says
Measure = tuple[str, Callable[[Case], bool], Callable[[Case, dict[str, float]], float]]


def _gigabytes(case: Case) -> float:
    return case.requests * case.record_bytes / 1e9


MEASURES: list[Measure] = [
    ("CPU s/GB", lambda case: case.bulk, lambda case, said: said["cpu_s"] / _gigabytes(case)),
    ("GB/s", lambda case: case.bulk, lambda case, said: _gigabytes(case) / said["seconds"]),
    ("CPU µs/request", lambda case: not case.bulk, lambda case, said: said["cpu_s"] * 1e6 / case.requests),
    ("requests/s", lambda case: not case.bulk, lambda case, said: case.requests / said["seconds"]),
    ("p50 µs", lambda case: not case.bulk, lambda _, said: said["p50_us"]),
    ("p99 µs", lambda case: not case.bulk, lambda _, said: said["p99_us"]),
]


def measure(case: Case, build: Path, folder: Path, rounds: int) -> dict[str, list[dict]]:
    """What each round gave for each way. A round takes the ways in turn, so that whatever else the machine does hits all."""
    deadline_s = time.monotonic() + CASE_TIME_MAX_S
    broker, several = case.start_broker(build, folder), case.start_broker(build, folder, ROUTED_NODES)
    ways = {
        "direct": Direct(broker),
        "kbridge": start_kbridge(build, folder, broker),
        "routing": start_kbridge(build, folder, several),
        "haproxy": start_haproxy(folder, broker, splice=False),
        "splice": start_haproxy(folder, broker, splice=True),
    }
    results: dict[str, list[dict]] = {name: [] for name in ways}
    try:
        for done in range(rounds):
            if done >= ROUNDS_MIN and time.monotonic() > deadline_s:
                break
            for name, way in ways.items():
                results[name].append(run_load(build, way, [*case.load, case.requests]))
    finally:
        for way in [*ways.values(), broker, several]:
            way.stop()
    return results


def summarise(case: Case, results: dict[str, list[dict]]) -> list[dict]:
    """One row for each measure: the values of all rounds for each way, and their ratios to HAProxy's of the same round."""
    rows = []
    for name, applies, value in MEASURES:
        if not applies(case):
            continue
        values = {way: [value(case, said) for said in said_by] for way, said_by in results.items()}
        ratios = {
            other: [ours / theirs for ours, theirs in zip(values["kbridge"], values[other]) if theirs]
            for other in WAYS
            if other != "kbridge"
        }
        rows.append({"case": case.name, "measure": name, "values": values, "kbridge_to": ratios})
    return rows


# ------------------------------------------------------------------------------------------------- printing

HEADINGS = [
    "", "", "direct", "kbridge", "kbridge, 3 nodes", "HAProxy", "HAProxy splicing",
    "kbridge/HAProxy", "/splicing", "/direct", "/3 nodes",
]  # fmt: skip


def digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def spread(values: list[float]) -> str:
    if not any(values):
        return "–"
    return f"{digits(statistics.median(values))} ({digits(min(values))}–{digits(max(values))})"


def cells(row: dict) -> list[str]:
    values, ratios = row["values"], row["kbridge_to"]
    return [
        *(spread(values[way]) for way in WAYS),
        spread(ratios["haproxy"]),
        *(digits(statistics.median(ratios[way])) if ratios[way] else "–" for way in ("splice", "direct", "routing")),
    ]


def print_table(rows: list[list[str]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def print_measured(rows: list[dict]) -> None:
    table, last = [HEADINGS], ""
    for row in rows:
        table.append([row["case"] if row["case"] != last else "", row["measure"], *cells(row)])
        last = row["case"]
    print("\nMedian (min–max) of the rounds; a ratio is that of two runs of the same round.\n")
    print_table(table)


def print_counted(counted: dict[str, dict]) -> None:
    table = [["", "instructions", "allocations", "system calls"]]
    for case, cost in counted.items():
        often = {what: {name: n for name, n in counts.items() if n >= SELDOM} for what, counts in cost.items()}
        calls = ", ".join(f"{digits(n)} {call}" for call, n in often["system calls"].items())
        sums = {what: digits(sum(counts.values())) for what, counts in often.items()}
        table.append([case, sums["instructions"], sums["allocations"], f"{sums['system calls']}: {calls}"])
    print("\nWhat one request and its response cost kbridge:\n")
    print_table(table)


# -------------------------------------------------------------------------------------------------- machine


def describe_machine() -> dict:
    processor = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return {
        "date": time.strftime("%Y-%m-%d"),
        "processor": processor[1] if processor else platform.machine(),
        "processors": os.cpu_count(),
        "kernel": platform.release(),
        "haproxy": haproxy_version(),
        "busy": os.getloadavg()[0],
    }


def print_machine(machine: dict) -> None:
    print("{date}: {processors} × {processor}, Linux {kernel}, HAProxy {haproxy}".format(**machine))
    if machine["busy"] > BUSY:
        print(f"The machine is busy (load {machine['busy']:.1f}): times will be long, and ratios uncertain.")
    sys.stdout.flush()


# ----------------------------------------------------------------------------------------------------- main


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench", description="Measures kbridge beside HAProxy.")
    parser.add_argument("--build", type=Path, default=ROOT / "build", help="where kbridge was built (default: build)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each case is run (default: 5)")
    parser.add_argument("--only", default="", metavar="TEXT", help="only cases with TEXT in their name")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also writes everything there")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> None:
    options = parse(arguments)
    machine = describe_machine()
    print_machine(machine)
    rows, counted = [], {}
    for case in (case for case in COUNTED if options.only in case.name):
        print(f"==> counting: {case.name}", flush=True)
        with tempfile.TemporaryDirectory(prefix="kbridge-bench-") as folder:
            broker = case.start_broker(options.build, Path(folder))
            counted[case.name] = count(options.build, Path(folder), broker, case.load, case.requests)
    for case in (case for case in CASES if options.only in case.name):
        print(f"==> measuring: {case.name}", flush=True)
        with tempfile.TemporaryDirectory(prefix="kbridge-bench-") as folder:
            rows += summarise(case, measure(case, options.build, Path(folder), options.rounds))
    print_measured(rows)
    print_counted(counted)
    if options.json:
        options.json.write_text(json.dumps({"machine": machine, "measured": rows, "counted": counted}, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
