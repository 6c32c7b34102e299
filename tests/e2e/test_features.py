# SPDX-License-Identifier: Apache-2.0
"""What clients can do beyond plain records, on one broker and on three behind the one port, as they do it directly: transactions,
groups of each protocol, share groups, codecs, records of 8 MiB, 1,000 partitions, acks=0."""

import hashlib
import secrets
import struct
from collections.abc import Callable

import pytest

from tests.e2e import toolchains
from tests.e2e.clients import (
    CLIENT_TIMEOUT_S, CONFLUENT, JAVA, JAVA_SHARE, KAFKAJS, KCAT, Client, Consumer, produce, transact, wait_for_members,
)  # fmt: skip
from tests.e2e.direct import Direct
from tests.e2e.exchange import wait_all_begun
from tests.kafka.cluster import Cluster
from tests.kafka.process import Process

PARTITIONS = 12
RECORDS = 3000
BIG_BYTES = 8 << 20
MANY_PARTITIONS = 1000
TRANSACTIONS = [f"{'commit' if number % 3 else 'abort'} {number}" for number in range(12)]
# As they stand in the attributes of a batch of records.
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
SHORT_LIST = [KCAT, CONFLUENT, JAVA, KAFKAJS]
COMMITTED_ONLY = {"isolation.level": "read_committed"}
NEW_PROTOCOL = {"group.protocol": "consumer"}
ROOM = 2 * BIG_BYTES
# What each must be told before it sends so much at once, or so evenly.
BIG_SETTINGS = {
    "kcat": {"message.max.bytes": ROOM},
    "confluent-kafka": {"message.max.bytes": ROOM},
    "java-console": {"max.request.size": ROOM, "buffer.memory": 4 * ROOM},
    "kafkajs": {},
}
EVEN_SETTINGS = {"java-console": {"batch.size": 1}}


def clients(*some: Client) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("client", [pytest.param(client, id=client.name) for client in some])


@pytest.fixture(scope="module", params=[1, 3], ids=["one", "three"])
def kafka(request):
    """One broker whose address nobody can reach, and three that share kbridge's port."""
    with Cluster(brokers=request.param, advertise="own" if request.param > 1 else "nowhere.invalid:1234") as cluster:
        yield cluster


@pytest.fixture
def topic(direct, name):
    direct.create_topic(name, PARTITIONS)
    return name


@pytest.fixture
def start(kbridge, topic, tmp_path):
    """A function that starts member number of the topic's group."""

    def start_member(client: Client, number: int = 0, settings: dict | None = None) -> Consumer:
        return Consumer(client, number, kbridge.address, topic, topic, tmp_path, settings)

    return start_member


@pytest.mark.feature("transactions")
@clients(CONFLUENT, JAVA, KAFKAJS)
def test_a_reader_of_what_is_committed_gets_nothing_else(client, kafka, kbridge, direct, topic, start, tmp_path):
    transact(client, kbridge.address, topic, TRANSACTIONS, tmp_path)
    committed = [value for outcome, value in map(str.split, TRANSACTIONS) if outcome == "commit"]
    # The last one is committed, and each partition gives its records in order: behind it nothing can come.
    assert TRANSACTIONS[-1].startswith("commit")
    # kafkajs does so unless told, and knows no such setting.
    reader = start(client, settings={} if client is KAFKAJS else COMMITTED_ONLY)
    read = reader.wait_for(len(committed) * PARTITIONS)
    reader.stop()
    assert sorted(read) == sorted(committed * PARTITIONS)
    with_markers = 2 * len(TRANSACTIONS) * PARTITIONS
    assert direct.record_count(topic) == with_markers


@pytest.mark.feature("exactly-once loop", client="java")
def test_two_exactly_once_loops_with_aborts_copy_every_record_once(kafka, kbridge, direct, topic, start, tmp_path):
    """Kafka's own copier, two of them in one group, which give up transactions by chance and do them again."""
    copy = f"{topic}-copy"
    direct.create_topic(copy, PARTITIONS)
    values = [str(number) for number in range(RECORDS)]
    produce(KCAT, kbridge.address, topic, values, tmp_path)
    copiers = [Process(f"copier {number}", copier(kbridge.address, topic, copy, number), tmp_path / f"copier-{number}.log")
               for number in range(2)]  # fmt: skip
    reader = Consumer(JAVA, 9, kbridge.address, copy, copy, tmp_path, COMMITTED_ONLY)
    read = reader.wait_for(RECORDS)
    for process in (*copiers, reader.process):
        process.stop(CLIENT_TIMEOUT_S)
    assert sorted(read) == sorted(values)


@pytest.mark.feature("share groups")
@clients(JAVA_SHARE)
def test_a_share_group_gets_every_record_once(client, kafka, kbridge, direct, topic, start, tmp_path):
    get_every_record_once([start(client, number) for number in range(2)], kbridge.address, direct, topic, tmp_path)


@pytest.mark.feature("KIP-848 groups")
@clients(CONFLUENT, JAVA)
def test_a_group_of_the_new_protocol_gets_every_record_once(client, kafka, kbridge, direct, topic, start, tmp_path):
    members = [start(client, number, NEW_PROTOCOL) for number in range(2)]
    get_every_record_once(members, kbridge.address, direct, topic, tmp_path)


@pytest.mark.feature("static members")
@clients(KCAT, CONFLUENT, JAVA)
def test_a_static_member_that_comes_back_has_what_it_had(client, kafka, kbridge, direct, topic, start, tmp_path):
    identities = [{"group.instance.id": f"{topic}-{number}"} for number in range(2)]
    members = [start(client, number, identity) for number, identity in enumerate(identities)]
    wait_for_members(members, lambda: direct.group_shares(topic, 2))
    before = direct.group_assignments(topic)

    members[0].stop()
    assert direct.group_assignments(topic) == before
    values = [str(number) for number in range(RECORDS)]
    produce(KCAT, kbridge.address, topic, values, tmp_path)
    members[0] = start(client, 0, identities[0])

    assert sorted(take(members, RECORDS)) == sorted(values)
    assert direct.group_assignments(topic) == before
    for member in members:
        member.stop()


@pytest.mark.feature("codecs")
@clients(*SHORT_LIST)
def test_batches_of_each_codec_arrive_as_they_were_sent(client, kafka, kbridge, direct, topic, start, tmp_path):
    # Without further packages, kafkajs has only this one.
    codecs = ["gzip"] if client is KAFKAJS else CODECS[1:]
    values = [f"{codec}-{number}" for codec in codecs for number in range(RECORDS)]
    for codec in codecs:
        mine = [value for value in values if value.startswith(codec)]
        produce(client, kbridge.address, topic, mine, tmp_path, {"compression.type": codec})
    reader = start(client)
    assert sorted(reader.wait_for(len(values))) == sorted(values)
    reader.stop()
    assert stored_codecs(kafka, topic) >= set(codecs)


@pytest.mark.feature("8 MiB records")
@clients(*SHORT_LIST)
def test_records_of_8_mib_arrive_whole(client, kafka, kbridge, direct, topic, start, tmp_path):
    values = [secrets.token_hex(BIG_BYTES // 2) for _ in range(4)]
    produce(client, kbridge.address, topic, values, tmp_path, BIG_SETTINGS[client.name])
    reader = start(client)
    reader.process.wait_until(lambda: reader.printed_bytes() >= 4 * (BIG_BYTES + 1), CLIENT_TIMEOUT_S)
    assert digests(reader.values()) == digests(values)
    reader.stop()


@pytest.mark.feature("acks=0")
@clients(*SHORT_LIST)
def test_records_that_nobody_acknowledges_all_arrive(client, kafka, kbridge, direct, topic, start, tmp_path):
    values = [str(number) for number in range(RECORDS)]
    idempotent = {"enable.idempotence": "false"} if client is JAVA else {}
    produce(client, kbridge.address, topic, values, tmp_path, {"acks": 0, **idempotent})
    reader = start(client)
    assert sorted(reader.wait_for(RECORDS)) == sorted(values)
    reader.stop()


@pytest.fixture(scope="module")
def wide(kafka):
    """A topic for all clients, for it takes a while to make."""
    direct = Direct(kafka.internal)
    direct.create_topic("wide", MANY_PARTITIONS)
    return "wide"


@pytest.mark.feature("1,000 partitions")
@clients(*SHORT_LIST)
def test_a_thousand_partitions_take_and_give_every_record(client, kafka, kbridge, direct, wide, tmp_path):
    values = [f"{client.name}-{number}" for number in range(10 * MANY_PARTITIONS)]
    before = direct.ends(wide)
    produce(client, kbridge.address, wide, values, tmp_path, EVEN_SETTINGS.get(client.name))
    used = sum(end > began for began, end in zip(before, direct.ends(wide), strict=True))
    assert used > 0.99 * MANY_PARTITIONS
    reader = Consumer(client, 0, kbridge.address, wide, f"{wide}-{client.name}", tmp_path)
    read = reader.wait_for(sum(before) + len(values))
    reader.stop()
    assert sorted(value for value in read if value.startswith(client.name)) == sorted(values)


def get_every_record_once(members: list[Consumer], bootstrap: str, direct: Direct, topic: str, folder) -> None:
    wait_all_begun(members, direct, topic, PARTITIONS)
    values = [str(number) for number in range(RECORDS)]
    produce(KCAT, bootstrap, topic, values, folder)
    assert sorted(take(members, RECORDS, str.isdigit)) == sorted(values)
    for member in members:
        member.stop()
    assert all(any(map(str.isdigit, member.values())) for member in members), "one member got nothing"


def take(members: list[Consumer], count: int, counts: Callable[[str], bool] = bool) -> list[str]:
    """The values that count, of all members together, once there are so many."""

    def values() -> list[str]:
        return [value for member in members for value in member.values() if counts(value)]

    wait_for_members(members, lambda: len(values()) >= count)
    return values()


def copier(bootstrap: str, source: str, copy: str, number: int) -> list[str]:
    return toolchains.java(
        "org.apache.kafka.tools.TransactionalMessageCopier", "--broker-list", bootstrap, "--input-topic", source,
        "--output-topic", copy, "--input-partition", "0", "--group-mode", "--consumer-group", source, "--transactional-id",
        f"{source}-{number}", "--transaction-size", "100", "--enable-random-aborts", "--use-group-metadata",
    )  # fmt: skip


def stored_codecs(kafka: Cluster, topic: str) -> set[str]:
    """How the batches of the topic lie on the disks of the brokers: 12 bytes to the end of the length, 21 to the attributes."""
    found = set()
    for log in kafka.folder.glob(f"broker-*/data/{topic}-*/*.log"):
        data, at = log.read_bytes(), 0
        while at + 23 <= len(data):
            (length,) = struct.unpack_from(">i", data, at + 8)
            (attributes,) = struct.unpack_from(">h", data, at + 21)
            found.add(CODECS[attributes & 7])
            at += 12 + length
    return found


def digests(values: list[str]) -> list[str]:
    return sorted(hashlib.sha256(value.encode()).hexdigest() for value in values)
