# SPDX-License-Identifier: Apache-2.0
"""What the image is made of, and how a container of it starts, says that it is well, and stops."""

import http.client
import os
import re
import socket
import statistics
import struct
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

import pytest

from tests.docker.bed import PORT, Container
from tests.docker.engine import Engine
from tests.docker.images import KAFKA, KBRIDGE, ROOT
from tests.e2e.direct import Direct
from tests.e2e.flow import PROGRAMS, Flow, wait_until
from tests.kafka.net import free_port

pytestmark = pytest.mark.docker

ARM64 = "kbridge-test-arm64"
ARM64_BUILD = "kbridge-test-arm64-build"
ELF_MACHINE_AT = 18
ELF_ARM64 = 183
SIZE_MAX = 15_000_000
START_MAX_S = 0.05
MOCK_START_MAX_S = 0.2
START_TIMEOUT_S = 60
USER = "65532:65532"
# With ROOT COMMAND...: as in a container of the image, in which the kernel's /proc is too.
IN_FILES = ["unshare", "--mount", "sh", "-c", f'mount --bind /proc "$0/proc" && exec chroot --userspec={USER} "$0" "$@"']
RECORDS = 200
ADDRESS = f"localhost:{PORT}"
STOP_MAX_S = 2
RESIDENT_MAX_KIB = 8 << 10
MOCK_RESIDENT_MAX_KIB = 32 << 10
HEALTH_TIMEOUT_S = 180
# As docker run takes them: a container that is soon called unhealthy.
IMPATIENT = ["--health-start-period", "6s", "--health-interval", "1s", "--health-retries", "1"]


def files_of(engine: Engine, name: str) -> dict[str, bytes]:
    """The regular files of an image, but for those that the engine itself puts into every container."""
    container = Container(engine, engine.docker("create", name, "--version"))
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "image.tar"
        engine.docker("export", "--output", archive, container.name)
        container.remove()
        with tarfile.open(archive) as tar:
            files = {member.name: tar.extractfile(member).read() for member in tar if member.isfile()}
    return {name: content for name, content in files.items() if not name.startswith(("etc/", "dev/")) and name != ".dockerenv"}


def assert_programs_and_libraries(files: dict[str, bytes], machine: int) -> None:
    """Two programs, what they load, and all of it for this machine, by its number in an ELF header."""
    libraries = [name for name in files if re.fullmatch(r"(usr/)?lib(64)?/(\S+/)?(lib\S+|ld-\S+)\.so[.\d]*", name)]
    assert sorted(files) == sorted(["kbridge", "kbridge-tools", *libraries])
    assert {struct.unpack_from("<H", content, ELF_MACHINE_AT)[0] for content in files.values()} == {machine}


def test_the_image_holds_two_programs_and_their_libraries(engine, report):
    size = int(engine.docker("image", "inspect", "--format", "{{.Size}}", KBRIDGE))
    files = files_of(engine, KBRIDGE)
    report.append(f"image: {size / 1e6:.1f} MB, {len(files)} files")
    assert size <= SIZE_MAX
    assert_programs_and_libraries(files, struct.unpack_from("<H", Path(sys.executable).read_bytes(), ELF_MACHINE_AT)[0])


def test_the_tools_start_in_the_image(bed):
    container = bed.start(KBRIDGE, command=("mock", "--help"))
    assert container.ended()[0] == 0, container.log()


def test_the_same_file_makes_the_image_for_arm64(engine, images, report):
    """Cross-compiled; its build stage has an emulator, in which the programs then start."""
    from_file = ["--file", ROOT / "docker/Dockerfile", "--build-arg", "TARGETARCH=arm64"]
    images.build(ARM64_BUILD, ROOT, *from_file, "--target", "build")
    images.build(ARM64, ROOT, *from_file)
    assert_programs_and_libraries(files_of(engine, ARM64), ELF_ARM64)
    for program in ("/kbridge --version", "/kbridge-tools mock --help"):
        native = engine.docker("run", "--rm", "--entrypoint", program.split()[0], KBRIDGE, *program.split()[1:])
        emulated = ["qemu-aarch64", "-L", "/image", f"/image{program.split()[0]}", *program.split()[1:]]
        assert engine.docker("run", "--rm", ARM64_BUILD, *emulated) == native
    report.append("image for arm64: cross-compiled, and its programs start in an emulator")


def test_the_user_is_a_number_and_not_root(compose, report):
    proxy = compose.container("proxy")
    assert proxy.inspect("{{.Config.User}}") == USER
    report.append(f"user: {proxy.top('uid')}")
    assert proxy.top("uid") != "0"


def test_it_is_small_in_memory(compose, report):
    kib = int(compose.container("proxy").top("rss"))
    report.append(f"resident: {kib} KiB")
    assert kib < RESIDENT_MAX_KIB


@pytest.fixture
def unpacked(engine, tmp_path):
    """The image's files in a folder, so that a start can be timed without the engine's part in it."""
    if os.geteuid() != 0:
        pytest.skip("cannot: only root may change the root folder of a process")
    for name, content in files_of(engine, KBRIDGE).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(0o755)
    (tmp_path / "proc").mkdir()
    tmp_path.chmod(0o755)  # for its user
    return tmp_path


def start_s(root: Path, arguments: tuple[str, ...], path: str) -> float:
    """From the start of /kbridge in these files until a client is accepted, and its admin answers this path with 200."""
    port, admin = free_port(), free_port()
    listen = ["--listen", f"localhost:{port}", "--admin.listen", f"localhost:{admin}"]
    begun = time.monotonic()
    process = subprocess.Popen([*IN_FILES, root, "/kbridge", *arguments, *listen],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={"PATH": os.environ["PATH"]})  # fmt: skip
    try:
        while not (accepts(port) and answers_200(admin, path)):
            assert process.poll() is None and time.monotonic() < begun + START_TIMEOUT_S
        return time.monotonic() - begun
    finally:
        process.terminate()
        process.wait()


def accepts(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def answers_200(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, START_TIMEOUT_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except ConnectionRefusedError:
        return False
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("arguments", "path", "max_s"), [(("nobody.invalid:9092",), "/livez", START_MAX_S), (("mock",), "/readyz", MOCK_START_MAX_S)]
)
def test_it_serves_clients_as_soon_as_it_is_started(unpacked, report, arguments, path, max_s):
    taken_s = sorted(start_s(unpacked, arguments, path) for _ in range(5))
    report.append(f"start: {', '.join(f'{1000 * each:.0f}' for each in taken_s)} ms from the start of `kbridge {' '.join(arguments)}` "
                  f"in the image's files to a client that is accepted, and {path} that is 200")  # fmt: skip
    assert statistics.median(taken_s) < max_s


def test_a_mock_is_small_in_memory(engine, bed, report):
    container = bed.start(KBRIDGE, command=("mock", "--topic", "orders:3"))
    container.wait_healthy()
    resident = [int(line.split()[1]) for line in engine.docker("top", container.name, "-o", "pid,rss").splitlines()[1:]]
    report.append(f"resident, mock: {' + '.join(map(str, resident))} KiB")
    assert sum(resident) < MOCK_RESIDENT_MAX_KIB


def test_it_listens_on_all_interfaces_in_both_families(compose):
    log = compose.container("proxy").log()
    assert f"listening on 0.0.0.0:{PORT}" in log
    assert f"listening on [::]:{PORT}" in log


def test_healthy_means_that_kafka_answers(engine, compose, bed, report):
    other = bed.network("kbridge-test-health")
    proxy = bed.start(KBRIDGE, "--network", other, *IMPATIENT, command=("later:9092",))
    wait_until(lambda: proxy.health() == "starting", "the health at the start", 5)
    wait_until(lambda: proxy.health() == "unhealthy", "unhealthy without Kafka", HEALTH_TIMEOUT_S)
    bed.start(KAFKA, "--network", other, "--network-alias", "later")
    seen = set()
    wait_until(lambda: seen.add(proxy.health()) or "healthy" in seen, "healthy with Kafka", HEALTH_TIMEOUT_S)
    report.append("health: starting, then unhealthy without Kafka; unhealthy while Kafka starts; healthy once it answers")
    assert seen == {"unhealthy", "healthy"}
    assert engine.docker("exec", proxy.name, "/kbridge", "health") == f"Kafka answers at localhost:{PORT}."


def test_compose_brings_a_healthy_proxy(compose):
    compose.container("proxy").wait_healthy()


@pytest.fixture
def flows(compose, tmp_path):
    """A producer and a group of two, of each client that has such a program."""
    flows = []
    for client in PROGRAMS:
        topic = f"stopped-under-{client}"
        Direct(ADDRESS).create_topic(topic, 2)
        flows.append(Flow(client, "in docker stop", ADDRESS, topic, tmp_path))
    yield flows
    for flow in flows:
        flow.process.kill()


def test_no_client_loses_a_record_when_the_container_is_stopped_and_started(compose, flows, report):
    proxy = compose.container("proxy")
    for flow in flows:
        flow.wait_for(RECORDS)
    stopped_s = proxy.stop()
    code = proxy.inspect("{{.State.ExitCode}}")
    proxy.start()
    for flow in flows:
        flow.wait_for(flow.sent_count() + RECORDS)
    for flow in flows:
        flow.finish()
        sent, acknowledged, received, doubled = flow.counts()
        report.append(
            f"docker stop: {stopped_s:.2f} s, in the middle of {sent} records of {flow.client}: "
            f"{acknowledged} acknowledged, {received} received, {doubled} doubled"
        )
        assert sent == acknowledged == received == Direct(ADDRESS).record_count(flow.topic)
        assert not flow.failed
    assert code == "0"
    assert stopped_s < STOP_MAX_S


def test_the_check_says_why_kafka_does_not_answer(bed):
    proxy = bed.start(KBRIDGE, command=("nobody.invalid:9092",))
    proxy.wait_logged("waiting for the broker")
    done = bed.engine.try_docker("exec", proxy.name, "/kbridge", "health")
    assert done.returncode == 1
    assert done.stdout.strip() == f"Kafka does not answer at localhost:{PORT}: no answer came within 3 s."
