# SPDX-License-Identifier: Apache-2.0
"""The table client x feature x result: what each test with the mark `feature` has shown, of which client, on how many brokers.

Apart from conftest.py because it knows how results become a table, and not how pytest tells them.
"""

from collections import defaultdict

import pytest

from tests.e2e.tables import add_row
from tests.kafka.cluster import Cluster
from tests.kafka.jars import USUAL

# Programs on the same library.
LIBRARIES = {"java-console": "java", "java-verifiable": "java", "java-share": "java"}

_results: dict[str, dict[str, dict[int, bool]]] = defaultdict(lambda: defaultdict(dict))


def note(item: pytest.Item, report: pytest.TestReport) -> None:
    """Keeps the outcome of a test that is marked with feature(name), and has a parameter `client` or names the client itself."""
    mark = item.get_closest_marker("feature")
    if mark is None or not (report.failed or (report.when == "call" and report.passed)):
        return
    cluster = next((value for value in item.funcargs.values() if isinstance(value, Cluster)), None)
    if cluster is None:
        return  # its setup failed, which is seen elsewhere
    name = mark.kwargs.get("client") or item.callspec.params["client"].name
    client = LIBRARIES.get(name, name)
    feature = mark.args[0] if cluster.version == USUAL else f"{mark.args[0]}, Kafka {cluster.version}"
    outcomes = _results[client][feature]
    brokers = len(cluster.brokers)
    outcomes[brokers] = outcomes.get(brokers, True) and report.passed


def lines() -> list[list[str]]:
    """A line for each feature, a column for each client, the names of which are the first line; a cell says on how many brokers it
    worked, and where it did not."""
    features = sorted({feature for outcomes in _results.values() for feature in outcomes})
    clients = sorted(_results)
    cells = [[feature, *(_cell(_results[client][feature]) for client in clients)] for feature in features]
    return [["on so many brokers", *clients], *cells]


def add_table() -> None:
    head, *rows = lines()
    for row in rows:
        add_row("Clients and features", head, *row)


def _cell(outcomes: dict[int, bool]) -> str:
    return ", ".join(f"{brokers}" if outcomes[brokers] else f"FAILED on {brokers}" for brokers in sorted(outcomes))
