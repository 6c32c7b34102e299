# SPDX-License-Identifier: Apache-2.0
"""What stands on the engine during the tests: docker/compose.yaml, further kbridges beside it, and those who run suite.py.

Apart from conftest.py because tests use these classes by name.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.docker.engine import Engine
from tests.docker.images import CLIENT, KBRIDGE
from tests.kafka.jars import class_path

HERE = Path(__file__).resolve().parent
PROJECT = "kbridge-test"
NETWORK = f"{PROJECT}_default"
PORT = 29092
STOP_S = 10
POLL_S = 0.05
SUITE_TIMEOUT_S = 180
JARS = Path(class_path().split(":")[0]).parent


def wait_until(condition: Callable[[], object], timeout_s: float, what: str) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {timeout_s} s: {what}"
        time.sleep(POLL_S)


def compose_command(engine: Engine) -> list[str]:
    """`docker compose` where the plugin is there, else Debian's docker-compose."""
    if engine.try_docker("compose", "version").returncode == 0:
        return ["docker", "compose"]
    assert shutil.which("docker-compose"), "there is neither docker compose nor docker-compose"
    return ["docker-compose"]


class Compose:
    """One project of compose files, up from enter to exit."""

    def __init__(self, engine: Engine, project: str, *files: Path, variables: Mapping[str, str] | None = None):
        self._engine = engine
        self._environment = {**engine.environment, **(variables or {})}
        self._command = [*compose_command(engine), "--project-name", project]
        for file in files:
            self._command += ["--file", str(file)]

    def run(self, *arguments: str) -> str:
        done = self._engine.run([*self._command, *arguments], environment=self._environment)
        assert done.returncode == 0, f"compose {' '.join(arguments)} failed:\n{done.stdout}"
        return done.stdout.strip()

    def container(self, service: str) -> "Container":
        return Container(self._engine, self.run("ps", "-q", service))

    def __enter__(self) -> "Compose":
        try:
            self.run("up", "--detach")
            return self
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_) -> None:
        self.run("down", "--volumes", "--remove-orphans", "--timeout", str(STOP_S))


class Container:
    def __init__(self, engine: Engine, name: str):
        self._engine = engine
        self.name = name

    def inspect(self, format: str) -> str:
        return self._engine.docker("inspect", "--format", format, self.name)

    def health(self) -> str:
        return self.inspect("{{.State.Health.Status}}")

    def log(self) -> str:
        return self._engine.docker("logs", self.name)

    def wait_logged(self, pattern: str, timeout_s: float = 30) -> re.Match:
        wait_until(lambda: re.search(pattern, self.log()), timeout_s, f"{pattern!r} in:\n{self.log()}")
        return re.search(pattern, self.log())

    def top(self, column: str) -> str:
        """A column of ps, for the container's one process."""
        return self._engine.docker("top", self.name, "-o", f"pid,{column}").splitlines()[1].split()[1]

    def stop(self) -> float:
        """How many seconds `docker stop` takes."""
        begun = time.monotonic()
        self._engine.docker("stop", "--time", STOP_S, self.name)
        return time.monotonic() - begun

    def start(self) -> None:
        self._engine.docker("start", self.name)

    def remove(self) -> None:
        self._engine.try_docker("rm", "--force", "--volumes", self.name)


class Bed:
    """Starts containers, and removes each when the test is over."""

    def __init__(self, engine: Engine):
        self.engine = engine
        self._containers: list[Container] = []
        self._networks: list[str] = []

    def network(self, name: str) -> str:
        self.engine.docker("network", "create", name)
        self._networks.append(name)
        return name

    def start(self, image: str, *options: object, command: tuple[str, ...] = ()) -> Container:
        name = self.engine.docker("create", *options, image, *command)
        container = Container(self.engine, name)
        self._containers.append(container)
        container.start()
        return container

    def kbridge(self, *options: str, publish: str | None = None, variables: Mapping[str, str] | None = None) -> Container:
        """A further kbridge in front of the Kafka of docker/compose.yaml; publish is "HOST_PORT:PORT"."""
        settings = [option for item in (variables or {}).items() for option in ("--env", "=".join(item))]
        publish = ["--publish", publish] if publish else []
        container = self.start(KBRIDGE, "--network", NETWORK, *publish, *settings, *options, command=("kafka:9092",))
        container.wait_logged(r"cluster .* has 1 node")
        return container

    def close(self) -> None:
        for container in reversed(self._containers):
            container.remove()
        for network in self._networks:
            self.engine.docker("network", "rm", network)
        self._containers.clear()
        self._networks.clear()


@dataclass
class Outcome:
    passed: bool
    told: str
    output: str


def suite_on_host(kafka: str, *options: str) -> Outcome:
    command = [sys.executable, "-m", "pytest", "-c", "/dev/null", *pytest_options(*options), str(HERE / "suite.py")]
    environment = {**os.environ, "KAFKA": kafka, "KAFKA_JARS": str(JARS)}
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SUITE_TIMEOUT_S
    )
    return outcome_of(done)


def suite_command(kafka: str, *options: str) -> list[str]:
    """The arguments of `docker run` behind its options."""
    return [
        "--rm", "--volume", f"{HERE / 'suite.py'}:/suite/suite.py:ro", "--volume", f"{JARS}:/jars:ro",
        "--env", f"KAFKA={kafka}", "--env", "KAFKA_JARS=/jars",
        CLIENT, "python3", "-m", "pytest", *pytest_options(*options), "/suite/suite.py",
    ]  # fmt: skip


def suite_in_container(engine: Engine, kafka: str, *docker_options: str, options: tuple[str, ...] = ()) -> Outcome:
    return outcome_of(engine.try_docker("run", *docker_options, *suite_command(kafka, *options), timeout_s=SUITE_TIMEOUT_S))


def pytest_options(*options: str) -> list[str]:
    return ["-q", "-s", "-p", "no:cacheprovider", *options]


def outcome_of(done: subprocess.CompletedProcess) -> Outcome:
    told = re.search(r"TOLD (\S+)", done.stdout)
    return Outcome(done.returncode == 0, told.group(1) if told else "nothing", done.stdout)


def lan_address() -> str | None:
    """This machine's own address in its network; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        return probe.getsockname()[0]


def network_address(engine: Engine, network: str, field: str = "Gateway") -> str:
    ipam = json.loads(engine.docker("network", "inspect", "--format", "{{json .IPAM.Config}}", network))
    return ipam[0][field]
