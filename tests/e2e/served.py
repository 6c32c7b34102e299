# SPDX-License-Identifier: Apache-2.0
"""Which node got which request, from kbridge's traffic lines; and which should have got it, from the cluster itself."""

import re

from confluent_kafka.admin import AdminClient

from tests.e2e.direct import ANSWER_TIMEOUT_S
from tests.e2e.kbridge import Kbridge

LINE = re.compile(r" (?P<api>[A-Z]\w+) v\d+ +node (?P<node>\d+) (?P<rest>.*)")


def leaders(bootstrap: str, topic: str) -> set[tuple[int, int]]:
    """(node, partition) of each partition."""
    found = AdminClient({"bootstrap.servers": bootstrap}).list_topics(topic, ANSWER_TIMEOUT_S).topics[topic]
    return {(partition.leader, partition.id) for partition in found.partitions.values()}


def served(proxy: Kbridge, api: str, topic: str) -> set[tuple[int, int]]:
    """(node, partition) of each partition of the topic that a request of this kind named; kbridge needs --traffic."""
    named = re.compile(rf"\b{re.escape(topic)}\[([\d ]+)\]")
    return {
        (int(line["node"]), int(partition))
        for line in LINE.finditer(proxy.log.read_text(errors="replace"))
        if line["api"] == api
        for partitions in named.findall(line["rest"])
        for partition in partitions.split()
    }
