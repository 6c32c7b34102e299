# SPDX-License-Identifier: Apache-2.0
"""What is in a recording, by tshark, and in a traffic log: each as a count of messages by direction and API, which must be equal.

Apart, because several tests compare them; kbridge's own reader is none of the two.
"""

import json
import subprocess
from collections import Counter
from pathlib import Path

TSHARK_TIMEOUT_S = 120
# As which kbridge's own is written, so that Wireshark knows it.
KAFKA_PORT = "9092"

Messages = Counter[tuple[str, int, int]]
"""("request" or "response", API key, API version)."""


def fields(recording: Path, *names: str, where: str = "kafka") -> list[list[str]]:
    """A row for each packet with messages of Kafka for which Wireshark's condition holds; of several in one packet the values stand
    behind commas."""
    command = ["tshark", "-r", str(recording), "-Y", where, "-T", "fields"]
    command += [word for name in names for word in ("-e", name)]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=TSHARK_TIMEOUT_S, check=True).stdout
    return [line.split("\t") for line in shown.splitlines()]


def heard(recording: Path) -> Messages:
    messages: Messages = Counter()
    for port, keys, asked, answered in fields(recording, "tcp.dstport", "kafka.api_key", "kafka.request.version", "kafka.response.version"):
        direction, versions = ("request", asked) if port == KAFKA_PORT else ("response", answered)
        messages.update((direction, int(key), int(version)) for key, version in zip(keys.split(","), versions.split(","), strict=True))
    return messages


def lines(log: Path) -> list[dict]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def logged(log: Path) -> Messages:
    messages: Messages = Counter()
    for line in lines(log):
        messages[("request", line["api_key"], line["version"])] += 1
        if line["outcome"] == "answered":
            messages[("response", line["api_key"], line["version"])] += 1
    return messages
