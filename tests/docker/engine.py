# SPDX-License-Identifier: Apache-2.0
"""The Docker engine of the tests: the one that runs, or one of their own where none does.

Apart from images.py because it knows the engine, not what runs in it.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.docker.traces import Traces
from tests.kafka.jars import cache_folder
from tests.kafka.process import Process

START_TIMEOUT_S = 120
STOP_TIMEOUT_S = 60
COMMAND_TIMEOUT_S = 600
BRIDGE = "kbridge0"
BRIDGE_NETWORK = "10.209.87.1/24"
NEEDED = ("dockerd", "containerd", "runc", "iptables-save", "iptables-restore", "ip")
INVENTORY = {
    "containers": ("ps", "--all", "--format", "{{.Names}}"),
    "networks": ("network", "ls", "--format", "{{.Name}}"),
    "volumes": ("volume", "ls", "--quiet"),
    "images": ("images", "--format", "{{.Repository}}:{{.Tag}}"),
}


class NoEngine(Exception):
    """Why this machine can have no engine."""


class Engine:
    """Runs docker commands at one engine; `is_own` when the tests have started it."""

    def __init__(self, host: str | None = None):
        self.is_own = host is not None
        self.environment = dict(os.environ)
        if host:
            self.environment["DOCKER_HOST"] = host

    def try_docker(self, *arguments: object, timeout_s: float = COMMAND_TIMEOUT_S) -> subprocess.CompletedProcess:
        """The ended command, with stdout and stderr together, whatever its exit code."""
        return self.run(["docker", *map(str, arguments)], timeout_s)

    def docker(self, *arguments: object, timeout_s: float = COMMAND_TIMEOUT_S) -> str:
        """What the command says; fails when the command does."""
        done = self.try_docker(*arguments, timeout_s=timeout_s)
        assert done.returncode == 0, f"docker {' '.join(map(str, arguments))} failed:\n{done.stdout}"
        return done.stdout.strip()

    def run(
        self,
        command: list[str],
        timeout_s: float = COMMAND_TIMEOUT_S,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> subprocess.CompletedProcess:
        return subprocess.run(
            command, cwd=folder, env=environment or self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=timeout_s,
        )  # fmt: skip

    def inventory(self) -> dict[str, set[str]]:
        """All that has a name on the engine, so that a run can be asked what it has left."""
        found = {what: set(self.docker(*command).splitlines()) for what, command in INVENTORY.items()}
        found["images"].discard("<none>:<none>")  # a layer that makes the next build quick, as after any build
        return found

    def answers(self) -> bool:
        return self.try_docker("version", "--format", "{{.Server.Version}}").returncode == 0

    def stop(self) -> None:
        """The engine that runs is not ours to stop."""


class OwnEngine(Engine):
    """A dockerd with its own bridge and socket. Its data folder is in the cache, so that images need not be built again.

    What it changes on the machine is put back as it was.
    """

    def __init__(self):
        self._traces = Traces()
        self._folder = Path(tempfile.mkdtemp(prefix="kbridge-docker-"))
        super().__init__(f"unix://{self._folder}/docker.sock")
        self._process: Process | None = None

    def start(self) -> "OwnEngine":
        try:
            self._run()
            self._clear()
            return self
        except BaseException:
            self.stop()
            raise

    def _run(self) -> None:
        if _bridge_is_there():
            _ip("link", "delete", BRIDGE)  # a run that was killed has left it
        _ip("link", "add", BRIDGE, "type", "bridge")
        _ip("address", "add", BRIDGE_NETWORK, "dev", BRIDGE)
        self._process = Process("dockerd", [
            "dockerd", f"--host={self.environment['DOCKER_HOST']}", f"--data-root={cache_folder() / 'docker/engine'}",
            f"--exec-root={self._folder}/exec", f"--pidfile={self._folder}/pid", f"--bridge={BRIDGE}",
        ], self._folder / "log")  # fmt: skip
        self._process.wait_until(self.answers, START_TIMEOUT_S)

    def _clear(self) -> None:
        """Removes what a run that was killed has left."""
        for container in self.docker("ps", "--all", "--quiet").split():
            self.docker("rm", "--force", "--volumes", container)
        self.docker("network", "prune", "--force")
        for name in self.docker("images", "--format", "{{.Repository}}:{{.Tag}}").split():
            self.try_docker("rmi", "--no-prune", name)

    def stop(self) -> None:
        if self._process and self._process.runs():
            self._process.stop(STOP_TIMEOUT_S)
        if _bridge_is_there():
            _ip("link", "delete", BRIDGE)
        self._traces.remove()
        # dockerd leaves this mounted, and a folder with a mount in it cannot be removed.
        subprocess.run(["umount", f"{self._folder}/exec/netns/default"], stderr=subprocess.DEVNULL, check=False)
        shutil.rmtree(self._folder, ignore_errors=True)


def find_engine() -> Engine:
    """Raises NoEngine where there is none and none can be."""
    if not shutil.which("docker"):
        raise NoEngine("there is no docker command (package docker.io)")
    running = Engine()
    if running.answers():
        return running
    missing = [name for name in NEEDED if not shutil.which(name)]
    if os.geteuid() != 0 or missing:
        why = f"{', '.join(missing)} not there" if missing else "only root can start one"
        raise NoEngine(f"no Docker engine runs, and {why}")
    try:
        return OwnEngine().start()
    except (OSError, RuntimeError, subprocess.CalledProcessError) as why:
        raise NoEngine(f"no Docker engine runs, and none can be started here: {last_line(why)}") from why


def last_line(error: Exception) -> str:
    """The most telling line of what failed: commands say at the end why they give up."""
    said = error.stderr if isinstance(error, subprocess.CalledProcessError) and error.stderr else str(error)
    return said.strip().splitlines()[-1]


def _bridge_is_there() -> bool:
    return Path("/sys/class/net", BRIDGE).exists()


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], capture_output=True, text=True, check=True)
