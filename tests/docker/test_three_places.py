# SPDX-License-Identifier: Apache-2.0
"""One suite in three places: README's walk word for word, and what the same takes without kbridge.

The commands are README's own, run in a copy of docker/examples/three-places whose images have stand-ins: Debian's ZooKeeper, a Kafka
2.8.2 with it, a registry that keeps its schemas in memory, and the tests' client where the example has python:3.
"""

import os
import re
import shutil
import sys
from pathlib import Path

import pytest
import yaml

from tests.docker.bed import HERE, PORT, docker_folder, network_address
from tests.docker.images import CLIENT, ROOT

pytestmark = pytest.mark.docker

EXAMPLE = Path("docker/examples/three-places")
PROJECT = "kbridge-test-places"
ZOOKEEPER = "kbridge-test-zookeeper"
KAFKA_2 = "kbridge-test-kafka-2"
STAND_INS = {
    "zookeeper": {"image": ZOOKEEPER},
    "kafka": {"image": KAFKA_2},
    "registry": {"image": CLIENT, "command": "python3 /registry.py", "volumes": [f"{HERE / 'registry.py'}:/registry.py:ro"]},
    "tests": {"image": CLIENT},
}
COMMAND_TIMEOUT_S = 300
PASSED = "2 passed"
# What the machine of these tests may be by itself.
PLACE_VARIABLES = ("BITBUCKET_DOCKER_HOST_INTERNAL", "IN_A_CONTAINER", "SERVICES")


def walk() -> dict[str, str]:
    """The commands of README's walk, by the place that is named above them; first, under no name, where it begins."""
    section = (ROOT / "README.md").read_text().split("## One suite, three places\n")[1]
    block = re.search(r"```sh\n(.*?)```", section, re.DOTALL).group(1)
    beginning, *places = re.split(r"^# ", block, flags=re.MULTILINE)
    return {"": beginning, **dict(place.split("\n", 1) for place in places)}


class Desk:
    """A copy of the example, and a shell in it as its user has it."""

    def __init__(self, engine, folder: Path):
        self._engine = engine
        self.folder = folder / EXAMPLE
        shutil.copytree(ROOT / EXAMPLE, self.folder)
        for file in self.folder.glob("*/compose.yaml"):
            compose = yaml.safe_load(file.read_text())
            for name, stand_in in STAND_INS.items():
                compose["services"].get(name, {}).update(stand_in)
            file.write_text(yaml.safe_dump(compose))
        self._root = folder
        self._environment = {
            **{name: value for name, value in engine.environment.items() if name not in PLACE_VARIABLES},
            "PATH": f"{docker_folder(engine, folder)}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "COMPOSE_PROJECT_NAME": PROJECT,
            "PYTEST_ADDOPTS": "-p no:cacheprovider",
        }

    def run(self, commands: str, **variables: str) -> str:
        command = ["timeout", str(COMMAND_TIMEOUT_S), "sh", "-euc", commands]
        done = self._engine.run(command, COMMAND_TIMEOUT_S + 10, {**self._environment, **variables}, self._root)
        assert done.returncode == 0, f"{commands}\nfailed:\n{done.stdout}"
        return done.stdout

    def run_in_container(self, commands: str, **variables: str) -> str:
        """In a container that has the checkout, but nothing in common with the services."""
        options = [option for name, value in variables.items() for option in ("--env", f"{name}={value}")]
        options += ["--volume", f"{self._root}:/checkout", "--workdir", "/checkout", "--env", "PYTEST_ADDOPTS=-p no:cacheprovider"]
        return self._engine.docker("run", "--rm", *options, CLIENT, "sh", "-euc", commands, timeout_s=COMMAND_TIMEOUT_S)

    def down(self) -> None:
        for place in ("before", "after"):
            self.run(f"cd {self.folder / place} && docker compose down --volumes --remove-orphans --timeout 2")


@pytest.fixture
def desk(engine, images, tmp_path):
    images.build(ZOOKEEPER, HERE / "zookeeper")
    images.build_with_jars(KAFKA_2, HERE / "kafka-2", "2.8.2")
    desk = Desk(engine, tmp_path)
    yield desk
    desk.down()


def test_the_walk_of_the_readme(engine, desk, report):
    commands = walk()
    assert list(commands) == ["", "on your machine", "in a container beside them", "in Bitbucket Pipelines"]
    begin, native, container, pipeline = commands.values()
    log = f"{begin}docker compose logs proxy\n"

    assert PASSED in desk.run(begin + native)
    assert f"is told localhost:{PORT}: it comes through a published port" in desk.run(log)
    assert PASSED in desk.run(begin + container)
    assert "it comes from a neighbour in a network of ours" in desk.run(log)
    assert "is forwarded to registry:8081" in desk.run(log)
    desk.run(f"{begin}docker compose down --timeout 2\n")

    docker_host = {"BITBUCKET_DOCKER_HOST_INTERNAL": network_address(engine, "bridge")}
    up, tests = pipeline.splitlines()
    desk.run(begin + up, **docker_host)
    assert PASSED in desk.run_in_container(begin + tests, **docker_host)
    assert f"is told {docker_host['BITBUCKET_DOCKER_HOST_INTERNAL']}:{PORT}" in desk.run(log)
    report.append("README's walk: on the host, in a sibling and as in Bitbucket Pipelines: passes")


def test_without_kbridge_each_place_needs_the_broker_to_advertise_another_name(engine, desk, report):
    script = f"{EXAMPLE}/before/run-tests.sh"
    docker_host = network_address(engine, "bridge")
    assert PASSED in desk.run(script)
    seen = engine.docker("run", "--rm", CLIENT, "kcat", "-b", f"{docker_host}:{PORT}", "-L")
    assert f"at localhost:{PORT}" in seen
    desk.down()
    assert PASSED in desk.run(script, BITBUCKET_DOCKER_HOST_INTERNAL=docker_host)
    assert PASSED in desk.run_in_container(f"cd {EXAMPLE} && SERVICES={docker_host} pytest")
    report.append("the same without kbridge: passes, with an override file and a loop")
