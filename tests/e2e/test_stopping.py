# SPDX-License-Identifier: Apache-2.0
"""kbridge is told to stop: idle clients end at once, a request under way is answered, who takes too long is cut and counted, and
under load no record is lost."""

import os
import signal
import time
from contextlib import closing

import pytest
from confluent_kafka import Consumer, Producer

from tests.e2e import fakes
from tests.e2e.flow import wait_until
from tests.e2e.kbridge import Kbridge, binary
from tests.e2e.raw import RawClient
from tests.e2e.wire import has_read_all

pytestmark = pytest.mark.core

POLL_S = 4
# Far more than a kbridge needs to end, on a busy machine too.
DRAIN_S = 30
RECORDS = 30_000
WAIT_S = 60


@pytest.fixture
def broker():
    with fakes.mock(binary().with_name("kbridge-tools")) as upstream:
        yield upstream


@pytest.fixture
def start(broker, tmp_path):
    return lambda *settings, port=None: Kbridge(broker, tmp_path, binary(), *settings, port=port)


def stop(proxy: Kbridge) -> float:
    begun = time.monotonic()
    proxy.stop()
    return time.monotonic() - begun


def long_poll(proxy: Kbridge, wait_s: int) -> RawClient:
    """A client whose Fetch is under way: kbridge has read it."""
    client = RawClient(proxy.address)
    client.ask_api_versions()
    producer = Producer({"bootstrap.servers": proxy.address})
    producer.produce("polled", b"first")
    assert producer.flush(WAIT_S) == 0
    client.send_fetch("polled", 0, wait_s=wait_s)
    wait_until(lambda: has_read_all(proxy.port), "kbridge has read all that was sent to it")
    return client


def test_an_idle_client_is_not_waited_for(start):
    proxy = start("--timeouts.drain", f"{DRAIN_S}s")
    with closing(RawClient(proxy.address)) as client:
        client.ask_api_versions()
        assert stop(proxy) < DRAIN_S
    assert not proxy.log_contains("timeouts.drain")


def test_a_request_under_way_is_answered(start):
    proxy = start("--timeouts.drain", f"{DRAIN_S}s")
    with closing(long_poll(proxy, POLL_S)) as client:
        os.kill(proxy.process.pid, signal.SIGTERM)
        assert len(client.read_answer()) > 0
        stop(proxy)
    assert not proxy.log_contains(" cut with a request")


def test_who_takes_too_long_is_cut_and_counted(start):
    proxy = start("--timeouts.drain", "200ms")
    with closing(long_poll(proxy, DRAIN_S)):
        assert stop(proxy) < DRAIN_S
    assert proxy.log_contains("1 client still to be answered \\(timeouts.drain = 200 ms\\)")
    assert proxy.log_contains("1 client cut with a request that is not answered \\(timeouts.drain = 200 ms\\)")


def test_no_record_is_lost_when_kbridge_is_stopped_and_started_under_load(start):
    proxy = start()
    failed = []
    producer = Producer({"bootstrap.servers": proxy.address, "enable.idempotence": True, "linger.ms": 1})
    for number in range(RECORDS):
        producer.produce("loaded", str(number), partition=0, on_delivery=lambda error, _: error and failed.append(error))
        producer.poll(0)
        if number in (RECORDS // 3, 2 * RECORDS // 3):
            producer.poll(0.1)
            proxy.stop()
            assert not proxy.log_contains(" cut with a request")
            proxy = start(port=proxy.port)
    assert producer.flush(WAIT_S) == 0
    assert not failed
    assert values_of(proxy, "loaded") == [str(number) for number in range(RECORDS)]
    proxy.stop()


def values_of(proxy: Kbridge, topic: str) -> list[str]:
    reader = Consumer({"bootstrap.servers": proxy.address, "group.id": topic, "auto.offset.reset": "earliest"})
    reader.subscribe([topic])
    values, deadline = [], time.monotonic() + WAIT_S
    while len(values) < RECORDS and time.monotonic() < deadline:
        values += [record.value().decode() for record in reader.consume(1000, 1) if not record.error()]
    reader.close()
    return values
