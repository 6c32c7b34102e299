# SPDX-License-Identifier: Apache-2.0
"""Each example of docker/examples, run as far as a machine without that service can.

The files are read, and their services started as the service would start them: with the same images, names, variables and
commands, in the same kind of network. What stands for the job's own image is the tests' client, and for its `pytest` suite.py.
podman.sh is not run: only that its pod works, by the same containers in one network namespace.
"""

import shlex
from collections.abc import Mapping

import pytest
import yaml

from tests.docker.bed import HERE, JARS, PORT, Compose, Container, network_address, pytest_options, wait_until
from tests.docker.bed import suite_in_container, suite_on_host
from tests.docker.images import CLIENT, KAFKA, KBRIDGE, ROOT

pytestmark = pytest.mark.docker

EXAMPLES = ROOT / "docker/examples"
PROJECT = "kbridge-test-example"
QUICK = ("-k", "not java")
HEALTHY_S = 90
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


def variables(given: Mapping[str, object]) -> list[str]:
    return [option for name, value in given.items() for option in ("--env", f"{name}={value}")]


def wait_healthy(container: Container) -> None:
    wait_until(lambda: container.health() == "healthy", HEALTHY_S, f"healthy:\n{container.log()}")


def start_service(bed, network: str, service: Mapping, alias: str) -> None:
    """A service of GitHub or GitLab, but for Kafka, which is there already."""
    if service.get("image", service.get("name")) == KAFKA:
        assert alias == "kafka"
        return
    ports = [option for port in service.get("ports", []) for option in ("--publish", port)]
    settings = variables({**service.get("env", {}), **service.get("variables", {})})
    options = ["--network", network, "--network-alias", alias, *ports, *settings]
    wait_healthy(bed.start(KBRIDGE, *options, command=tuple(service.get("command", []))))


@pytest.mark.parametrize("name", ["on-the-runner", "in-a-container"])
def test_github_actions(engine, bed, network, name):
    job = example("github-actions.yaml")["jobs"][name]
    for alias, service in job["services"].items():
        start_service(bed, network, service, alias)
    assert job["steps"][-1]["run"] == "pytest"
    address = job["env"]["KAFKA"]
    if "container" in job:
        outcome = suite_in_container(engine, address, "--network", network, options=QUICK)
    else:
        outcome = suite_on_host(address, *QUICK)
    assert outcome.passed, outcome.output


def test_gitlab(engine, bed, network):
    job = example("gitlab-ci.yaml")["tests"]
    for service in job["services"]:
        start_service(bed, network, {**service, "variables": job["variables"]}, service["alias"])
    assert job["script"][-1] == "pytest"
    outcome = suite_in_container(engine, job["variables"]["KAFKA"], "--network", network, options=QUICK)
    assert outcome.passed, outcome.output


def bitbucket_step(number: int) -> tuple[dict, str]:
    """A step, and the address that it exports, as its shell reads it."""
    step = example("bitbucket-pipelines.yaml")["pipelines"]["default"][number]["step"]
    assert step["script"][-1] == "pytest"
    (address,) = [line.removeprefix("export KAFKA=") for line in step["script"] if line.startswith("export KAFKA=")]
    return step, address


def test_bitbucket_with_services(engine, bed, kafka):
    step, address = bitbucket_step(0)
    services = example("bitbucket-pipelines.yaml")["definitions"]["services"]
    assert step["services"] == list(services) == ["kafka", "proxy"]
    shared = ["--network", f"container:{kafka.name}"]
    bed.start(services["proxy"]["image"], *shared, *variables(services["proxy"]["variables"]))
    outcome = suite_in_container(engine, address, *shared, options=QUICK)
    assert outcome.passed, outcome.output
    assert outcome.told == f"localhost:{PORT}"


def test_bitbucket_with_compose(engine):
    _, address = bitbucket_step(1)
    docker_host = network_address(engine, "bridge")
    address = address.replace("$BITBUCKET_DOCKER_HOST_INTERNAL", docker_host)
    job = {"BITBUCKET_DOCKER_HOST_INTERNAL": docker_host}
    with Compose(engine, PROJECT, EXAMPLES / "bitbucket-compose.yaml", variables=job):
        outcome = suite_in_container(engine, address, options=QUICK)
    assert outcome.passed, outcome.output
    assert outcome.told == address == f"{docker_host}:{PORT}"


def test_the_compose_file_of_bitbucket_serves_the_developers_machine_too(engine):
    with Compose(engine, PROJECT, EXAMPLES / "bitbucket-compose.yaml"):
        outcome = suite_on_host(f"localhost:{PORT}", *QUICK)
    assert outcome.passed, outcome.output


def test_compose_starts_the_tests_when_kafka_answers(engine, tmp_path):
    """With an override for what the example leaves to its user: the image with the tests, and how they are started."""
    mounts = [f"{HERE / 'suite.py'}:/suite/suite.py:ro", f"{JARS}:/jars:ro"]
    command = ["python3", "-m", "pytest", *pytest_options(*QUICK), "/suite/suite.py"]
    tests = {"image": CLIENT, "volumes": mounts, "environment": {"KAFKA_JARS": "/jars"}, "command": command}
    override = tmp_path / "override.yaml"
    override.write_text(yaml.safe_dump({"services": {"tests": tests}}))
    project = Compose(engine, PROJECT, EXAMPLES / "compose-tests.yaml", override)
    try:
        assert "passed" in project.run("run", "--rm", "tests")
    finally:
        project.__exit__()


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
    wait_until(lambda: bed.engine.try_docker("exec", started.name, *probe).returncode == 0, HEALTHY_S, "ready")
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


def test_podmans_pod_simulated(engine, bed, kafka):
    lines = [shlex.split(line) for line in (EXAMPLES / "podman.sh").read_text().splitlines() if line.startswith("podman run")]
    (kbridge,) = [line for line in lines if KBRIDGE in line]
    at = kbridge.index(KBRIDGE)
    shared = ["--network", f"container:{kafka.name}"]
    bed.start(KBRIDGE, *shared, *kbridge[kbridge.index("--env") : at], command=tuple(kbridge[at + 1 :]))
    outcome = suite_in_container(engine, f"localhost:{PORT}", *shared, options=QUICK)
    assert outcome.passed, outcome.output
    assert outcome.told == f"localhost:{PORT}"
