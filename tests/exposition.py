# SPDX-License-Identifier: Apache-2.0
"""What a text of metrics says, and what Prometheus' conventions forbid in it.

Apart, because several tests read metrics. The grammar is that of prometheus_client, whose parser raises on what is not the text
format; the conventions are those that `promtool check metrics` looks for.
"""

import re
from collections.abc import Mapping

from prometheus_client.parser import text_string_to_metric_families

# https://prometheus.io/docs/practices/naming/: base units, and nothing but these.
FOREIGN_UNIT = re.compile(r"_(ms|millis(econds)?|us|micros(econds)?|minutes|hours|kb|mb|kib|mib|kilobytes|megabytes|bits|percent)(_|$)")

Labels = frozenset[tuple[str, str]]


class Exposition:
    """The samples of one /metrics."""

    def __init__(self, text: str):
        self.families = list(text_string_to_metric_families(text))
        self.samples: dict[tuple[str, Labels], float] = {}
        self.repeated: list[str] = []
        for family in self.families:
            for sample in family.samples:
                key = (sample.name, frozenset(sample.labels.items()))
                if key in self.samples:
                    self.repeated.append(f"{sample.name} {sample.labels}")
                self.samples[key] = sample.value

    def value(self, name: str, **labels: str) -> float:
        """One sample; 0 where there is none."""
        return self.samples.get((name, frozenset(labels.items())), 0)

    def total(self, name: str, **labels: str) -> float:
        """The sum of all samples that have these labels, whatever others they have."""
        wanted = set(labels.items())
        return sum(value for (each, has), value in self.samples.items() if each == name and wanted <= has)

    def by(self, name: str, label: str) -> Mapping[str, float]:
        """{value of the label: sum}, without zeroes."""
        found: dict[str, float] = {}
        for (each, has), value in self.samples.items():
            if each == name and value:
                key = dict(has)[label]
                found[key] = found.get(key, 0) + value
        return found


def _counter_problems(name: str, samples) -> list[str]:
    return [f"the counter {each.name} does not end with _total" for each in samples if not each.name.endswith("_total")]


def _histogram_problems(name: str, samples) -> list[str]:
    found = []
    buckets: dict[Labels, list[tuple[float, float]]] = {}
    counts = {frozenset(each.labels.items()): each.value for each in samples if each.name == f"{name}_count"}
    for each in samples:
        if each.name == f"{name}_bucket":
            rest = frozenset((key, value) for key, value in each.labels.items() if key != "le")
            buckets.setdefault(rest, []).append((float(each.labels["le"]), each.value))
    for labels, rows in buckets.items():
        values = [value for _, value in sorted(rows)]
        if values != sorted(values):
            found.append(f"{name} {dict(labels)}: buckets are not cumulative")
        if sorted(rows)[-1] != (float("inf"), counts.get(labels)):
            found.append(f"{name} {dict(labels)}: the last bucket is not the count")
    return found


def problems(exposition: Exposition) -> list[str]:
    """Sentences, one for each convention that is broken."""
    found = [f"given twice: {each}" for each in exposition.repeated]
    for family in exposition.families:
        if not family.documentation:
            found.append(f"{family.name} has no HELP")
        if family.type not in ("counter", "gauge", "histogram"):
            found.append(f"{family.name} has the type {family.type}")
        if FOREIGN_UNIT.search(family.name):
            found.append(f"{family.name} is not in a base unit")
        if family.type == "gauge" and family.name.endswith("_total"):
            found.append(f"{family.name} is a gauge with the name of a counter")
        check = {"counter": _counter_problems, "histogram": _histogram_problems}.get(family.type)
        found += check(family.name, family.samples) if check else []
    return found
