# SPDX-License-Identifier: Apache-2.0
"""The same real traffic (three brokers; Java, confluent-kafka and aiokafka) seen as text, as JSON and as a recording: each event that
people look for is in each of them, and they have the same messages."""

import json
import re
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import fastjsonschema
import pytest

from tests.e2e.direct import Direct
from tests.e2e.kbridge import ROOT, Kbridge, binary
from tests.e2e.load import REPLICATED
from tests.e2e.recordings import KAFKA_PORT, fields, lines
from tests.e2e.scene import play
from tests.kafka.cluster import Cluster

PLAY_TIMEOUT_S = 60
# A line of an exchange; others tell the day, and who has come.
TEXT = re.compile(r"^\S+ +#\d+ .* (?P<api>[A-Z]\w+) v(?P<version>\d+) +(node \d+|node \?|kbridge|not sent) .*$", re.MULTILINE)
# Of JoinGroup v5 and SyncGroup v3 Wireshark 4.0 leaves out a field, the id of a static member, and finds too many bytes then; 4.4
# reads them.
LACK_A_FIELD = {("11", "5"), ("14", "3")}
FAULT = "_ws.malformed || kafka.pdu_length_mismatch"
UNKNOWN = re.compile(r"Unsupported \w+ version|Unknown \d+ API key")


@dataclass(frozen=True)
class Event:
    """How it looks: the API and what the line for people says; the same in JSON; fields of Wireshark with their values."""

    what: str
    api: str
    text: str
    json: dict
    wireshark: str


EVENTS = [
    Event(
        "a group rebalances", "Heartbeat", r"group billing, .*generation \d+, REBALANCE_IN_PROGRESS",
        {"errors": [{"code": 27, "name": "REBALANCE_IN_PROGRESS"}]}, "kafka.api_key == 12 && kafka.error == 27",
    ),
    Event(
        "a topic is not there", "Metadata", r"no-such-topic, told localhost:\d+, no-such-topic UNKNOWN_TOPIC_OR_PARTITION",
        {"errors": [{"code": 3, "name": "UNKNOWN_TOPIC_OR_PARTITION", "at": "no-such-topic"}]},
        'kafka.api_key == 3 && kafka.error == 3 && kafka.topic_name == "no-such-topic"',
    ),
    Event(
        "a group is not there", "DeleteGroups", r"group no-such-group, no-such-group GROUP_ID_NOT_FOUND",
        {"errors": [{"code": 69, "name": "GROUP_ID_NOT_FOUND", "at": "no-such-group"}]},
        'kafka.api_key == 42 && kafka.error == 69 && kafka.consumer_group == "no-such-group"',
    ),
    Event(
        "a leader has moved", "Fetch", r"moved\[0@0\], moved-0 NOT_LEADER_OR_FOLLOWER",
        {"errors": [{"code": 6, "name": "NOT_LEADER_OR_FOLLOWER", "at": "moved", "partition": 0}]},
        'kafka.api_key == 1 && kafka.error == 6 && kafka.topic_name == "moved"',
    ),
    Event(
        "a transaction is aborted", "EndTxn", r"transactional id payments-tx, producer \d+ epoch \d+, abort",
        {"transaction": "abort"}, 'kafka.api_key == 26 && kafka.transactional_id == "payments-tx" && kafka.transaction_result == 0',
    ),
]  # fmt: skip


@dataclass(frozen=True)
class Seen:
    log: Path
    recording: Path

    def played(self, *form: str) -> str:
        command = [binary(), "traffic", self.recording, "--traffic-all", *form]
        return subprocess.run(command, capture_output=True, text=True, timeout=PLAY_TIMEOUT_S, check=True).stdout


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    folder = tmp_path_factory.mktemp("seen")
    seen = Seen(folder / "traffic", folder / "recording.pcapng")
    shown = ("--traffic=json", "--traffic-all", "--traffic.file", str(seen.log), "--record", str(seen.recording))
    with Cluster(brokers=3, properties={**REPLICATED, "auto.create.topics.enable": "false"}) as three:
        proxy = Kbridge(three, folder, binary(), *shown)
        try:
            play(proxy.address, Direct(three.internal), three.internal, folder)
        finally:
            proxy.stop()
    return seen


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.what)
def test_an_event_is_in_each_form(event, seen):
    assert any(line["api"] == event.api and event.json.items() <= line.items() for line in lines(seen.log))
    assert [found for found in TEXT.finditer(seen.played()) if found["api"] == event.api and re.search(event.text, found[0])]
    assert fields(seen.recording, "kafka.correlation_id", where=event.wireshark)


def test_each_line_of_json_is_of_the_schema(seen):
    validate = fastjsonschema.compile(json.loads((ROOT / "proxy/watch/traffic.schema.json").read_text()))
    for line in lines(seen.log):
        validate(line)


def test_all_forms_have_the_same_messages(seen):
    live, recorded = lines(seen.log), correlations(seen.recording)
    assert recorded["response"] == Counter(line["correlation_id"] for line in live if line["outcome"] == "answered")
    # Whoever goes has perhaps sent what kbridge need not look at any more.
    assert recorded["request"] >= Counter(line["correlation_id"] for line in live)
    played = [json.loads(line) for line in seen.played("--traffic=json").splitlines()]
    assert Counter(line["correlation_id"] for line in played) == recorded["request"]
    text = Counter((found["api"], int(found["version"])) for found in TEXT.finditer(seen.played()))
    assert text == Counter((line["api"], line["version"]) for line in played)


def correlations(recording: Path) -> dict[str, Counter[int]]:
    """How many messages have which correlation id; with it, a message can be counted of which Wireshark knows no more."""
    found = {"request": Counter(), "response": Counter()}
    for port, ids in fields(recording, "tcp.dstport", "kafka.correlation_id"):
        found["request" if port == KAFKA_PORT else "response"].update(map(int, ids.split(",")))
    return found


def test_wireshark_finds_fault_with_no_message_of_a_version_that_it_knows(seen):
    looked_at = ("kafka.api_key", "kafka.request.version", "kafka.response.version", "_ws.expert.message")
    faults = fields(seen.recording, *looked_at, where=f"kafka && ({FAULT})")
    own = [(key, asked or answered, why) for key, asked, answered, why in faults if not UNKNOWN.search(why)]
    assert [fault for fault in own if fault[:2] not in LACK_A_FIELD] == []
    known = fields(seen.recording, "kafka.api_key", where=f"kafka.api_key && !({FAULT})")
    assert {"0", "1", "3", "10", "12", "26"} <= {key for (keys,) in known for key in keys.split(",")}
