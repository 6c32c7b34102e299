# SPDX-License-Identifier: Apache-2.0
"""--record: Wireshark's own tool reads what kbridge writes, message by message, and finds what the traffic log has; a full disk costs
the recording, not the traffic."""

import json
import re
import subprocess
from contextlib import closing

import pytest

from tests.e2e import fakes
from tests.e2e.clients import CONFLUENT, Consumer, produce
from tests.e2e.kbridge import STOP_TIMEOUT_S, Kbridge, binary
from tests.e2e.raw import RawClient
from tests.e2e.recordings import fields, heard, lines, logged

WAIT_S = 60
WORKERS = 3
# What a producer asks, as tshark prints it; of what was asked in the file before it knows only the answer.
PRODUCE, METADATA, API_VERSIONS, ASKED_BEFORE = "0", "3", "18", ""


@pytest.fixture(scope="module")
def broker():
    with fakes.mock(binary().with_name("kbridge-tools")) as upstream:
        yield upstream


@pytest.fixture
def started(broker, tmp_path):
    """Starts kbridge; it is stopped with the test."""
    running = []

    def start(*settings: str) -> Kbridge:
        running.append(Kbridge(broker, tmp_path, binary(), *settings))
        return running[-1]

    yield start
    for proxy in running:
        proxy.stop()


def test_each_message_of_several_workers_is_in_the_file(started, name, tmp_path):
    recording, log = tmp_path / "recording.pcapng", tmp_path / "traffic"
    proxy = started(
        "--workers", str(WORKERS), "--record", str(recording), "--traffic=json", "--traffic-all", "--traffic.file", str(log)
    )
    values = [str(number) for number in range(1000)]
    produce(CONFLUENT, proxy.address, name, values, tmp_path)
    member = Consumer(CONFLUENT, 1, proxy.address, name, name, tmp_path)
    member.wait_for(len(values))
    member.stop()
    proxy.process.stop(STOP_TIMEOUT_S)
    assert heard(recording) == logged(log)
    played = tmp_path / "played"
    with played.open("w") as output:
        subprocess.run([binary(), "traffic", recording, "--traffic=json", "--traffic-all"], stdout=output, timeout=WAIT_S, check=True)
    assert sorted(map(what, lines(played))) == sorted(map(what, lines(log)))
    assert recording.stat().st_mode & 0o777 == 0o600


def what(line: dict) -> str:
    """All that a line says, but for times and the number of the connection, which several workers give in any order; and who would
    have answered what has no answer, which is not in the file."""
    left_out = ["time", "ms", "connection", *(["node"] if line["outcome"] == "none" else [])]
    return json.dumps({name: value for name, value in line.items() if name not in left_out}, sort_keys=True)


@pytest.mark.core
def test_a_full_disk_ends_the_recording_with_a_sentence_and_not_the_traffic(started):
    proxy = started("--record", "/dev/full")
    stopped = re.compile("recording to /dev/full has stopped, and traffic goes on: No space left on device")
    with closing(RawClient(proxy.address)) as client:

        def asked_until_it_is_said() -> bool:
            assert client.ask_api_versions()
            return stopped.search(proxy.log.read_text()) is not None

        proxy.process.wait_until(asked_until_it_is_said, WAIT_S)
        assert client.ask_api_versions()
    assert len(stopped.findall(proxy.log.read_text())) == 1


def test_a_full_file_is_kept_and_the_next_one_stands_by_itself(started, name, tmp_path):
    recording = tmp_path / "recording.pcapng"
    proxy = started("--record", str(recording), "--record.size", "1MiB")
    produce(CONFLUENT, proxy.address, name, ["x" * 10_000] * 400, tmp_path)
    proxy.process.stop(STOP_TIMEOUT_S)
    files = sorted(tmp_path.glob("recording.pcapng*"))
    assert len(files) >= 3
    asked = set()
    for file in files:
        assert file.stat().st_size < 3 << 20
        assert fields(file, "kafka.correlation_id"), f"no message of Kafka in {file.name}"
        asked |= {key for (keys,) in fields(file, "kafka.api_key") for key in keys.split(",")}
    assert {PRODUCE} <= asked <= {PRODUCE, METADATA, API_VERSIONS, ASKED_BEFORE}
