# SPDX-License-Identifier: Apache-2.0
"""Each allocation of a whole run fails in turn: kbridge does not start, with a sentence, or one client is lost and the next one served.

Apart from the tests in memory (tests/memory), which know bridge/ only: here it is the program as shipped, with net/ and libuv.
"""

import os
from collections import Counter
from pathlib import Path

import pytest

from tests.e2e import fakes
from tests.e2e.kbridge import binary
from tests.e2e.raw import RawClient
from tests.e2e.tables import add_row
from tests.e2e.wire import listens
from tests.kafka.net import free_port, metadata_nodes
from tests.kafka.process import Process

WAIT_S = 60
ENDED = "it did not start, and said why"
REFUSED = "a client was refused and counted, with a sentence; the next one was served"
WENT_ON = "it went on, and served the next client"
FINE = (ENDED, REFUSED, WENT_ON)


class Run:
    """One kbridge, one of whose allocations fails."""

    def __init__(self, broker: fakes.Upstream, folder: Path, fail_at: int):
        self.port = free_port()
        self.log, self.count = folder / f"{fail_at}.log", folder / f"{fail_at}.count"
        release = binary("KBRIDGE_RELEASE_BIN")
        settings = folder / "kbridge.yaml"
        settings.write_text("timeouts: {header: 1s}\nadvertise: [{from: 10.0.0.0/8, as: 'kafka:9092'}]\n")
        command = [str(release), "--config", str(settings), "--listen", f"localhost:{self.port}", broker.bootstrap]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KBRIDGE_")}
        environment |= {
            "LD_PRELOAD": str(release.parent / "tests/short_of_memory.so"),
            "SHORT_OF_MEMORY_AT": str(fail_at),
            "SHORT_OF_MEMORY_COUNT": str(self.count),
        }
        self.process = Process("kbridge", command, self.log, environment=environment)

    def starts(self) -> bool:
        """Returns when it listens, or has ended."""
        try:
            self.process.wait_until(lambda: listens(self.port), WAIT_S)
        except RuntimeError:
            assert not self.process.runs(), "it neither listens nor ends"
            return False
        return True

    def serve_some(self) -> None:
        """A few clients, any of whom may be lost."""
        for _ in range(3):
            try:
                client = RawClient(f"localhost:{self.port}")
                client.ask_api_versions()
                metadata_nodes("localhost", self.port)
                client.close()
            except (AssertionError, OSError):
                pass

    def serves(self) -> bool:
        return bool(metadata_nodes("localhost", self.port))


@pytest.fixture(scope="module")
def broker():
    with fakes.mock(binary("KBRIDGE_RELEASE_BIN").with_name("kbridge-tools")) as upstream:
        yield upstream


def run(broker: fakes.Upstream, folder: Path, fail_at: int) -> str:
    """What became of it: ENDED, REFUSED, WENT_ON, or what is wrong."""
    one = Run(broker, folder, fail_at)
    if not one.starts():
        code = one.process.stop(WAIT_S)
        return ENDED if code in (1, 2) and one.log.read_text().strip() else f"it ended with {code}, and said: {one.process.tail()}"
    try:
        one.serve_some()
        one.process.wait_until(one.serves, WAIT_S)
        code = one.process.stop(WAIT_S)
    except RuntimeError as error:
        return str(error)
    if code != 0:
        return f"it ended with {code}: {one.process.tail()}"
    return REFUSED if "a client was refused: out of memory; refused so far: 1" in one.log.read_text() else WENT_ON


@pytest.mark.timeout(1800)
def test_any_allocation_of_the_program_may_fail(broker, tmp_path):
    assert run(broker, tmp_path, 0) == WENT_ON
    count = int((tmp_path / "0.count").read_text())
    outcomes = {fail_at: run(broker, tmp_path, fail_at) for fail_at in range(1, count + 1)}
    wrong = {fail_at: outcome for fail_at, outcome in outcomes.items() if outcome not in FINE}
    assert not wrong, "\n".join(f"allocation {fail_at} of {count}: {outcome}" for fail_at, outcome in wrong.items())
    seen = Counter(outcomes.values())
    for outcome in FINE:
        add_row("One allocation fails in a run of kbridge", ("what became of it", "of how many"), outcome, f"{seen[outcome]} of {count}")
    assert set(seen) == set(FINE), "each of these has to be met, else the failures did not come where they belong"
