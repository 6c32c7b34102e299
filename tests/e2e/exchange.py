# SPDX-License-Identifier: Apache-2.0
"""What every client must do everywhere: a producer and a group of two, and each record comes once.

Apart from the tests because they ask the same of all clients, on one broker, on three, and on old ones.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from tests.e2e.clients import Client, Consumer, produce, wait_for_members
from tests.e2e.direct import Direct

RECORDS = 10_000
MEMBERS = 2


def group_of_two_gets_every_record_once(
    client: Client,
    bootstrap: str,
    direct: Direct,
    topic: str,
    partitions: int,
    folder: Path,
    records: int = RECORDS,
    joined: Callable[[], bool] = lambda: True,
    replicas: int = 1,
) -> None:
    """What the caller wants to see while both members are in the group is `joined`: it is waited for."""
    values = [str(number) for number in range(records)]
    direct.create_topic(topic, partitions, replicas)
    members = [Consumer(client, number, bootstrap, topic, topic, folder) for number in range(MEMBERS)]
    wait_for_members(members, lambda: direct.group_shares(topic, MEMBERS) and joined())

    produce(client, bootstrap, topic, values, folder)

    wait_for_members(members, lambda: sum(len(each.values()) for each in members) >= records)
    for member in members:
        member.stop()
    assert direct.record_count(topic) == records
    assert all(member.values() for member in members), "one member got nothing"
    assert sorted(value for member in members for value in member.values()) == sorted(values)


def wait_all_begun(members: Sequence[Consumer], direct: Direct, topic: str, partitions: int) -> None:
    """Returns when each member has got something, and something of each partition has come: the group is settled, and a share
    group, which begins at the end of a partition, has begun with all of them. What comes meanwhile are no numbers."""
    everywhere = {f"begin-{partition}" for partition in range(partitions)}

    def have_all_begun() -> bool:
        direct.write_everywhere(topic, "begin-{partition}")
        got = [set(member.values()) for member in members]
        return all(got) and everywhere <= set().union(*got)

    wait_for_members(members, have_all_begun)
