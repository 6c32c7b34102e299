# SPDX-License-Identifier: Apache-2.0
"""Each example of docker/examples, run as far as a machine without that service can.

The files are read, and their services started as the service would start them: with the same images, names, variables and
commands, in the same kind of network. Then the commands of the job are run in a checkout whose tests are suite.py; what stands for
the job's own image is the tests' client.
podman.sh is in test_podman.py.
"""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from tests.docker.bed import (
    HERE, PORT, Compose, Container, Outcome, docker_folder, network_address, outcome_of, suite_in_container, suite_on_host, variables,
)  # fmt: skip
from tests.docker.images import CLIENT, KAFKA, KBRIDGE, ROOT
from tests.e2e.flow import wait_until

pytestmark = pytest.mark.docker

EXAMPLES = ROOT / "docker/examples"
PROJECT = "kbridge-test-example"
QUICK = ("-k", "not java and not faust")
JOB = {"PYTEST_ADDOPTS": '-q -s -p no:cacheprovider -k "not java and not faust"', "PYTHONDONTWRITEBYTECODE": "1"}
# What a mock has, which makes no topics when it is asked to, but when they are used.
ON_MOCK = {"PYTEST_ADDOPTS": '-q -s -p no:cacheprovider -k "cluster or kcat"'}
REQUIREMENTS = "confluent-kafka\npytest\n"
HEALTHY_S = 180
KUBERNETES = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]


def example(name: str) -> dict:
    return yaml.safe_load((EXAMPLES / name).read_text())


@pytest.fixture(scope="module")
def kafka(engine):
    """One stock Kafka, which joins the network of each example under the name `kafka`."""
    container = Container(engine, engine.docker("run", "--detach", KAFKA))
    yield container
    container.remove()


@pytest.fixture
def network(engine, kafka, bed):
    """The network that a CI service makes for one job; Kafka is in it."""
    name = bed.network(PROJECT)
    engine.docker("network", "connect", "--alias", "kafka", name, kafka.name)
    yield name
    engine.docker("network", "disconnect", name, kafka.name)


class Job:
    """A checkout of somebody's project, with the files of an example, and what its commands come to."""

    def __init__(self, engine, folder: Path):
        self._engine = engine
        self.checkout = folder / "checkout"
        shutil.copytree(EXAMPLES, self.checkout)
        shutil.rmtree(self.checkout / "three-places")  # has tests of its own
        shutil.copy(HERE / "suite.py", self.checkout / "test_suite.py")
        (self.checkout / "requirements.txt").write_text(REQUIREMENTS)
        self._path = f"{docker_folder(engine, folder)}:{Path(sys.executable).parent}:{os.environ['PATH']}"

    def in_container(self, commands: list[str], *options: str, settings: Mapping[str, str]) -> Outcome:
        place = ["--volume", f"{self.checkout}:/checkout", "--workdir", "/checkout", *variables({**JOB, **settings})]
        return outcome_of(self._engine.try_docker("run", "--rm", *options, *place, CLIENT, "sh", "-exc", "\n".join(commands)))

    def on_host(self, commands: list[str], settings: Mapping[str, str]) -> Outcome:
        environment = {**self._engine.environment, **JOB, "PATH": self._path, **settings}
        return outcome_of(self._engine.run(["sh", "-exc", "\n".join(commands)], environment=environment, folder=self.checkout))


@pytest.fixture
def job(engine, tmp_path):
    return Job(engine, tmp_path)


def start_service(bed, network: str, service: Mapping, alias: str) -> None:
    """A service of GitHub or GitLab, but for Kafka, which is there already."""
    if service.get("image", service.get("name")) == KAFKA:
        assert alias == "kafka"
        return
    ports = [option for port in service.get("ports", []) for option in ("--publish", port)]
    settings = variables({**service.get("env", {}), **service.get("variables", {})})
    options = ["--network", network, "--network-alias", alias, *ports, *settings]
    bed.start(KBRIDGE, *options, command=tuple(service.get("command", []))).wait_healthy()


@pytest.mark.parametrize("name", ["on-the-runner", "in-a-container"])
def test_github_actions(bed, network, job, name):
    given = example("github-actions.yaml")["jobs"][name]
    for alias, service in given["services"].items():
        start_service(bed, network, service, alias)
    commands = [step["run"] for step in given["steps"] if "run" in step]
    if "container" in given:
        outcome = job.in_container(commands, "--network", network, settings=given["env"])
    else:
        outcome = job.on_host(commands, given["env"])
    assert outcome.passed, outcome.output


@pytest.mark.parametrize(("name", "which"), [("tests", {}), ("quick-tests", ON_MOCK)])
def test_gitlab(bed, network, job, name, which):
    given = example("gitlab-ci.yaml")[name]
    for service in given["services"]:
        start_service(bed, network, {**service, "variables": given["variables"]}, service["alias"])
    outcome = job.in_container(given["script"], "--network", network, settings={**given["variables"], **which})
    assert outcome.passed, outcome.output


def bitbucket_step(number: int) -> dict:
    return example("bitbucket-pipelines.yaml")["pipelines"]["default"][number]["step"]


def test_bitbucket_with_services(bed, kafka, job):
    step = bitbucket_step(0)
    services = example("bitbucket-pipelines.yaml")["definitions"]["services"]
    assert step["services"] == list(services) == ["kafka", "proxy"]
    shared = ["--network", f"container:{kafka.name}"]
    bed.start(services["proxy"]["image"], *shared, *variables(services["proxy"]["variables"]))
    outcome = job.in_container(step["script"], *shared, settings={})
    assert outcome.passed, outcome.output
    assert outcome.told == f"localhost:{PORT}"


def test_bitbucket_with_compose(engine, job):
    """What docker is told is run on the host: in the pipeline too it is the step's Docker that carries it out."""
    up, topics, *commands = bitbucket_step(1)["script"]
    docker_host = network_address(engine, "bridge")
    settings = {"BITBUCKET_DOCKER_HOST_INTERNAL": docker_host, "COMPOSE_PROJECT_NAME": PROJECT}
    try:
        started = job.on_host([up, topics], settings)
        assert started.passed, started.output
        outcome = job.in_container(commands, settings=settings)
    finally:
        job.on_host([f"{up.removesuffix('up --detach')} down --timeout 2"], settings)
    assert outcome.passed, outcome.output
    assert outcome.told == f"{docker_host}:{PORT}"


def test_the_compose_file_of_bitbucket_serves_the_developers_machine_too(engine):
    with Compose(engine, PROJECT, EXAMPLES / "bitbucket-compose.yaml"):
        outcome = suite_on_host(f"localhost:{PORT}", *QUICK)
    assert outcome.passed, outcome.output


@pytest.mark.parametrize(("file", "which"), [("compose-tests.yaml", {}), ("compose-mock.yaml", ON_MOCK)])
def test_compose_starts_the_tests_when_kafka_answers(job, file, which):
    """With an override for the image with the tests, and for which of them are run."""
    override = {"services": {"tests": {"image": CLIENT, "environment": {**JOB, **which}}}}
    (job.checkout / "override.yaml").write_text(yaml.safe_dump(override))
    compose = f"docker compose -f {file} -f override.yaml"
    settings = {"COMPOSE_PROJECT_NAME": PROJECT}
    try:
        outcome = job.on_host([f"{compose} run --rm tests"], settings)
    finally:
        job.on_host([f"{compose} down --timeout 2"], settings)
    assert outcome.passed, outcome.output
    assert outcome.told.endswith(f":{PORT}"), outcome.output


def test_the_application_starts_when_its_topics_are_there(engine, tmp_path):
    """With an application that looks for them once."""
    override = tmp_path / "override.yaml"
    command = f"wait proxy:{PORT} --topic orders:3 --topic payments:6"
    override.write_text(yaml.safe_dump({"services": {"application": {"image": KBRIDGE, "command": command}}}))
    with Compose(engine, PROJECT, EXAMPLES / "compose-topics.yaml", override) as compose:
        assert compose.container("application").ended()[0] == 0, compose.run("logs")


def test_docker_desktop_serves_other_containers_and_a_host_that_knows_the_name(engine):
    address = f"host.docker.internal:{PORT}"
    container = ["--add-host", "host.docker.internal:host-gateway"]
    host = ["--network", "host", "--add-host", "host.docker.internal:127.0.0.1"]
    with Compose(engine, PROJECT, EXAMPLES / "docker-desktop.yaml"):
        for where in (container, host):
            outcome = suite_in_container(engine, address, *where, options=QUICK)
            assert outcome.passed, outcome.output
            assert outcome.told == address


def start_of_kubernetes(bed, network: str, container: Mapping, *options: str) -> Container:
    settings = variables({each["name"]: each["value"] for each in container.get("env", [])})
    started = bed.start(KBRIDGE, "--network", network, *KUBERNETES, *settings, *options, command=tuple(container["args"]))
    probe = container["readinessProbe"]["exec"]["command"]
    wait_until(lambda: bed.engine.try_docker("exec", started.name, *probe).returncode == 0, "ready", HEALTHY_S)
    return started


def test_kubernetes_sidecar(engine, bed, network):
    application, sidecar = example("kubernetes-sidecar.yaml")["spec"]["containers"]
    pod = start_of_kubernetes(bed, network, sidecar)
    address = application["env"][0]["value"]
    outcome = suite_in_container(engine, address, "--network", f"container:{pod.name}", options=QUICK)
    assert outcome.passed, outcome.output
    assert outcome.told == address


def test_kubernetes_replicas(engine, bed, network):
    deployment, service = yaml.safe_load_all((EXAMPLES / "kubernetes-replicas.yaml").read_text())
    name = service["metadata"]["name"]
    address = f"{name}:{service['spec']['ports'][0]['port']}"
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    replicas = [
        start_of_kubernetes(bed, network, container, "--network-alias", name) for _ in range(deployment["spec"]["replicas"])
    ]
    outcome = suite_in_container(engine, address, "--network", network, options=QUICK)
    assert outcome.passed, outcome.output
    assert outcome.told == address
    assert len(replicas) == 3
