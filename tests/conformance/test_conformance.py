# SPDX-License-Identifier: Apache-2.0
"""Kafka's own classes and kbridge agree on every message of every version.

    Conformance.java (kafka-clients)  ──cases──►  kbridge_conformance  ──answers──►  Conformance.java
      random messages, what must            cuts, walks, rewrites          reads what was made
      become of them                        and compares                   inert as a client would,
                                                                           and what kbridge writes itself

Apart from the unit tests, because what is right is not written down here: it is what Kafka's classes encode.
CONFORMANCE_SEED repeats a run; each prints its seed.
"""

import hashlib
import os
import random
import re
import shutil
import struct
import subprocess
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kafka import jars

HERE = Path(__file__).resolve().parent
BUILD = Path(os.environ.get("KBRIDGE_BUILD", HERE.parents[1] / "build/dev"))
PROGRAM = BUILD / "tests/kbridge_conformance"
# As it is shipped: sanitizers look at every shape of a message, and many messages are another matter.
SHIPPED = Path(os.environ.get("KBRIDGE_RELEASE_BIN") or HERE.parents[1] / "build/kbridge").parent / "tests/kbridge_conformance"
SHAPES = 9  # Shape.java: with so many messages each shape is tried once
MESSAGES = 20  # … of each key, version and direction; three times as many responses where kbridge changes something
JAVA = ["java", "-XX:+UseSerialGC", "-XX:-UsePerfData", f"-Dlog4j.configuration={(jars.HERE / 'log4j.properties').as_uri()}"]


@pytest.fixture(scope="module")
def seed() -> int:
    return int(os.environ.get("CONFORMANCE_SEED") or random.randrange(2**31))


def compiled(version: str) -> Path:
    """The folder with the classes for this Kafka: reflection bridges most differences, but records have moved."""
    sources = sorted(HERE.glob("*.java"))
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    class_path = jars.class_path(version)
    with jars.cache_lock(f"conformance-{version}") as folder:
        done = folder / "made-from"
        if not done.exists() or done.read_text() != digest:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            subprocess.run(["javac", "-d", folder, "-cp", class_path, *sources], check=True)
            done.write_text(digest)
    return folder


def kafka(version: str, *arguments: object) -> str:
    class_path = f"{compiled(version)}:{jars.class_path(version)}"
    command = [*JAVA, "-cp", class_path, "Conformance", *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout
    return done.stdout


def compare(cases: Path, answers: Path, program: Path) -> tuple[bool, str]:
    """Whether all is as Kafka says, and what the program printed. As many processes as there are processors."""
    assert program.exists(), f"{program} is not there: build presets dev and release, or name their folders (KBRIDGE_BUILD)"
    parts = os.cpu_count() or 1
    outputs = [answers.with_suffix(f".{part}") for part in range(parts)]
    processes = [
        subprocess.Popen([program, cases, output, str(part), str(parts)],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for part, output in enumerate(outputs)
    ]  # fmt: skip
    printed = "".join(process.communicate()[0] for process in processes)
    answers.write_bytes(b"".join(output.read_bytes() for output in outputs))
    return all(process.returncode == 0 for process in processes), printed


@dataclass(frozen=True, order=True)
class Kind:
    """Messages of one key, direction and version."""

    key: int
    direction: str
    version: int


# Versions that a later release laid out anew before they were stable: the tables have the newest layout.
LAID_OUT_ANEW = {"3.9.1": {Kind(87, "responses", 0)}}


def kinds_of(version: str) -> set[Kind]:
    """All that this Kafka knows."""
    lines = (line.split() for line in kafka(version, "list").splitlines())
    return {Kind(int(key), direction, int(number)) for key, direction, number in lines} - LAID_OUT_ANEW.get(version, set())


def counted(printed: str) -> Counter[Kind]:
    """The messages that all processes together have checked."""
    counts: Counter[Kind] = Counter()
    for key, rest in re.findall(r"^ *(\d+) \w+  (requests.*)$", printed, re.MULTILINE):
        for direction, numbers in re.findall(r"(requests|responses)((?: v\d+:\d+)*)", rest):
            for number, count in re.findall(r"v(\d+):(\d+)", numbers):
                counts[Kind(int(key), direction, int(number))] += int(count)
    return counts


def count_table(counts: Counter[Kind]) -> str:
    lines = []
    for key, direction in sorted({(kind.key, kind.direction) for kind in counts}):
        versions = sorted(kind for kind in counts if (kind.key, kind.direction) == (key, direction))
        numbers = " ".join(f"v{kind.version}:{counts[kind]}" for kind in versions)
        lines.append(f"{key:3} {direction:9} {numbers}")
    return "\n".join(lines)


def prove(version: str, seed: int, messages: int, folder: Path, program: Path) -> str:
    """Fails on any difference, and where a kind of message was tried too seldom; else what was checked, for people."""
    cases, answers, begun = folder / "cases", folder / "answers", time.monotonic()
    rows = kafka(version, "generate", "--out", cases, "--seed", seed, "--messages", messages)
    same, printed = compare(cases, answers, program)
    assert same, f"CONFORMANCE_SEED={seed} with Kafka {version} and {messages} messages:\n{rows}{printed}"
    verified = kafka(version, "verify", "--cases", cases, "--answers", answers)
    counts = counted(printed)
    seldom = {kind: counts[kind] for kind in kinds_of(version) if counts[kind] < messages}
    assert not seldom, f"of Kafka {version} less than {messages} messages were tried of {seldom}"
    sums = [line for line in printed.splitlines() if line.startswith("conformance:")]
    took = f"in {time.monotonic() - begun:.0f} s"
    return "\n".join([count_table(counts), rows.rstrip(), *sums, f"{verified.rstrip()}, {counts.total()} messages {took}"])


@pytest.mark.core
def test_every_shape_of_every_message_passes_as_kafka_says(seed, tmp_path):
    print(prove(jars.NEWEST, seed, SHAPES, tmp_path, PROGRAM))


@pytest.mark.timeout(900)
@pytest.mark.parametrize("version", jars.VERSIONS)
def test_many_messages_of_every_kafka_release_pass_as_it_says(version, seed, tmp_path, capsys):
    checked = prove(version, seed, MESSAGES, tmp_path, SHIPPED)
    with capsys.disabled():
        print(f"\n{checked}")


@pytest.mark.parametrize("version", [pytest.param(version, marks=[pytest.mark.core] * (version == jars.NEWEST)) for version in jars.VERSIONS])
def test_kafka_reads_what_kbridge_writes_itself_as_its_own_messages(version, tmp_path):
    written = tmp_path / "own"
    subprocess.run([PROGRAM, "--own", written], check=True)
    printed = kafka(version, "verify-own", "--written", written, *(["--newest", "yes"] if version == jars.NEWEST else []))
    # The defaults in both directions, and an error, of each version.
    assert int(re.search(r"reads (\d+) messages", printed)[1]) >= len(kinds_of(version)) * 3 // 2


def first_response(cases: bytes) -> tuple[int, int]:
    """Where the first changed response lies in a file of cases (CaseFile.java): its frame, and what is expected."""
    at = len("KBCASES1") + 8
    at += 2 + struct.unpack_from(">H", cases, at)[0]
    while True:
        kind, limits = cases[at : at + 1], struct.unpack_from(">H", cases, at + 11)[0]
        frame = at + 13 + 6 * limits
        expected = frame + 4 + struct.unpack_from(">I", cases, frame)[0]
        facts = expected + 4 + struct.unpack_from(">I", cases, expected)[0]
        if kind == b"R" and cases[frame:expected] != cases[expected:facts]:
            return frame + 4, expected + 4
        at = facts + 4 + struct.unpack_from(">I", cases, facts)[0]


@pytest.mark.core
def test_one_wrong_byte_is_told(seed, tmp_path):
    metadata = 3
    cases, answers = tmp_path / "cases", tmp_path / "answers"
    kafka(jars.NEWEST, "generate", "--out", cases, "--seed", seed, "--messages", SHAPES, "--keys", metadata)
    wrong = bytearray(cases.read_bytes())
    frame, expected = first_response(wrong)
    wrong[expected + 4] ^= 1  # the correlation id
    cases.write_bytes(wrong)
    same, printed = compare(cases, answers, PROGRAM)
    assert not same
    assert "Metadata (3) response" in printed and "other bytes go on" in printed and "1 differences" in printed
    assert f"[{wrong[expected + 4]:02x}]" in printed and f"[{wrong[frame + 4]:02x}]" in printed
