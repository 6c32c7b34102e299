# SPDX-License-Identifier: Apache-2.0
"""What the image is made of, and how a container of it starts, says that it is well, and stops."""

import datetime
import re
import tarfile
import tempfile
from pathlib import Path

import pytest
from confluent_kafka import Producer

from tests.docker.bed import HERE, PORT, Container, wait_until
from tests.docker.engine import Engine
from tests.docker.images import KAFKA, KBRIDGE, ROOT
from tests.e2e.direct import Direct

pytestmark = pytest.mark.docker

ARM64 = "kbridge-test-arm64"
SIZE_MAX = 15_000_000
START_MAX_S = 0.05
STOP_MAX_S = 2
RESIDENT_MAX_KIB = 8 << 10
HEALTH_TIMEOUT_S = 90
# As docker run takes them: a container that is soon called unhealthy.
IMPATIENT = ["--health-start-period", "6s", "--health-interval", "1s", "--health-retries", "1"]


def files_of(engine: Engine, container: Container) -> list[str]:
    """The regular files, but for those that the engine itself puts into every container."""
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "image.tar"
        engine.docker("export", "--output", archive, container.name)
        with tarfile.open(archive) as tar:
            names = [member.name for member in tar if member.isfile()]
    return sorted(name for name in names if not name.startswith(("etc/", "dev/")) and name != ".dockerenv")


def test_the_image_holds_two_programs_and_their_libraries(engine, bed, report):
    size = int(engine.docker("image", "inspect", "--format", "{{.Size}}", KBRIDGE))
    report.append(f"image: {size / 1e6:.1f} MB")
    assert size <= SIZE_MAX
    container = bed.start(KBRIDGE, command=("--version",))
    files = files_of(engine, container)
    assert [name for name in files if not name.startswith("lib")] == ["kbridge", "kbridge-tools"]
    assert all(re.fullmatch(r"lib(64)?/(\S+/)?(lib\S+|ld-\S+)\.so[.\d]*", name) for name in files if name.startswith("lib"))


def test_the_tools_start_in_the_image(bed):
    container = bed.start(KBRIDGE, command=("mock", "--help"))
    wait_until(lambda: container.inspect("{{.State.Running}}") == "false", 10, "the end of mock --help")
    assert container.inspect("{{.State.ExitCode}}") == "0", container.log()


def test_the_programs_build_for_arm64(engine, images):
    images.build(ARM64, ROOT, "--file", HERE / "arm64/Dockerfile")
    seen = engine.docker("run", "--rm", ARM64).splitlines()
    assert len(seen) == 2
    assert all("ARM aarch64" in line for line in seen)


def test_the_user_is_a_number_and_not_root(compose, report):
    proxy = compose.container("proxy")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", proxy.inspect("{{.Config.User}}"))
    report.append(f"user: {proxy.top('uid')}")
    assert proxy.top("uid") != "0"


def test_it_is_small_in_memory(compose, report):
    kib = int(compose.container("proxy").top("rss"))
    report.append(f"resident: {kib} KiB")
    assert kib < RESIDENT_MAX_KIB


def moment(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(re.sub(r"(\.\d{6})\d*Z$", r"\1+00:00", text))


def test_it_listens_within_50_ms(engine, bed, report):
    """Against the moment that the engine notes as the container's start, which may be just behind kbridge's first line."""
    taken_s = []
    for _ in range(5):
        container = bed.start(KBRIDGE, command=("nobody.invalid:9092",))
        container.wait_logged("listening on")
        first = engine.docker("logs", "--timestamps", container.name).splitlines()[0].split()[0]
        taken_s.append((moment(first) - moment(container.inspect("{{.State.StartedAt}}"))).total_seconds())
    report.append(f"start: {', '.join(f'{1000 * each:.0f}' for each in taken_s)} ms from the container's start, as the engine notes it, to listening")
    assert sorted(taken_s)[2] < START_MAX_S


def test_it_listens_on_all_interfaces_in_both_families(compose):
    log = compose.container("proxy").log()
    assert f"listening on 0.0.0.0:{PORT}" in log
    assert f"listening on [::]:{PORT}" in log


def test_healthy_means_that_kafka_answers(engine, compose, bed, report):
    other = bed.network("kbridge-test-health")
    proxy = bed.start(KBRIDGE, "--network", other, *IMPATIENT, command=("later:9092",))
    wait_until(lambda: proxy.health() == "starting", 5, "the health at the start")
    wait_until(lambda: proxy.health() == "unhealthy", HEALTH_TIMEOUT_S, "unhealthy without Kafka")
    bed.start(KAFKA, "--network", other, "--network-alias", "later")
    seen = set()
    wait_until(lambda: seen.add(proxy.health()) or "healthy" in seen, HEALTH_TIMEOUT_S, "healthy with Kafka")
    report.append("health: starting, then unhealthy without Kafka; unhealthy while Kafka starts; healthy once it answers")
    assert seen == {"unhealthy", "healthy"}
    assert engine.docker("exec", proxy.name, "/kbridge", "health") == f"Kafka answers at localhost:{PORT}."


def test_compose_brings_a_healthy_proxy(compose):
    proxy = compose.container("proxy")
    wait_until(lambda: proxy.health() == "healthy", HEALTH_TIMEOUT_S, "healthy behind docker/compose.yaml")


def test_no_record_is_lost_when_the_container_is_stopped_and_started(compose, report):
    topic, records = "stopped-in-between", 20_000
    address = f"localhost:{PORT}"
    Direct(address).create_topic(topic, 2)
    producer = Producer({"bootstrap.servers": address, "enable.idempotence": True, "linger.ms": 1})
    failures = []
    stopped_s = None
    for number in range(records):
        producer.produce(topic, str(number), on_delivery=lambda error, _: error and failures.append(error))
        producer.poll(0)
        if number == records // 2:
            producer.poll(0.1)
            stopped_s = compose.container("proxy").stop()
            compose.container("proxy").start()
    assert producer.flush(60) == 0
    report.append(f"docker stop: {stopped_s:.2f} s with a producer in the middle of {records} records, none lost")
    assert not failures
    assert Direct(address).record_count(topic) == records
    assert compose.container("proxy").inspect("{{.State.ExitCode}}") == "0"
    assert stopped_s < STOP_MAX_S


def test_the_check_says_why_kafka_does_not_answer(bed):
    proxy = bed.start(KBRIDGE, command=("nobody.invalid:9092",))
    proxy.wait_logged("waiting for the broker")
    done = bed.engine.try_docker("exec", proxy.name, "/kbridge", "health")
    assert done.returncode == 1
    assert done.stdout.strip() == f"Kafka does not answer at localhost:{PORT}: no answer came within 3 s."
