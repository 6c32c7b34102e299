# SPDX-License-Identifier: Apache-2.0
"""No attack harms a client that behaves well, takes much memory, or goes without a sentence. The list is hostile.py."""

import re
import threading
import time
from collections.abc import Callable

import pytest

from tests.e2e import hostile
from tests.e2e.kbridge import Kbridge, binary
from tests.e2e.raw import RawClient
from tests.e2e.tables import add_row
from tests.e2e.usage import peak_resident_bytes

MIB = 1 << 20
READY_TIMEOUT_S = 60
# The program alone takes 4 MiB, each of a thousand connections 3 KiB, and each of 20 stalled readers a read, of 1 MiB at most.
MEMORY_MAX_BYTES = 28 * MIB
# Less than what any client waits for an answer. Mostly it is milliseconds, but client, attack and broker share one Python.
ANSWER_MAX_S = 5
SENTENCE_SHOWN = 160
PAUSE_S = 0.005
TITLE = "Attacks, and what becomes of them"
HEAD = ("attack", "what kbridge did", "its sentence", "memory at most", "a client beside it")


class Beside:
    """A client that behaves well all the while."""

    def __init__(self, address: str):
        self._client = RawClient(address)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self.answers, self.longest_s = 0, 0.0
        self.failure: BaseException | None = None
        self._thread.start()

    def is_served_anew(self) -> Callable[[], bool]:
        """A condition that holds once an answer has come from now on, or none comes any more."""
        before = self.answers
        return lambda: self.answers > before or self.failure is not None

    def stop(self) -> None:
        self._done.set()
        self._thread.join()
        self._client.close()

    def _ask(self) -> None:
        try:
            while not self._done.wait(PAUSE_S):
                begun = time.monotonic()
                self._client.ask_api_versions()
                self.longest_s = max(self.longest_s, time.monotonic() - begun)
                self.answers += 1
        except BaseException as failure:
            self.failure = failure


def said(proxy: Kbridge, sentence: str | None) -> str:
    """The beginning of the first line with this sentence, without what is another in every run."""
    if sentence is None:
        return "—"
    proxy.process.wait_until(lambda: proxy.log_contains(sentence), READY_TIMEOUT_S)
    line = next(line for line in proxy.log.read_text().splitlines() if re.search(sentence, line))
    line = re.sub(r"^\S+ \w+ +(client \S+ went: )?|(?<=127\.0\.0\.1:)\d+", "", line)
    return line if len(line) <= SENTENCE_SHOWN else line[:SENTENCE_SHOWN] + "…"


@pytest.mark.parametrize("attack", hostile.ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_is_borne_within_bounds_and_nobody_beside_it_notices(attack, tmp_path):
    with hostile.misbehaving_broker() as upstream:
        # As it is shipped: sanitizers have a memory of their own.
        addresses = f"{upstream.bootstrap},{upstream.bootstrap.replace('127.0.0.1', 'localhost')}" if attack.several else None
        proxy = Kbridge(upstream, tmp_path, binary("KBRIDGE_RELEASE_BIN"), *hostile.SETTINGS, upstream=addresses)
        proxy.process.wait_until(lambda: proxy.log_contains("cluster .* has 1 node"), READY_TIMEOUT_S)
        beside = Beside(proxy.address)
        proxy.process.wait_until(beside.is_served_anew(), READY_TIMEOUT_S)

        outcome = attack.attack(proxy.port)

        proxy.process.wait_until(beside.is_served_anew(), READY_TIMEOUT_S)
        sentence = said(proxy, attack.sentence)
        beside.stop()
        memory = peak_resident_bytes(proxy.process.pid)
        proxy.stop()
    assert re.search(attack.outcome, outcome), outcome
    assert beside.failure is None, beside.failure
    assert beside.longest_s < ANSWER_MAX_S
    assert memory < MEMORY_MAX_BYTES, f"{memory / MIB:.1f} MiB"
    noticed = f"{beside.answers} answers, the longest after {1000 * beside.longest_s:.0f} ms"
    add_row(TITLE, HEAD, attack.name, outcome, sentence, f"{memory / MIB:.1f} MiB", noticed)
