# SPDX-License-Identifier: Apache-2.0
"""Three kbridges behind HAProxy, as people run them: any connection may reach any of them, and each may be restarted.

Apart from kbridge.py because these come and go, while what clients are told stays the same.
"""

from collections.abc import Sequence
from pathlib import Path

from tests.e2e.kbridge import SANITIZER, START_TIMEOUT_S, STOP_TIMEOUT_S
from tests.e2e.wire import listens
from tests.kafka.cluster import Cluster
from tests.kafka.net import free_port
from tests.kafka.process import Process

BALANCER = """
defaults
    mode tcp
    balance roundrobin
    option redispatch
    timeout connect 1s
    timeout client 1h
    timeout server 1h
listen kafka
    bind 127.0.0.1:{port}
    bind ::1:{port}
"""


class Replica:
    """One kbridge, which comes back on the same port."""

    def __init__(self, cluster: Cluster, log: Path, program: Path, told: str, settings: Sequence[str]):
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.log = log
        self._command = [str(program), "--listen", self.address, "--advertise", f"127.0.0.0/8={told}", *settings, cluster.bootstrap]
        self.start()

    def start(self) -> None:
        self._process = Process(f"kbridge at {self.port}", self._command, self.log, environment={})
        self._process.wait_until(lambda: listens(self.port), START_TIMEOUT_S)

    def restart(self) -> None:
        self.stop()
        self.start()

    def stop(self) -> None:
        assert self._process.stop(STOP_TIMEOUT_S) == 0, self._process.tail()
        assert not SANITIZER.search(self.log.read_text(errors="replace")), self._process.tail()

    def kill(self) -> None:
        self._process.kill()


class Replicas:
    def __init__(self, cluster: Cluster, folder: Path, program: Path, *settings: str):
        self.port = free_port()
        self.address = f"localhost:{self.port}"
        self.each = [Replica(cluster, folder / f"kbridge-{number}.log", program, self.address, settings) for number in range(3)]
        servers = "".join(f"    server kbridge{r.port} 127.0.0.1:{r.port} check inter 100ms rise 1 fall 1\n" for r in self.each)
        settings = folder / "haproxy.cfg"
        settings.write_text(BALANCER.format(port=self.port) + servers)
        self._balancer = Process("HAProxy", ["haproxy", "-db", "-f", str(settings)], folder / "haproxy.log")
        self._balancer.wait_until(lambda: listens(self.port), START_TIMEOUT_S)

    def stop(self) -> None:
        self._balancer.kill()
        for replica in self.each:
            replica.stop()
