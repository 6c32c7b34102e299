# SPDX-License-Identifier: Apache-2.0
"""Which node got which request, from kbridge's traffic lines and from the logs of the brokers; and which should have got it, from the
cluster itself."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator

from confluent_kafka import TopicCollection
from confluent_kafka.admin import AdminClient

from tests.e2e.direct import ANSWER_TIMEOUT_S
from tests.e2e.kbridge import Kbridge
from tests.kafka.cluster import Broker, Cluster

# What a broker says when it has answered; see log4j.properties.
ANSWERED = " Completed request:"
# librdkafka writes ids in the base64 of mail, Kafka in that of URLs.
TO_KAFKAS_BASE64 = str.maketrans("+/", "-_")
# NOT_LEADER_OR_FOLLOWER, NOT_COORDINATOR, NOT_CONTROLLER.
MISLED = re.compile(r'"\w*[eE]rrorCode":(6|16|41)\b')
API = re.compile(r'"requestApiKeyName":"(\w+)"')
LINE = re.compile(r" (?P<api>[A-Z]\w+) v\d+ +node (?P<node>\d+) (?P<rest>.*)")


def leaders(bootstrap: str, topic: str) -> set[tuple[int, int]]:
    """(node, partition) of each partition."""
    found = AdminClient({"bootstrap.servers": bootstrap}).list_topics(topic, ANSWER_TIMEOUT_S).topics[topic]
    return {(partition.leader, partition.id) for partition in found.partitions.values()}


def served(proxy: Kbridge, api: str, topic: str) -> set[tuple[int, int]]:
    """(node, partition) of each partition of the topic that a request of this kind named; kbridge needs --traffic --traffic-all."""
    named = re.compile(rf"\b{re.escape(topic)}\[([\d @+]+)\]")
    return {
        (int(line["node"]), int(partition.partition("@")[0]))
        for line in LINE.finditer(proxy.log.read_text(errors="replace"))
        if line["api"] == api
        for partitions in named.findall(line["rest"])
        for partition in partitions.split()
        if not partition.startswith("+")
    }


def told_by_brokers(cluster: Cluster, api: str, topic: str) -> set[tuple[int, int, int]]:
    """(node, partition, error code) of each partition of the topic in an answer of this kind to clients. The cluster must log its
    requests."""
    admin = AdminClient({"bootstrap.servers": cluster.internal})
    (described,) = admin.describe_topics(TopicCollection([topic])).values()
    topic_id = str(described.result(ANSWER_TIMEOUT_S).topic_id).translate(TO_KAFKAS_BASE64)
    names = {topic, topic_id}
    return {
        (broker.node_id, partition.get("index", partition.get("partitionIndex")), partition["errorCode"])
        for broker in cluster.brokers
        for answer in answers(broker, api, names)
        for answered in answer["responses"]
        if names & {answered.get("name"), answered.get("topic"), answered.get("topicId")}
        for partition in answered.get("partitionResponses", answered.get("partitions"))
    }


def _is_answer(line: str) -> bool:
    """To a client, and the whole of it: the log is read while it is written."""
    return ANSWERED in line and '"listener":"CLIENT"' in line and line.endswith("\n")


def answers(broker: Broker, api: str, names: set[str]) -> Iterator[dict]:
    """What this broker has answered to clients that asked for this, in answers in which one of the names stands."""
    wanted = re.compile("|".join(re.escape(f'"{word}"') for word in names))
    with open(broker.log, errors="replace") as log:
        for line in log:
            if _is_answer(line) and f'"{api}"' in line and wanted.search(line):
                yield _exchange(line)["response"]


def _exchange(line: str) -> dict:
    said, _end = json.JSONDecoder().raw_decode(line.partition(ANSWERED)[2])
    return said


class BrokerLogs:
    """What the brokers of a cluster that logs its requests have answered to clients from now on."""

    def __init__(self, cluster: Cluster):
        self._begins = {broker: broker.log.stat().st_size for broker in cluster.brokers}

    def answered(self) -> dict[str, set[int]]:
        """By API, the nodes."""
        nodes: dict[str, set[int]] = defaultdict(set)
        for broker, line in self._lines():
            nodes[API.search(line)[1]].add(broker.node_id)
        return nodes

    def exchanges(self, api: str) -> Iterator[dict]:
        """What was asked and answered of this API."""
        named = f'"requestApiKeyName":"{api}"'
        yield from (_exchange(line) for _broker, line in self._lines() if named in line)

    def misled(self) -> list[str]:
        """The answers in which a broker says that another one serves this."""
        return [f"node {broker.node_id}: {line}" for broker, line in self._lines() if MISLED.search(line)]

    def _lines(self) -> Iterator[tuple[Broker, str]]:
        for broker, begin in self._begins.items():
            with open(broker.log, errors="replace") as log:
                log.seek(begin)
                yield from ((broker, line) for line in log if _is_answer(line))
