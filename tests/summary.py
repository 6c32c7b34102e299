#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Adds up the results of ctest and pytest: what failed, what was skipped and why, and the last line of ./dev test.

Apart from both, because one number has to come from two. Exit code 1 if anything failed, if there was nothing to count, or,
in CI (CI=true), if something was skipped that could have been installed: there only reasons that begin with "cannot:" are good.

    python3 tests/summary.py JUNIT-XML...
"""

import os
import sys
import xml.etree.ElementTree as xml
from dataclasses import dataclass


@dataclass
class Case:
    name: str
    outcome: str  # "passed", "failed", "skipped"
    reason: str = ""


def read_case(case: xml.Element) -> Case:
    name = case.get("name")
    if case.get("classname") not in (None, name):
        name = f"{case.get('classname')}.{name}"
    for tag in ("failure", "error"):
        if (child := case.find(tag)) is not None:
            return Case(name, "failed", first_line(child.get("message") or child.text))
    if (child := case.find("skipped")) is None:
        return Case(name, "passed")
    # ctest calls a test skipped that it could not even start; none of ours skips itself.
    if case.get("status") in ("notrun", "disabled"):
        return Case(name, "failed", f"ctest did not run it: {first_line(child.get('message'))}")
    return Case(name, "skipped", first_line(child.get("message")))


def first_line(text: str | None) -> str:
    lines = (text or "").strip().splitlines()
    return lines[0] if lines else "see its output above"


def read_file(path: str) -> list[Case]:
    try:
        cases = [read_case(case) for case in xml.parse(path).iter("testcase")]
    except (OSError, xml.ParseError) as error:
        return [Case(path, "failed", f"no results: {error}")]
    return cases or [Case(path, "failed", "it holds no test")]


def judge(case: Case, ci: bool) -> Case:
    """In CI a skip is a failure, unless nothing could be done about it."""
    if case.outcome != "skipped" or not ci or case.reason.startswith("cannot:"):
        return case
    return Case(case.name, "failed", f"skipped in CI: {case.reason}")


def main(paths: list[str]) -> int:
    ci = os.environ.get("CI") == "true"
    cases = [judge(case, ci) for path in paths for case in read_file(path)]
    for outcome in ("skipped", "failed"):
        for case in cases:
            if case.outcome == outcome:
                print(f"{outcome}: {case.name}: {case.reason}")
    count = {outcome: sum(case.outcome == outcome for case in cases) for outcome in ("passed", "failed", "skipped")}
    print(", ".join(f"{number} {outcome}" for outcome, number in count.items()))
    return 1 if count["failed"] or not count["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
