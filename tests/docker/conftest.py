# SPDX-License-Identifier: Apache-2.0
"""One engine, one set of images and one docker/compose.yaml for all tests of this folder.

What engine and images these are, and what was measured, is printed at the end of the run.
"""

import signal
from pathlib import Path

import pytest

from tests.docker.bed import PROJECT, Bed, Compose
from tests.docker.engine import NoEngine, find_engine
from tests.docker.images import MUSL, MUSL_BUILD, ROOT, Images
from tests.e2e import toolchains
from tests.kafka.jars import cache_lock

COMPOSE_FILE = ROOT / "docker/compose.yaml"
HERE = Path(__file__).resolve().parent
MAKE_TIMEOUT_S = 1800
REPORT = pytest.StashKey[list[str]]()


def pytest_configure(config):
    config.addinivalue_line("markers", "docker: needs a Docker engine, or root to start one")
    config.stash[REPORT] = []


def pytest_collection_modifyitems(items):
    """The first of them makes the images, which may take its time where nothing of them is there yet."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.timeout(MAKE_TIMEOUT_S))


def pytest_terminal_summary(terminalreporter, config):
    if config.stash[REPORT]:
        terminalreporter.section("docker")
        for line in config.stash[REPORT]:
            terminalreporter.line(line)


@pytest.fixture(scope="session")
def report(pytestconfig):
    """A list of lines for the end of the run."""
    return pytestconfig.stash[REPORT]


@pytest.fixture(scope="session")
def orderly_end():
    """A run that is told to end (by `timeout`, say) still takes away what it has started."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session")
def machine(report, orderly_end):
    """An engine, without images yet."""
    with cache_lock("docker"):
        try:
            engine = find_engine()
        except NoEngine as why:
            pytest.skip(f"cannot: {why}")
        report.append(f"engine: {'its own, started for the tests' if engine.is_own else 'the one that runs'}")
        before = engine.inventory()
        yield engine
        left = {what: names - before[what] for what, names in engine.inventory().items()}
        engine.stop()
        assert not any(left.values()), f"the tests have left on the engine: {left}"
        report.append("left behind: no container, no network, no volume, no image's name")


@pytest.fixture(scope="session")
def images(machine, report):
    images = Images(machine)
    try:
        images.prepare()
        report.extend(images.how)
        yield images
    except NoEngine as why:
        pytest.skip(f"cannot: {why}")
    finally:
        images.forget()


@pytest.fixture(scope="session")
def engine(machine, images):
    """The engine, with all images."""
    return machine


@pytest.fixture(scope="session")
def musl(images, report):
    """The name of an image with clients like those of Alpine: names are resolved by musl."""
    files = {"confluent-kafka.tar.gz": toolchains.python_source(HERE / "musl/requirements.txt")}
    images.build_with(MUSL_BUILD, HERE / "musl", files, "--target", "build")
    images.build_with(MUSL, HERE / "musl", files)
    report.extend(images.how[-2:])
    return MUSL


@pytest.fixture(scope="module")
def compose(engine):
    """docker/compose.yaml as it stands, up, with a Kafka that answers. Down behind each module: the examples take its port."""
    with Compose(engine, PROJECT, COMPOSE_FILE) as compose:
        compose.container("proxy").wait_logged(r"cluster .* has 1 node", 240)
        yield compose


@pytest.fixture
def bed(engine):
    bed = Bed(engine)
    yield bed
    bed.close()
