# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests share: a real Kafka that no client could use directly, and kbridge in front of it."""

import itertools

import pytest

from tests.e2e import matrix
from tests.e2e.direct import Direct
from tests.e2e.kbridge import Kbridge, NoKbridge, binary, is_direct
from tests.e2e.tables import write_tables
from tests.kafka.cluster import Cluster

# What the stock image advertises, and what nobody can resolve.
ADVERTISED = ["localhost:9092", "nowhere.invalid:1234"]
_numbers = itertools.count(1)


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes a minute or more, or measures the release build")
    config.addinivalue_line("markers", "feature(name, client=None): what a client can do here, for the table of clients and features")


@pytest.fixture(scope="session", params=ADVERTISED)
def kafka(request):
    """One real broker; its clients' listener advertises an address where it is not."""
    with Cluster(advertise=request.param) as cluster:
        yield cluster


@pytest.fixture
def direct(kafka):
    """The same cluster without kbridge."""
    return Direct(kafka.internal)


@pytest.fixture
def kbridge(kafka, tmp_path):
    """kbridge in front of the broker, or the broker itself in the reference run."""
    proxy = NoKbridge(kafka) if is_direct() else Kbridge(kafka, tmp_path, binary())
    yield proxy
    proxy.stop()


@pytest.fixture
def proxy(three, tmp_path):
    """kbridge in front of the three brokers of the test's module, with a line for all that passes."""
    proxy = Kbridge(three, tmp_path, binary(), "--traffic", "--traffic-all")
    yield proxy
    proxy.stop()


@pytest.fixture
def release(kafka, tmp_path):
    """kbridge as it is shipped, without sanitizers: for what is measured."""
    proxy = Kbridge(kafka, tmp_path, binary("KBRIDGE_RELEASE_BIN"))
    yield proxy
    proxy.stop()


@pytest.fixture
def name(request):
    """A name for topics and groups that no other test of this run uses."""
    return f"{request.node.originalname.removeprefix('test_')[:40]}-{next(_numbers)}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    matrix.note(item, report)
    return report


def pytest_terminal_summary():
    matrix.add_table()
    write_tables()
