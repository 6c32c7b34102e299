# SPDX-License-Identifier: Apache-2.0
"""What noise cannot change: system calls, allocations and instructions of kbridge for one request.

Apart, because these are counted, not timed: kbridge runs twice under a tool, for N and for 2N requests, and the
difference is what N requests cost. So all that happens once (start, connections, end) cancels out.
"""

import os
import re
import signal
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from tests.bench.processes import STOP_TIMEOUT_S, Broker, Proxy, run_load, start_kbridge

NUMBER = r"([\d,]+)"

# What stops a kbridge that runs under a tool, and how the tool's report is read.
Stop = Callable[[Proxy], None]
Read = Callable[[str], Counter]


def _stop_child(proxy: Proxy) -> None:
    """strace ignores what would end it; it ends, and writes its report, when kbridge has."""
    pid = proxy.process.pid
    child = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0]
    os.kill(int(child), signal.SIGTERM)
    proxy.process.finish(STOP_TIMEOUT_S)


def _read_strace(report: str) -> Counter:
    rows = (line.split() for line in report.splitlines())
    return Counter({row[1]: int(row[0]) for row in rows if len(row) == 2 and row[0].isdigit() and row[1] != "total"})


def _read_number(name: str, pattern: str) -> Read:
    def read(report: str) -> Counter:
        found = re.search(pattern, report)
        if not found:
            raise SystemExit(f"valgrind did not say how many {name} there were:\n{report}")
        return Counter({name: int(found[1].replace(",", ""))})

    return read


# name, command, its flag for the file of its report, how to stop kbridge under it, how to read the report
TOOLS: list[tuple[str, Sequence[str], str, Stop, Read]] = [
    (
        "system calls",
        ["strace", "-f", "-qq", "--summary-only", "--summary-columns=calls,name"],
        "--output={}",
        _stop_child,
        _read_strace,
    ),
    (
        "allocations",
        ["valgrind", "--tool=memcheck", "--leak-check=no"],
        "--log-file={}",
        Proxy.stop,
        _read_number("allocations", rf"total heap usage: {NUMBER} allocs"),
    ),
    (
        "instructions",
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"],
        "--log-file={}",
        Proxy.stop,
        _read_number("instructions", rf"Collected : {NUMBER}"),
    ),
]


def count(
    build: Path, folder: Path, broker: Broker, load: Sequence[object], requests: int, left_out: Collection[str] = ()
) -> dict[str, dict[str, float]]:
    """What one request costs: {"system calls": {"read": 2.0, …}, "allocations": {…}, "instructions": {…}}. Stops the broker."""
    try:
        return {name: _cost(build, folder, broker, tool, load, requests) for name, *tool in TOOLS if name not in left_out}
    finally:
        broker.stop()


def _cost(build, folder, broker, tool, load, requests) -> dict[str, float]:
    once = _total(build, folder, broker, tool, [*load, requests])
    twice = _total(build, folder, broker, tool, [*load, 2 * requests])
    return {name: (twice[name] - once[name]) / requests for name in sorted(twice) if twice[name] != once[name]}


def _total(build, folder, broker, tool, load) -> Counter:
    command, report_flag, stop, read = tool
    report = folder / "report"
    proxy = start_kbridge(build, folder, broker, under=[*command, report_flag.format(report)])
    try:
        run_load(build, proxy, load)
        stop(proxy)
    finally:
        if proxy.process.runs():  # the load generator failed, and has said why
            proxy.process.kill()
    return read(report.read_text())
