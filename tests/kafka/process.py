# SPDX-License-Identifier: Apache-2.0
"""A process of a test: it writes into files, is waited for by a condition, and ends with the test.

Apart from cluster.py because brokers, the proxy and the clients all run this way.
"""

import ctypes
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

POLL_S = 0.02
LOG_TAIL_LINES = 40
PR_SET_PDEATHSIG = 1


class Process:
    """What it says on stderr is appended to the log, and so is its stdout, unless an output file is named."""

    started: ClassVar[list["Process"]] = []  # all of this test

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        output: Path | None = None,
        stdin: Path = Path("/dev/null"),
        environment: Mapping[str, str] | None = None,
    ):
        self.name = name
        self.log = log
        self.output = output or log
        with open(stdin, "rb") as source, open(log, "ab") as said, open(self.output, "ab") as result:
            self._process = subprocess.Popen(
                command, stdin=source, stdout=result, stderr=said, env=environment, preexec_fn=_die_with_parent
            )
        self.pid = self._process.pid
        Process.started.append(self)

    def runs(self) -> bool:
        return self._process.poll() is None

    def wait_until(self, condition: Callable[[], bool], timeout_s: float) -> None:
        """Returns when the condition holds; fails with the end of the log when the process ends first or time is up."""
        wait_together([self], condition, timeout_s)

    def finish(self, timeout_s: float) -> None:
        """Waits for an end that comes by itself, and fails when it is not a success."""
        if self._wait(timeout_s) != 0:
            raise RuntimeError(f"{self.name} ended with {self._process.returncode}:\n{self.tail()}")

    def stop(self, timeout_s: float) -> int:
        """SIGTERM; the exit code of its end. Fails, with the process killed, if that takes longer."""
        if self.runs():
            self._process.send_signal(signal.SIGTERM)
        return self._wait(timeout_s)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def state(self) -> str:
        return "runs" if self.runs() else f"ended with {self._process.returncode}"

    def tail(self) -> str:
        if not self.log.exists():
            return "(its log is no longer there)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:])

    def _wait(self, timeout_s: float) -> int:
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise RuntimeError(f"{self.name} did not end within {timeout_s} s and was killed:\n{self.tail()}") from None


def wait_together(processes: Sequence[Process], condition: Callable[[], bool], timeout_s: float) -> None:
    """Returns when the condition holds; fails when one of the processes ends first or time is up, with what each said last."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        late = time.monotonic() > deadline
        if late or not all(process.runs() for process in processes):
            why = f"not there within {timeout_s} s" if late else "one ended too early"
            said = (f"{process.name} {process.state()}, and said last:\n{process.tail()}" for process in processes)
            raise RuntimeError("\n".join([why, *said]))
        time.sleep(POLL_S)


def _die_with_parent() -> None:
    # A test run that is killed must not leave brokers behind. The parent is the thread that starts the process, so that must be
    # one that stays: the main thread.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
