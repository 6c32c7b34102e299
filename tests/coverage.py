#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which branches of kafka/ and bridge/ no test in C takes, and for what reason: tests/uncovered.txt has to list just these.

    python3 -m tests.coverage       `./dev coverage` builds what it needs

Counted over the unit tests, the conversations in memory and Kafka's own messages (newest release, fixed seed), without sanitizers. Fails
below 95 %, where a branch is missed that the list has not, and where the list has one that is taken.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.conformance.test_conformance import kafka
from tests.kafka import jars

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build/coverage"
LIST = ROOT / "tests/uncovered.txt"
LEAST_PERCENT = 95
SEED = 1
ROOMS = ("proxy/kafka", "proxy/bridge")

Place = tuple[str, str]  # file, text of the line: line numbers would change with every edit


def run_tests() -> None:
    for data in BUILD.rglob("*.gcda"):
        data.unlink()
    parts = os.cpu_count() or 1
    subprocess.run(["ctest", "--parallel", str(parts), "-R", "^(unit/(kafka|bridge)|memory)/"], cwd=BUILD, check=True)
    cases, program = BUILD / "cases", BUILD / "tests/kbridge_conformance"
    print(kafka(jars.NEWEST, "generate", "--out", cases, "--seed", SEED, "--messages", 9), end="")
    running = [subprocess.Popen([program, cases, BUILD / f"answers.{part}", str(part), str(parts)]) for part in range(parts)]
    codes = [process.wait() for process in running]
    subprocess.run([program, "--own", BUILD / "own"], check=True)
    if any(codes):
        sys.exit("Kafka's messages do not pass as they should; see the test of conformance")


def measure() -> tuple[int, Counter[Place]]:
    """All branches, and those that were never taken. The archive of the purity test is never run."""
    report = BUILD / "coverage.json"
    filters = [word for room in ROOMS for word in ("--filter", room)]
    subprocess.run(["gcovr", "--root", ROOT, *filters, "--exclude-directories", ".*kbridge_pure.*", "--json", report, BUILD],
                   cwd=ROOT, check=True, stderr=subprocess.DEVNULL)  # fmt: skip
    total, missed = 0, Counter()
    for file in json.loads(report.read_text())["files"]:
        text = (ROOT / file["file"]).read_text().splitlines()
        for line in file["lines"]:
            total += len(line["branches"])
            never = sum(branch["count"] == 0 for branch in line["branches"])
            if never:
                missed[file["file"], " ".join(text[line["line_number"] - 1].split())] += never
    return total, missed


def listed() -> set[Place]:
    places = set()
    for line in LIST.read_text().splitlines():
        if line and not line.startswith("#"):
            file, _, text = line.partition(": ")
            places.add((file, text))
    return places


def print_places(title: str, places: set[Place]) -> None:
    print(title)
    for file, text in sorted(places):
        print(f"{file}: {text}")


def main() -> None:
    if "--again" not in sys.argv[1:]:  # what was counted last
        run_tests()
    total, missed = measure()
    percent = 100 * (1 - missed.total() / total)
    unlisted, stale = set(missed) - listed(), listed() - set(missed)
    if unlisted:
        print_places("\nnever taken, and without a reason in tests/uncovered.txt:", unlisted)
    if stale:
        print_places("\nin tests/uncovered.txt, and taken or gone:", stale)
    print(f"{total - missed.total()} of {total} branches of kafka/ and bridge/ are taken: {percent:.1f} %")
    sys.exit(1 if unlisted or stale or percent < LEAST_PERCENT else 0)


if __name__ == "__main__":
    main()
