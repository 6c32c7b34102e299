# SPDX-License-Identifier: Apache-2.0
"""Kafka's own load tools against a real broker: what a user sees of the proxy, and what the proxy uses meanwhile.

Apart from bench.py, because a broker and clients in Java take seconds to start, and far more processor time than any proxy.
"""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.bench.processes import Direct, Proxy, start_haproxy, start_kbridge
from tests.kafka.cluster import Cluster
from tests.kafka.jars import HERE, USUAL, java_command
from tests.kafka.net import free_port

RECORDS, RECORD_BYTES = 300_000, 1000
LATENCY_RECORDS = 2000
TOOL_TIMEOUT_S = 120
# The whole compiler: the tests' brokers do without it, since they live for minutes.
JAVA_OPTIONS = ["-XX:TieredStopAtLevel=4", "-Xmx1g"]


class RealBroker:
    """What the starters of proxies want to know of a broker."""

    def __init__(self, port: int):
        self.port = port


def _tool(name: str, arguments: Sequence[str], log_settings: Path) -> str:
    command = java_command(USUAL, log_settings, JAVA_OPTIONS, [f"org.apache.kafka.tools.{name}", *arguments])
    done = subprocess.run(command, capture_output=True, text=True, timeout=TOOL_TIMEOUT_S)
    if done.returncode != 0:
        raise SystemExit(f"{name} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def _number(pattern: str, text: str) -> float:
    found = re.findall(pattern, text)
    if not found:
        raise SystemExit(f"This is not what the tool was expected to say:\n{text}")
    return float(found[-1])


def _produce(bootstrap: str, topic: str, log: Path) -> float:
    """MiB/s of its last summary."""
    arguments = ["--topic", topic, "--num-records", str(RECORDS), "--record-size", str(RECORD_BYTES), "--throughput", "-1"]
    return _number(r"\(([\d.]+) MB/sec\)", _tool("ProducerPerformance", ["--bootstrap-server", bootstrap, *arguments], log))


def _consume(bootstrap: str, topic: str, log: Path) -> float:
    """MiB/s from the first record on: joining a group takes longer, and has nothing to do with it."""
    said = _tool("ConsumerPerformance", ["--bootstrap-server", bootstrap, "--topic", topic, "--num-records", str(RECORDS)], log)
    heads, values = ([cell.strip() for cell in line.split(",")] for line in said.strip().splitlines()[-2:])
    return float(values[heads.index("fetch.MB.sec")])


def _latency_ms(bootstrap: str, topic: str, log: Path) -> float:
    arguments = ["--topic", topic, "--num-records", str(LATENCY_RECORDS), "--producer-acks", "1", "--record-size", "100"]
    return _number(r"Avg latency: ([\d.]+)", _tool("EndToEndLatency", ["--bootstrap-server", bootstrap, *arguments], log))


# name, what is run, whether it moves records by the gigabyte
TOOLS = [
    ("producer-perf", _produce, "MiB/s"),
    ("consumer-perf", _consume, "MiB/s"),
    ("end-to-end latency", _latency_ms, "ms"),
]


def _quiet(folder: Path) -> Path:
    settings = folder / "log4j2.properties"
    settings.write_text("rootLogger.level=off\nlog4j.rootLogger=OFF\n")
    return settings


def measure(build: Path, folder: Path, rounds: int) -> list[dict]:
    """One row for each tool and measure, as bench.summarise makes them."""
    haproxy_port = free_port()
    log = _quiet(folder)
    with Cluster(advertise=f"127.0.0.1:{haproxy_port}", java_options=JAVA_OPTIONS) as cluster:
        broker = RealBroker(int(cluster.bootstrap.rsplit(":", 1)[1]))
        ways: dict[str, Direct | Proxy] = {
            "direct": Direct(RealBroker(int(cluster.direct.rsplit(":", 1)[1]))),
            "kbridge": start_kbridge(build, folder, broker),
            "haproxy": start_haproxy(folder, broker, splice=False, port=haproxy_port),
        }
        try:
            return [row for tool in TOOLS for row in _measure_tool(tool, ways, rounds, log)]
        finally:
            for way in ways.values():
                way.stop()


def _measure_tool(tool, ways, rounds: int, log: Path) -> list[dict]:
    name, run, unit = tool
    said: dict[str, list[float]] = {way: [] for way in ways}
    cpu: dict[str, list[float]] = {way: [] for way in ways}
    for number in range(rounds):
        for way, proxy in ways.items():
            before_s = proxy.cpu_s()
            topic = f"{'latency' if unit == 'ms' else 'bulk'}-{way}-{number}"
            said[way].append(run(f"127.0.0.1:{proxy.port}", topic, log))
            cpu[way].append((proxy.cpu_s() - before_s) / (RECORDS * RECORD_BYTES / 1e9))
    case = f"real Kafka, {name}"
    rows = [{"case": case, "measure": unit, "values": said}]
    if unit != "ms":
        rows.append({"case": case, "measure": "CPU s/GB", "values": cpu})
    return rows
