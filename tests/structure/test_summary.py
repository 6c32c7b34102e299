# SPDX-License-Identifier: Apache-2.0
"""The last line of ./dev test tells the truth."""

import pytest

from tests import summary

pytestmark = pytest.mark.core

PASSED = '<testcase name="a" classname="a" status="run"/>'
FAILED = '<testcase name="b" classname="b" status="fail"><failure message="Failed"/></testcase>'
ERROR = '<testcase name="c" classname="t"><error message="no fixture&#10;more"/></testcase>'
SKIPPED = '<testcase name="d" classname="t"><skipped type="pytest.skip" message="Go is too old"/></testcase>'
EXCUSED = '<testcase name="e" classname="t"><skipped type="pytest.skip" message="cannot: no Docker engine"/></testcase>'
NOT_RUN = '<testcase name="f" classname="f" status="notrun"><skipped message="Unable to find executable"/></testcase>'


@pytest.fixture
def summarise(tmp_path, capsys, monkeypatch):
    """Exit code and lines of a summary of files with these cases."""

    def run(*files: str, ci: bool = False):
        monkeypatch.setenv("CI", "true" if ci else "")
        paths = [tmp_path / f"{number}.xml" for number in range(len(files))]
        for path, cases in zip(paths, files):
            path.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
        return summary.main([str(path) for path in paths]), capsys.readouterr().out.splitlines()

    return run


def test_all_files_are_added_up(summarise):
    assert summarise(PASSED + PASSED, PASSED) == (0, ["3 passed, 0 failed, 0 skipped"])


@pytest.mark.parametrize("failed", [FAILED, ERROR, NOT_RUN, "<testcase"])
def test_what_failed_broke_or_did_not_start_is_a_failure(summarise, failed):
    code, lines = summarise(PASSED, failed)
    assert (code, lines[-1]) == (1, "1 passed, 1 failed, 0 skipped")
    assert lines[0].startswith("failed: ")


def test_no_test_at_all_is_a_failure(summarise):
    assert summarise(PASSED, "")[0] == 1


def test_a_skip_is_told_with_its_reason(summarise):
    assert summarise(PASSED + SKIPPED) == (0, ["skipped: t.d: Go is too old", "1 passed, 0 failed, 1 skipped"])


def test_in_ci_a_skip_is_a_failure_unless_nothing_could_be_done(summarise):
    code, lines = summarise(PASSED + SKIPPED + EXCUSED, ci=True)
    assert code == 1
    assert lines == [
        "skipped: t.e: cannot: no Docker engine",
        "failed: t.d: skipped in CI: Go is too old",
        "1 passed, 1 failed, 1 skipped",
    ]
    assert summarise(PASSED + EXCUSED, ci=True)[0] == 0
