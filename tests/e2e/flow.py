# SPDX-License-Identifier: Apache-2.0
"""Applications that produce and consume without a break while the test takes away what they stand on.

Apart from test_restarts.py because it knows nothing of restarts: it only tells what reached each of them.
"""

import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from tests.e2e import toolchains
from tests.kafka.process import Process

HERE = Path(__file__).resolve().parent
POLL_S = 0.02
WAIT_S = 120
# A program has as much for what it still has to send, and as much again for what it still has to get.
END_S = 150

# A program sends the numbers 0, 1, 2, ... by an idempotent producer, about 100 in a second: enough to see a pause of 50 ms, and little
# enough not to be one. Two members of a group get them. It prints `sent N`, `acknowledged N`, `received N`, `failed NAME` for a
# record that is given up, and `error NAME` for whatever else the library shows to its application; behind each stands the second
# in which it was. At SIGTERM it sends no more, and ends when it has got all.
PROGRAMS: dict[str, Callable[[], list[str]]] = {
    "confluent-kafka": lambda: [sys.executable, str(HERE / "confluent/flow.py")],
    "Java": lambda: toolchains.java_program(HERE / "java/Flow.java"),
    "aiokafka": lambda: [toolchains.python(HERE / "aiokafka/requirements.txt"), str(HERE / "aiokafka/flow.py")],
}


def wait_until(condition: Callable[[], bool], what: str, timeout_s: float = WAIT_S) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {timeout_s} s: {what}"
        time.sleep(POLL_S)


class Flow:
    """One such program. What it tells is told of the time since begin()."""

    def __init__(self, client: str, way: str, bootstrap: str, topic: str, folder: Path):
        self.client, self.way, self.topic = client, way, topic
        self.sent: set[int] = set()
        self.acknowledged: set[int] = set()
        self.received: Counter[int] = Counter()
        self._first_missing = 0
        output = folder / f"{topic}.out"
        name = f"the flow of {client} {way}"
        self.process = Process(name, [*PROGRAMS[client](), bootstrap, topic], folder / f"{topic}.log", output)
        self._output = output.open()
        self._unread = ""
        self._forget()

    def begin(self) -> None:
        self._read()
        self._forget()

    def _forget(self) -> None:
        self._begun_at = time.time()
        self._times: dict[str, list[float]] = defaultdict(list)
        self._names: dict[str, set[str]] = defaultdict(set)
        self._before = self.totals()

    def wait_for(self, count: int) -> None:
        """Returns when so many have come, without a gap."""
        self.process.wait_until(lambda: self._have_come(count), WAIT_S)

    def finish(self) -> None:
        """Returns when it has ended as it should."""
        assert self.process.stop(END_S) == 0, self.process.tail()
        self._read()

    @property
    def errors(self) -> set[str]:
        return self._names["error"]

    @property
    def failed(self) -> set[str]:
        return self._names["failed"]

    def sent_count(self) -> int:
        self._read()
        return len(self.sent)

    def totals(self) -> tuple[int, ...]:
        """Sent, acknowledged, received, and received again, since its start."""
        return len(self.sent), len(self.acknowledged), len(self.received), self.received.total() - len(self.received)

    def counts(self) -> tuple[int, ...]:
        """The same since begin(); what was under way then, or is now, is not in all of them."""
        self._read()
        return tuple(later - earlier for earlier, later in zip(self._before, self.totals(), strict=True))

    def longest_pauses_s(self) -> tuple[float, float]:
        """Until the first acknowledgement or between two; and of records that come."""
        return self._longest_gap("acknowledged"), self._longest_gap("received")

    def _have_come(self, count: int) -> bool:
        self._read()
        while self._first_missing in self.received:
            self._first_missing += 1
        return self._first_missing >= count

    def _read(self) -> None:
        *lines, self._unread = (self._unread + self._output.read()).split("\n")
        for what, value, at in map(str.split, lines):
            self._times[what].append(float(at))
            self._take(what, value)

    def _take(self, what: str, value: str) -> None:
        if what == "received":
            self.received[int(value)] += 1
        elif what in ("sent", "acknowledged"):
            getattr(self, what).add(int(value))
        else:
            self._names[what].add(value)

    def _longest_gap(self, what: str) -> float:
        return max(later - earlier for earlier, later in pairwise(sorted([self._begun_at, *self._times[what]])))
