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

from tests.bench import connections, growth, real
from tests.bench.counts import count
from tests.bench.goals import against_goals
from tests.bench.processes import ROOT, Broker, Direct, haproxy_version, run_load, start_haproxy, start_kbridge
from tests.bench.report import print_counted, print_goals, print_measured, print_rows

KIB, MIB = 1 << 10, 1 << 20
CASE_TIME_MAX_S = 15  # a case that takes longer gets fewer rounds,
ROUNDS_MIN = 3  # but never fewer than these
REAL_ROUNDS = 3  # of Kafka's own tools, each of which takes seconds to start

BUSY = 0.5  # the load average from which on a machine has something else to do

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
    rate: int = 0
    """Requests a second, whether answered or not; 0: one goes when another is answered."""

    @property
    def kind(self) -> str:
        return "latency" if self.rate else "bulk" if self.record_bytes >= KIB else "small"

    @property
    def load(self) -> list[object]:
        """The load generator's arguments, but for how many requests."""
        return [self.api, self.record_bytes, self.connections, self.depth]

    def start_broker(self, build: Path, folder: Path, nodes: int | None = None) -> Broker:
        return Broker(build, folder, self.record_bytes, nodes or self.nodes, self.partitions)


CASES = [
    Case("bulk produce, 1 MiB", "produce", MIB, 1, 4, 400),
    Case("bulk produce, 64 KiB", "produce", 64 * KIB, 1, 8, 6000),
    Case("bulk produce, 16 KiB", "produce", 16 * KIB, 1, 16, 12000),
    Case("bulk produce, 1 KiB", "produce", KIB, 1, 32, 60000),
    Case("bulk fetch, 1 MiB", "fetch", MIB, 1, 4, 400),
    Case("bulk fetch, 64 KiB", "fetch", 64 * KIB, 1, 8, 6000),
    Case("bulk fetch, 16 KiB", "fetch", 16 * KIB, 1, 16, 12000),
    Case("bulk fetch, 1 KiB", "fetch", KIB, 1, 32, 60000),
    Case("small, 1 connection", "produce", 100, 1, 1, 8000),
    Case("small, 1 connection, 16 deep", "produce", 100, 1, 16, 80000),
    Case("small, 64 connections", "produce", 100, 64, 1, 25000),
    Case("small, 64 connections, 16 deep", "produce", 100, 64, 16, 150000),
    Case("latency, 1 connection, 2,000/s", "produce", 100, 1, 1, 1600, rate=2000),
    Case("latency, 64 connections, 5,000/s", "produce", 100, 64, 1, 4000, rate=5000),
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


def _is(*kinds: str) -> Callable[[Case], bool]:
    return lambda case: case.kind in kinds


MEASURES: list[Measure] = [
    ("CPU s/GB", _is("bulk"), lambda case, said: said["cpu_s"] / _gigabytes(case)),
    ("GB/s", _is("bulk"), lambda case, said: _gigabytes(case) / said["seconds"]),
    ("CPU µs/request", _is("small"), lambda case, said: said["cpu_s"] * 1e6 / case.requests),
    ("requests/s", _is("small"), lambda case, said: case.requests / said["seconds"]),
    ("p50 µs", _is("small", "latency"), lambda _, said: said["p50_us"]),
    ("p99 µs", _is("small", "latency"), lambda _, said: said["p99_us"]),
    ("p99.9 µs", _is("latency"), lambda _, said: said["p999_us"]),
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
                results[name].append(run_load(build, way, [*case.load, case.requests, case.rate]))
    finally:
        for way in [*ways.values(), broker, several]:
            way.stop()
    return results


def summarise(case: Case, results: dict[str, list[dict]]) -> list[dict]:
    """One row for each measure: the values of all rounds for each way."""
    rows = [
        {"case": case.name, "measure": name, "values": {way: [value(case, said) for said in by] for way, by in results.items()}}
        for name, applies, value in MEASURES
        if applies(case)
    ]
    return rows + [added(row) for row in rows if row["measure"] == "p50 µs"]


def added(row: dict) -> dict:
    """What a way adds to the same round's without a proxy."""
    direct = row["values"]["direct"]
    values = {way: [ours - bare for ours, bare in zip(all_of, direct)] for way, all_of in row["values"].items()}
    return {**row, "measure": "added p50 µs", "values": values}


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


def in_folder(step: str, run: Callable[[Path], object]):
    print(f"==> {step}", flush=True)
    with tempfile.TemporaryDirectory(prefix="kbridge-bench-") as folder:
        return run(Path(folder))


def count_case(case: Case, build: Path, folder: Path) -> dict[str, dict[str, float]]:
    return count(build, folder, case.start_broker(build, folder), case.load, case.requests)


def compare_connections(build: Path, folder: Path) -> list[dict]:
    found = {way: connections.measure(way, build, folder) for way in connections.STARTERS}
    return [{"what": name, **{way: found[way][name] for way in found}} for name in found["kbridge"]]


def measure_all(options: argparse.Namespace) -> dict:
    build, only = options.build, options.only
    result: dict = {"measured": [], "counted": {}, "connections": [], "growth": []}
    for case in (case for case in CASES if only in case.name):
        result["measured"] += in_folder(
            f"measuring: {case.name}", lambda folder: summarise(case, measure(case, build, folder, options.rounds))
        )
    if only in "real Kafka":
        result["measured"] += in_folder(
            "measuring: real Kafka", lambda folder: real.measure(build, folder, min(options.rounds, REAL_ROUNDS))
        )
    if only in "connections":
        result["connections"] = in_folder("measuring: connections", lambda folder: compare_connections(build, folder))
    for grow in growth.ALL if only in "growth" else []:
        result["growth"] += in_folder(f"measuring: growth {grow.__name__}", lambda folder: grow(build, folder))
    for case in (case for case in COUNTED if only in case.name):
        result["counted"][case.name] = in_folder(f"counting: {case.name}", lambda folder: count_case(case, build, folder))
    return result


def main(arguments: list[str]) -> None:
    options = parse(arguments)
    machine = describe_machine()
    print_machine(machine)
    result = {"machine": machine, **measure_all(options)}
    result["goals"] = against_goals(result)
    print_measured(result["measured"])
    print_rows("Connections and start", result["connections"])
    print_rows("Growth, each point once", result["growth"])
    print_counted(result["counted"])
    print_goals(result["goals"])
    if options.json:
        options.json.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
