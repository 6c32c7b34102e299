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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.docker.engine import Engine
from tests.docker.images import CLIENT, KBRIDGE
from tests.e2e import toolchains
from tests.e2e.flow import wait_until
from tests.kafka.jars import class_path

HERE = Path(__file__).resolve().parent
SUITE = HERE / "suite.py"
PROJECT = "kbridge-test"
NETWORK = f"{PROJECT}_default"
PORT = 29092
STOP_S = 10
END_TIMEOUT_S = 180
SUITE_TIMEOUT_S = 400
WITHOUT_PLUGIN = '#!/bin/sh\nif [ "$1" = compose ]; then shift; exec docker-compose "$@"; fi\nexec {docker} "$@"\n'


def jars() -> Path:
    """The folder of Kafka's jars; they are fetched where the cache has them not."""
    return Path(class_path().split(":")[0]).parent


def compose_command(engine: Engine) -> list[str]:
    """`docker compose` where the plugin is there, else Debian's docker-compose."""
    if engine.try_docker("compose", "version").returncode == 0:
        return ["docker", "compose"]
    assert shutil.which("docker-compose"), "there is neither docker compose nor docker-compose"
    return ["docker-compose"]


def docker_folder(engine: Engine, folder: Path) -> Path:
    """For PATH: a `docker` that knows `docker compose` where the machine has only Debian's docker-compose; empty elsewhere."""
    commands = folder / "docker-with-compose"
    commands.mkdir()
    if compose_command(engine) == ["docker-compose"]:
        (commands / "docker").write_text(WITHOUT_PLUGIN.format(docker=shutil.which("docker")))
        (commands / "docker").chmod(0o755)
    return commands


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
        return Container(self._engine, self.run("ps", "--all", "-q", service))

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

    def wait_logged(self, pattern: str, timeout_s: float = 120) -> re.Match:
        self.wait_until(lambda: re.search(pattern, self.log()) is not None, repr(pattern), timeout_s)
        return re.search(pattern, self.log())

    def wait_healthy(self, timeout_s: float = 180) -> None:
        self.wait_until(lambda: self.health() == "healthy", "healthy", timeout_s)

    def wait_until(self, condition: Callable[[], bool], what: str, timeout_s: float) -> None:
        """Fails with the container's log when time is up."""
        try:
            wait_until(condition, what, timeout_s)
        except AssertionError as why:
            raise AssertionError(f"{why}; {self.name} said:\n{self.log()}") from None

    def ended(self, timeout_s: float = END_TIMEOUT_S) -> tuple[int, str]:
        """With which code, and what it said last; waits for it."""
        self.wait_until(lambda: self.inspect("{{.State.Running}}") == "false", "the end", timeout_s)
        return int(self.inspect("{{.State.ExitCode}}")), self.log().splitlines()[-1]

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

    def network(self, name: str, *options: str) -> str:
        self.engine.docker("network", "create", *options, name)
        self._networks.append(name)
        return name

    def start(self, image: str, *options: object, command: tuple[str, ...] = ()) -> Container:
        name = self.engine.docker("create", *options, image, *command)
        container = Container(self.engine, name)
        self._containers.append(container)
        container.start()
        return container

    def kbridge(
        self,
        *options: str,
        network: str = NETWORK,
        publish: str | None = None,
        settings: Mapping[str, str] | None = None,
        arguments: tuple[str, ...] = (),
    ) -> Container:
        """A further kbridge in front of the Kafka of docker/compose.yaml; publish is "HOST_PORT:PORT"."""
        published = ["--publish", publish] if publish else []
        options = ("--network", network, *published, *variables(settings or {}), *options)
        container = self.start(KBRIDGE, *options, command=("kafka:9092", *arguments))
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
    result: str
    output: str


def faust_packages() -> Path:
    """The folder of what faust/app.py needs of Python."""
    (packages,) = Path(toolchains.python(HERE / "faust/requirements.txt")).parents[1].glob("lib/python*/site-packages")
    return packages


def suite_settings(kafka: str) -> dict[str, str]:
    return {"KAFKA": kafka, "KAFKA_JARS": str(jars()), "FAUST_PACKAGES": str(faust_packages())}


def suite_on_host(
    kafka: str, *options: str, settings: Mapping[str, str] | None = None, within: Sequence[object] = ()
) -> Outcome:
    """`within` is a command that runs the one which it is given at its end."""
    command = [*map(str, within), sys.executable, "-m", "pytest", "-c", "/dev/null", *pytest_options(*options), str(SUITE)]
    environment = {**os.environ, **suite_settings(kafka), **(settings or {})}
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SUITE_TIMEOUT_S
    )
    return outcome_of(done)


def suite_command(kafka: str, *options: str, image: str = CLIENT, settings: Mapping[str, str] | None = None) -> list[str]:
    """The arguments of `docker run` behind its options. What is mounted is where it is on the host, so that nothing differs."""
    settings = {**suite_settings(kafka), **(settings or {})}
    mounts = [f"{place}:{place}:ro" for place in (SUITE, HERE / "faust", settings["KAFKA_JARS"], settings["FAUST_PACKAGES"])]
    return [
        "--rm", *(option for mount in mounts for option in ("--volume", mount)), *variables(settings), "--entrypoint", "python3",
        image, "-m", "pytest", "-c", "/dev/null", *pytest_options(*options), str(SUITE),
    ]  # fmt: skip


def suite_in_container(
    engine: Engine,
    kafka: str,
    *docker_options: str,
    options: tuple[str, ...] = (),
    image: str = CLIENT,
    settings: Mapping[str, str] | None = None,
) -> Outcome:
    command = suite_command(kafka, *options, image=image, settings=settings)
    return outcome_of(engine.try_docker("run", *docker_options, *command, timeout_s=SUITE_TIMEOUT_S))


def pytest_options(*options: str) -> list[str]:
    return ["-q", "-s", "-rs", "--noconftest", "-p", "no:cacheprovider", *options]


def variables(given: Mapping[str, object]) -> list[str]:
    """Options of `docker run` for these variables."""
    return [option for name, value in given.items() for option in ("--env", f"{name}={value}")]


def outcome_of(done: subprocess.CompletedProcess) -> Outcome:
    told = re.search(r"TOLD (\S+)", done.stdout)
    counts = re.findall(r"\d+ (?:passed|failed|skipped|error)", done.stdout.strip().splitlines()[-1])
    result = ", ".join(counts) or ("passes" if done.returncode == 0 else "fails")
    return Outcome(done.returncode == 0, told.group(1) if told else "nothing", result, done.stdout)


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
