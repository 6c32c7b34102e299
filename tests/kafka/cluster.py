# SPDX-License-Identifier: Apache-2.0
"""A real Apache Kafka on loopback: 1 to 3 brokers, each a process with a folder of its own.

Apart from the command `start` because pytest fixtures use the class below directly:

    with Cluster(advertise="nowhere.invalid:1234") as kafka:
        client(kafka.bootstrap)

Each broker has three listeners. CLIENT, whose address is `bootstrap`, advertises what the test wants, also what nobody can
reach; DIRECT is the same, but advertises itself: what a client sees there, it must see through a proxy. INTERNAL advertises
itself too, and is always plaintext, so the brokers reach each other and a test can look at the cluster, whatever CLIENT asks.
"""

import base64
import shutil
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.kafka.jars import HERE, USUAL, cache_lock, class_archive, java_command
from tests.kafka.net import answers, ask_zookeeper, free_port, metadata_nodes
from tests.kafka.process import Process

LOOPBACK = "127.0.0.1"
START_TIMEOUT_S = 120
STOP_TIMEOUT_S = 60

# What every broker gets: internal topics that exist at once, with one broker too, groups that do not wait for more members,
# and room for records of 8 MiB.
COMMON = {
    "offsets.topic.replication.factor": 1,
    "offsets.topic.num.partitions": 8,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "transaction.state.log.num.partitions": 8,
    "group.initial.rebalance.delay.ms": 0,
    "message.max.bytes": 16 << 20,
    "replica.fetch.max.bytes": 16 << 20,
    "inter.broker.listener.name": "INTERNAL",
}

KRAFT = {
    "process.roles": "broker,controller",
    "controller.listener.names": "CONTROLLER",
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    "share.coordinator.state.topic.num.partitions": 8,
    # The session of a killed broker keeps its successor out until it has passed; 9 s unless told.
    "broker.heartbeat.interval.ms": 500,
    "broker.session.timeout.ms": 3000,
}

ZOOKEEPER = {"zookeeper.session.timeout.ms": 3000}
ZOOKEEPER_TICK_MS = 500


class Cluster:
    """One to three brokers of one version, started together; each can be stopped, killed and started again by itself."""

    def __init__(
        self,
        version: str = USUAL,
        brokers: int = 1,
        advertise: str = "own",
        properties: Mapping[str, object] | None = None,
        host: str = LOOPBACK,
        java_options: Sequence[str] | None = None,
        security: str = "PLAINTEXT",
        logs_requests: bool = False,
        jars: str = "",
    ):
        """advertise: "own", or HOST:PORT for the first broker and the next ports for the others. host: where CLIENT listens.
        security: the protocol of CLIENT and DIRECT; what that needs is in properties. logs_requests: each broker writes every
        request and its answer into its log, which makes it slow. jars: what the brokers need beside Kafka's, a class path."""
        self.version = version
        self.security = security
        self._jars = jars
        self._java_options = [*(_archive_options(version) if java_options is None else java_options)]
        if logs_requests:
            self._java_options.append("-Drequests=DEBUG")
        self.cluster_id = _make_cluster_id()
        self.folder = Path(tempfile.mkdtemp(prefix="kbridge-kafka-"))
        self.brokers = [Broker(self, node_id, host) for node_id in range(1, brokers + 1)]
        self.zookeeper = Zookeeper(self) if version.startswith("2.") else None
        for broker in self.brokers:
            broker.configure(advertise, properties or {})

    @property
    def bootstrap(self) -> str:
        """Where the brokers listen for clients, whatever they advertise there; comma-separated."""
        return ",".join(broker.bootstrap for broker in self.brokers)

    @property
    def internal(self) -> str:
        """The way of a test to this cluster without a proxy."""
        return ",".join(broker.internal for broker in self.brokers)

    @property
    def direct(self) -> str:
        """The way of a client to this cluster without a proxy."""
        return ",".join(broker.direct for broker in self.brokers)

    def java(self, *main: str) -> list[str]:
        """The command line of a main class on the jars of this cluster."""
        return java_command(self.version, HERE / "log4j.properties", self._java_options, main, self._jars)

    def start(self) -> "Cluster":
        """Starts what does not run, and returns when every broker answers and knows of all the others."""
        if self.zookeeper:
            self.zookeeper.start()
        for broker in self.brokers:
            broker.start()
        for broker in self.brokers:
            broker.wait_ready()
        return self

    def stop(self) -> None:
        """The end of this cluster and of its data, so nothing is lost by being quick."""
        self.kill()
        if self.zookeeper:
            self.zookeeper.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def kill(self) -> None:
        """SIGKILL to all brokers; start() brings them back with their data, on the same ports."""
        for broker in self.brokers:
            broker.kill()

    def restart(self) -> None:
        """Orderly, one broker after the other, as an operator does it."""
        for broker in self.brokers:
            broker.stop()
            broker.start()
            broker.wait_ready()

    def __enter__(self) -> "Cluster":
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_) -> None:
        self.stop()


class Broker:
    """One broker. Its ports and its folder outlive its process, so that it can come back."""

    def __init__(self, cluster: Cluster, node_id: int, host: str):
        self.cluster = cluster
        self.node_id = node_id
        self.host = host
        self.client_port = free_port(host)
        self.direct_port = free_port()
        self.internal_port = free_port()
        self.controller_port = free_port()
        self.folder = cluster.folder / f"broker-{node_id}"
        self.folder.mkdir()
        self.log = self.folder / "log"
        self._settings = self.folder / "server.properties"
        self._process: Process | None = None

    @property
    def bootstrap(self) -> str:
        return f"{self._reached_at}:{self.client_port}"

    @property
    def direct(self) -> str:
        return f"{LOOPBACK}:{self.direct_port}"

    @property
    def internal(self) -> str:
        return f"{LOOPBACK}:{self.internal_port}"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def configure(self, advertise: str, more: Mapping[str, object], client_port: int | None = None) -> None:
        """Writes server.properties; whatever is in more wins. client_port: where CLIENT listens from the next start on."""
        self.client_port = client_port or self.client_port
        kind = self._zookeeper_properties() if self.cluster.zookeeper else self._kraft_properties()
        properties = {**COMMON, **kind, **self._listeners(advertise), "log.dirs": self.folder / "data", **more}
        self._settings.write_text("".join(f"{name}={value}\n" for name, value in properties.items()))

    def start(self) -> None:
        """Starts the process if it does not run; the first time, its storage is formatted."""
        if self._process:
            return
        if self.cluster.zookeeper:
            self.cluster.zookeeper.wait_forgotten(self.node_id)
        elif not (self.folder / "data").exists():
            self._format()
        self._process = self._java("", "kafka.Kafka", str(self._settings))

    def wait_ready(self) -> None:
        """Returns when this broker answers clients and knows of all brokers of its cluster."""
        everyone = len(self.cluster.brokers)
        self._process.wait_until(lambda: len(metadata_nodes(LOOPBACK, self.internal_port)) == everyone, START_TIMEOUT_S)
        # Whatever its clients have to prove first: ApiVersions is answered before. Not at CLIENT, which comes up with DIRECT: while
        # brokers restart behind a proxy, a test may watch that nobody else goes there.
        self._process.wait_until(lambda: answers(LOOPBACK, self.direct_port), START_TIMEOUT_S)

    def stop(self) -> None:
        """SIGTERM, and a wait for the end."""
        if self._process:
            self._process.stop(STOP_TIMEOUT_S)
            self._process = None

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process = None

    @property
    def _reached_at(self) -> str:
        return LOOPBACK if self.host == "0.0.0.0" else self.host

    def _listeners(self, advertise: str) -> dict[str, object]:
        listeners = {"CLIENT": f"{self.host}:{self.client_port}", "DIRECT": self.direct, "INTERNAL": self.internal}
        advertised = {**listeners, "CLIENT": self._advertised(advertise)}
        if not self.cluster.zookeeper:
            listeners["CONTROLLER"] = f"{LOOPBACK}:{self.controller_port}"
        protocols = {name: self.cluster.security if name in ("CLIENT", "DIRECT") else "PLAINTEXT" for name in listeners}
        return {
            "listeners": _join(listeners),
            "advertised.listeners": _join(advertised),
            "listener.security.protocol.map": ",".join(f"{name}:{protocol}" for name, protocol in protocols.items()),
        }

    def _advertised(self, advertise: str) -> str:
        if advertise == "own":
            return self.bootstrap
        name, port = advertise.rsplit(":", 1)
        return f"{name}:{int(port) + self.node_id - 1}"

    def _kraft_properties(self) -> dict[str, object]:
        voters = ",".join(f"{b.node_id}@{LOOPBACK}:{b.controller_port}" for b in self.cluster.brokers)
        return {**KRAFT, "node.id": self.node_id, "controller.quorum.voters": voters}

    def _zookeeper_properties(self) -> dict[str, object]:
        address = f"{LOOPBACK}:{self.cluster.zookeeper.port}"
        return {**ZOOKEEPER, "broker.id": self.node_id, "zookeeper.connect": address}

    def _format(self) -> None:
        arguments = ["format", "-t", self.cluster.cluster_id, "-c", str(self._settings)]
        self._java("the storage of ", "kafka.tools.StorageTool", *arguments).finish(START_TIMEOUT_S)

    def _java(self, what: str, *arguments: str) -> Process:
        name = f"{what}Kafka {self.cluster.version} broker {self.node_id}"
        return Process(name, self.cluster.java(*arguments), self.log)


class Zookeeper:
    """What a cluster of Kafka 2.x keeps its metadata in."""

    def __init__(self, cluster: Cluster):
        self.cluster = cluster
        self.port = free_port()
        self.folder = cluster.folder / "zookeeper"
        self.folder.mkdir()
        self._process: Process | None = None

    def start(self) -> None:
        if self._process:
            return
        main = "org.apache.zookeeper.server.ZooKeeperServerMain"
        command = self.cluster.java(main, str(self.port), str(self.folder), str(ZOOKEEPER_TICK_MS))
        self._process = Process("ZooKeeper", command, self.folder / "log")
        self._process.wait_until(lambda: ask_zookeeper(LOOPBACK, self.port, b"ruok") == "imok", START_TIMEOUT_S)

    def wait_forgotten(self, node_id: int) -> None:
        """Returns when the session of a killed broker has passed; until then its successor would refuse to start."""
        node = f"/brokers/ids/{node_id}\n"
        self._process.wait_until(lambda: node not in ask_zookeeper(LOOPBACK, self.port, b"dump"), START_TIMEOUT_S)

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process = None


def _archive_options(version: str) -> list[str]:
    # The archive is made once, at the end of a broker that is started for nothing else.
    archive = class_archive(version)
    with cache_lock(f"kafka-{version}-classes"):
        if not archive.exists():
            unfinished = archive.with_suffix(".new")
            with Cluster(version, java_options=[f"-XX:ArchiveClassesAtExit={unfinished}"]) as kafka:
                kafka.brokers[0].stop()
            unfinished.rename(archive)
    return [f"-XX:SharedArchiveFile={archive}"]


def _join(listeners: Mapping[str, str]) -> str:
    return ",".join(f"{name}://{address}" for name, address in listeners.items())


def _make_cluster_id() -> str:
    # Kafka's own form, a UUID in base64; one that begins with "-" is an option to its tools.
    while True:
        cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not cluster_id.startswith("-"):
            return cluster_id
