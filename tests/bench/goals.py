# SPDX-License-Identifier: Apache-2.0
"""How fast kbridge is to be, as a list, and how what was measured stands to it.

Apart, because people change this list, and the table, the JSON and the picture read it.
"""

import statistics
from collections.abc import Callable
from dataclasses import dataclass

from tests.bench.report import ratios


@dataclass(frozen=True)
class Goal:
    name: str
    bar: float
    aim: float
    value: Callable[[dict], float | None]
    more_is_better: bool = False


def _ratio(case: str, measure: str, other: str) -> Callable[[dict], float | None]:
    def value(result: dict) -> float | None:
        rows = [row for row in result["measured"] if (row["case"], row["measure"]) == (case, measure)]
        return next((statistics.median(found) for row in rows if (found := ratios(row, other))), None)

    return value


def _cell(table: str, what: str, column: str) -> Callable[[dict], float | None]:
    return lambda result: next((row[column] for row in result[table] if row["what"].startswith(what)), None)


GOALS = [
    Goal("bulk produce 1 MiB, CPU per GB / HAProxy", 0.65, 0.40, _ratio("bulk produce, 1 MiB", "CPU s/GB", "haproxy")),
    Goal("bulk fetch 1 MiB, CPU per GB / HAProxy", 0.65, 0.40, _ratio("bulk fetch, 1 MiB", "CPU s/GB", "haproxy")),
    Goal("bulk produce 64 KiB, CPU per GB / HAProxy", 0.65, 0.40, _ratio("bulk produce, 64 KiB", "CPU s/GB", "haproxy")),
    Goal("bulk fetch 64 KiB, CPU per GB / HAProxy", 0.65, 0.40, _ratio("bulk fetch, 64 KiB", "CPU s/GB", "haproxy")),
    Goal("bulk 1 MiB, CPU per GB / HAProxy splicing", 1.3, 1.0, _ratio("bulk fetch, 1 MiB", "CPU s/GB", "splice")),
    Goal("bulk fetch 1 MiB, GB/s / direct", 0.45, 0.60, _ratio("bulk fetch, 1 MiB", "GB/s", "direct"), True),
    Goal("bulk produce 1 MiB, GB/s / direct", 0.45, 0.60, _ratio("bulk produce, 1 MiB", "GB/s", "direct"), True),
    Goal("small, 64 connections, CPU / HAProxy", 1.0, 0.85, _ratio("small, 64 connections", "CPU µs/request", "haproxy")),
    Goal("small, 64 connections, 16 deep, CPU / HAProxy", 1.0, 0.85, _ratio("small, 64 connections, 16 deep", "CPU µs/request", "haproxy")),
    Goal("added p50, 1 connection / HAProxy's", 1.1, 0.85, _ratio("latency, 1 connection, 2,000/s", "added p50 µs", "haproxy")),
    Goal("consumer-perf, CPU per GB / HAProxy", 0.95, 0.75, _ratio("real Kafka, consumer-perf", "CPU s/GB", "haproxy")),
    Goal("producer-perf, CPU per GB / HAProxy", 0.95, 0.75, _ratio("real Kafka, producer-perf", "CPU s/GB", "haproxy")),
    Goal("consumer-perf, MiB/s / direct", 0.85, 0.95, _ratio("real Kafka, consumer-perf", "MiB/s", "direct"), True),
    Goal("producer-perf, MiB/s / direct", 0.90, 0.98, _ratio("real Kafka, producer-perf", "MiB/s", "direct"), True),
    Goal("memory per idle connection, KiB", 3, 1.5, _cell("connections", "memory per idle", "kbridge")),
    Goal("base memory, MiB", 6, 3, _cell("connections", "base memory", "kbridge")),
    Goal("start-up, ms", 20, 5, _cell("connections", "start-up", "kbridge")),
    Goal("Metadata, 100,000 partitions, 1 node, added ms", 25, 5, _cell("growth", "Metadata of 100,000 partitions, 1", "added ms")),
    Goal("Metadata, 100,000 partitions, 3 nodes, added ms", 25, 5, _cell("growth", "Metadata of 100,000 partitions, 3", "added ms")),
    Goal("wake-ups per second, 5,000 idle", 1, 0, _cell("connections", "wake-ups", "kbridge")),
]


def _verdict(goal: Goal, value: float) -> str:
    sign = -1 if goal.more_is_better else 1
    if sign * value <= sign * goal.aim:
        return "aim met"
    return "bar met" if sign * value <= sign * goal.bar else "missed"


def against_goals(result: dict) -> list[dict]:
    found = []
    for goal in GOALS:
        value = goal.value(result)
        if value is not None:
            found.append({"goal": goal.name, "value": float(value), "bar": goal.bar, "aim": goal.aim, "verdict": _verdict(goal, value)})
    return found
