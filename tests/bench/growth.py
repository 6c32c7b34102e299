# SPDX-License-Identifier: Apache-2.0
"""What becomes of the costs when there is more: more connections, more partitions in a Metadata answer, more brokers.

Apart from bench.py, because each point is run once: what is looked for is the shape, not the third digit.
"""

from contextlib import ExitStack
from pathlib import Path

from tests.bench.connections import STARTERS, may_open_many, peak_bytes
from tests.bench.processes import Broker, Direct, run_load

CONNECTIONS = [1, 10, 100, 1000, 5000]
PARTITIONS = [10, 1000, 100_000]
BROKERS = [1, 3, 30]
SMALL, LARGE = 100, 64 << 10
SMALL_REQUESTS, LARGE_REQUESTS = 20_000, 6000
METADATA_REQUESTS = {10: 2000, 1000: 200, 100_000: 10}


def _within(folder: Path, name: str) -> Path:
    """A folder of its own for a broker and its proxies, whose files have fixed names."""
    own = folder / name
    own.mkdir()
    return own


def by_connections(build: Path, folder: Path) -> list[dict]:
    """CPU per request and per GB of both proxies, one request under way on each connection."""
    may_open_many()
    rows = []
    for api, size, requests, unit in [
        ("produce", SMALL, SMALL_REQUESTS, "CPU µs/request"),
        ("fetch", LARGE, LARGE_REQUESTS, "CPU s/GB"),
    ]:
        per = requests / 1e6 if size == SMALL else requests * size / 1e9
        with ExitStack() as stack:
            broker = Broker(build, _within(folder, api), size)
            stack.callback(broker.stop)
            ways = {name: start(build, folder / api, broker) for name, start in STARTERS.items()}
            for way in ways.values():
                stack.callback(way.stop)
            for count in CONNECTIONS:
                costs = {name: run_load(build, way, [api, size, count, 1, requests])["cpu_s"] / per for name, way in ways.items()}
                rows.append({"what": f"{count:,} connections", "measure": unit, **costs})
    return rows


def by_partitions(build: Path, folder: Path) -> list[dict]:
    """The time that kbridge adds to one Metadata answer, and the most memory that it has had by then."""
    rows = []
    for count in PARTITIONS:
        for nodes in (1, 3):
            own = _within(folder, f"{count}-{nodes}")
            broker = Broker(build, own, SMALL, nodes, count)
            proxy = STARTERS["kbridge"](build, own, broker)
            load = ["metadata", 0, 1, 1, METADATA_REQUESTS[count]]
            direct, through = run_load(build, Direct(broker), load), run_load(build, proxy, load)
            rows.append(
                {
                    "what": f"Metadata of {count:,} partitions, {nodes} {'node' if nodes == 1 else 'nodes'}",
                    "added ms": (through["p50_us"] - direct["p50_us"]) / 1e3,
                    "peak MiB": peak_bytes(proxy) / (1 << 20),
                }
            )
            proxy.stop()
            broker.stop()
    return rows


def by_brokers(build: Path, folder: Path) -> list[dict]:
    rows = []
    for nodes in BROKERS:
        own = _within(folder, str(nodes))
        broker = Broker(build, own, SMALL, nodes, nodes)
        proxy = STARTERS["kbridge"](build, own, broker)
        said = run_load(build, proxy, ["produce", SMALL, 16, 1, SMALL_REQUESTS])
        name = f"{nodes} model broker{'s' if nodes > 1 else ''}, 16 connections"
        rows.append({"what": name, "measure": "CPU µs/request", "kbridge": said["cpu_s"] / SMALL_REQUESTS * 1e6})
        proxy.stop()
        broker.stop()
    return rows


def by_workers(build: Path, folder: Path) -> list[dict]:
    """Throughput of one and two workers, which may use all processors."""
    rows = []
    for workers in (1, 2):
        own = _within(folder, str(workers))
        broker = Broker(build, own, SMALL)
        proxy = STARTERS["kbridge"](build, own, broker, "--workers", str(workers), pin=False)
        said = run_load(build, proxy, ["produce", SMALL, 64, 16, 5 * SMALL_REQUESTS])
        rows.append({"what": f"{workers} worker{'s' if workers > 1 else ''}", "measure": "requests/s",
                     "kbridge": 5 * SMALL_REQUESTS / said["seconds"]})
        proxy.stop()
        broker.stop()
    return rows


ALL = [by_connections, by_partitions, by_brokers, by_workers]
