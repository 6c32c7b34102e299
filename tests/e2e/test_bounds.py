# SPDX-License-Identifier: Apache-2.0
"""How much memory and CPU kbridge takes, measured on the release build."""

import resource
import time

import pytest
from confluent_kafka import Consumer, Producer

from tests.e2e.raw import RawClient
from tests.e2e.usage import cpu_s, descriptor_count, peak_resident_bytes, resident_bytes

MIB = 1 << 20
TRANSFER_RECORDS = 200
# Far more than the kernel's buffers hold, and less than fetch.max.bytes of a broker, 55 MiB.
STALLED_RECORDS = 32
STALL_S = 60
PEAK_LIMIT_BYTES = 12 * MIB

CONNECTIONS = 2000
CONNECTION_LIMIT_BYTES = 3 << 10
IDLE_S = 5
IDLE_CPU_LIMIT_S = 0.05
CLOSE_TIMEOUT_S = 60
TRANSFER_TIMEOUT_S = 120

pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize("kafka", ["nowhere.invalid:1234"], indirect=True, scope="session"),
]


def test_large_transfers_beside_a_stalled_client_stay_in_12_mib(kafka, direct, release, name):
    direct.create_topic(name)
    direct.create_topic(f"{name}-stalled")
    produce_mebibytes(kafka.internal, f"{name}-stalled", STALLED_RECORDS)
    stalled = RawClient(release.address)
    stalled.send_fetch(f"{name}-stalled", STALLED_RECORDS * MIB)
    assert stalled.has_answer()
    stalled_since = time.monotonic()

    produce_mebibytes(release.address, name, TRANSFER_RECORDS)
    consume_mebibytes(release.address, name, TRANSFER_RECORDS)

    # The stall itself is what is tested, so this time must pass; and it is kbridge's patience that is looked at.
    while time.monotonic() < stalled_since + STALL_S:
        assert release.process.runs()
        time.sleep(1)
    peak = peak_resident_bytes(release.process.pid)
    print(f"peak resident memory: {peak / MIB:.1f} MiB")
    assert peak < PEAK_LIMIT_BYTES
    # Nothing of what it did not read for a minute is lost: the answer is whole, and as large as was asked for.
    assert len(stalled.read_answer()) >= (STALLED_RECORDS - 1) * MIB
    stalled.close()


def test_2000_idle_connections_take_3_kib_each_and_no_cpu(kafka, release):
    raise_descriptor_limit()
    warm_up = RawClient(release.address)
    warm_up.ask_api_versions()
    pid = release.process.pid
    memory_before, descriptors_before = resident_bytes(pid), descriptor_count(pid)

    clients = [RawClient(release.address) for _ in range(CONNECTIONS)]
    for client in clients:
        client.ask_api_versions()
    each = (resident_bytes(pid) - memory_before) / CONNECTIONS
    assert descriptor_count(pid) >= descriptors_before + 2 * CONNECTIONS
    cpu_before = cpu_s(pid)
    time.sleep(IDLE_S)
    cpu = cpu_s(pid) - cpu_before

    print(f"{each:.0f} bytes per idle connection, {cpu:.2f} s of CPU in {IDLE_S} s")
    assert each < CONNECTION_LIMIT_BYTES
    assert cpu <= IDLE_CPU_LIMIT_S
    for client in clients:
        client.ask_api_versions()
        client.close()
    release.process.wait_until(lambda: descriptor_count(pid) <= descriptors_before, CLOSE_TIMEOUT_S)


def produce_mebibytes(bootstrap: str, topic: str, records: int) -> None:
    failures = []
    settings = {"message.max.bytes": 4 * MIB, "queue.buffering.max.kbytes": 32 << 10}
    producer = Producer({"bootstrap.servers": bootstrap, **settings})
    value = bytes(MIB)
    for _ in range(records):
        while True:
            try:
                producer.produce(topic, value, on_delivery=lambda error, _: error and failures.append(error))
                break
            except BufferError:
                producer.poll(1)
    assert producer.flush(TRANSFER_TIMEOUT_S) == 0
    assert not failures


def consume_mebibytes(bootstrap: str, topic: str, records: int) -> None:
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": topic, "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    deadline = time.monotonic() + TRANSFER_TIMEOUT_S
    sizes = []
    while len(sizes) < records and time.monotonic() < deadline:
        sizes += [len(record.value()) for record in consumer.consume(50, timeout=1) if not record.error()]
    consumer.close()
    assert sizes == [MIB] * records


def raise_descriptor_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard < 3 * CONNECTIONS:
        pytest.skip(f"cannot: a process may only have {hard} open files here; {3 * CONNECTIONS} are needed")
