# SPDX-License-Identifier: Apache-2.0
"""The limits within which a file stays readable, and what no file may hold."""

import re
import statistics
from pathlib import Path

import pytest

from tests.structure.tree import GENERATED, ROOT, c_files, functions, git_files, name_of

pytestmark = pytest.mark.core

FILE_LINES = 700
HEADER_LINES = 120
FUNCTION_LINES = 100
FUNCTION_LINES_MEDIAN = 15
FUNCTION_LINES_P95 = 60

SOURCE = re.compile(r"(\.(c|h|py|cmake|sh|java|js|mjs|go)|/CMakeLists\.txt)$")
# Put together from parts, so that this file does not hold them.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
MACHINE_PATH = re.compile(r"(?<![\w.:/])/(?:home|root|Users|work|workspace|t" r"mp)/\w")


def size_problems(root: Path) -> list[str]:
    found = []
    for path in (file for file in git_files(root) if SOURCE.search(str(file)) and not GENERATED.search(str(file))):
        limit = HEADER_LINES if path.suffix == ".h" else FILE_LINES
        lines = len(path.read_text().splitlines())
        if lines > limit:
            found.append(f"{name_of(path, root)} has {lines} lines, more than {limit}: it has two jobs, find the seam")
        for function in functions(path, root) if path.suffix == ".c" else []:
            if function.lines > FUNCTION_LINES:
                found.append(f"{function.path}:{function.line} {function.name} has {function.lines} lines")
    return found


def text_problems(root: Path) -> list[str]:
    found = []
    for path in git_files(root):
        try:
            lines = path.read_text().splitlines()
        except UnicodeDecodeError:
            continue
        name = name_of(path, root)
        if SOURCE.search(str(path)) and "SPDX-License-Identifier: Apache-2.0" not in "\n".join(lines[:3]):
            found.append(f"{name} does not begin with its licence")
        for number, line in enumerate(lines, 1):
            if UNFINISHED.search(line):
                found.append(f"{name}:{number} is unfinished: {line.strip()}")
            if MACHINE_PATH.search(line):
                found.append(f"{name}:{number} names a path of one machine: {line.strip()}")
    return found


def test_no_file_and_no_function_is_too_long():
    found = size_problems(ROOT)
    assert not found, "\n".join(found)


def test_nothing_is_unfinished_unlicensed_or_bound_to_one_machine():
    found = text_problems(ROOT)
    assert not found, "\n".join(found)


def test_most_functions_are_short():
    lines = sorted(
        function.lines
        for path in c_files(ROOT, "proxy", "config")
        if not GENERATED.search(path.name)
        for function in functions(path, ROOT)
    )
    assert lines
    assert statistics.median(lines) <= FUNCTION_LINES_MEDIAN
    assert lines[len(lines) * 95 // 100] <= FUNCTION_LINES_P95


@pytest.fixture
def wrong_tree(tmp_path):
    """A function that makes a git tree of one file."""
    import subprocess

    def make(name: str, text: str) -> Path:
        subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
        (tmp_path / name).write_text(text)
        return tmp_path

    return make


LICENCE = "/* SPDX-License-Identifier: Apache-2.0 */\n"


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("long.c", LICENCE + "int a;\n" * 700, "long.c has 701 lines, more than 700"),
        ("long.h", LICENCE + "int a;\n" * 120, "long.h has 121 lines, more than 120"),
        ("a.c", LICENCE + "int run(void)\n{\n" + "    run();\n" * 99 + "}\n", "a.c:3 run has 101 lines"),
    ],
)
def test_what_is_too_long_is_found(wrong_tree, name, text, sentence):
    found = size_problems(wrong_tree(name, text))
    assert len(found) == 1 and sentence in found[0]


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("a.c", "int a;\n", "a.c does not begin with its licence"),
        ("a.md", "Later. TO" "DO: write it.\n", "a.md:1 is unfinished"),
        ("a.sh", "# SPDX-License-Identifier: Apache-2.0\ncd /ho" "me/somebody/kbridge\n", "a.sh:2 names a path"),
    ],
)
def test_what_no_file_may_hold_is_found(wrong_tree, name, text, sentence):
    found = text_problems(wrong_tree(name, text))
    assert len(found) == 1 and sentence in found[0]


@pytest.mark.parametrize("text", [LICENCE + "int a;\n" * 699, LICENCE + "int run(void)\n{\n" + "    run();\n" * 98 + "}\n"])
def test_what_just_fits_is_fine(wrong_tree, text):
    root = wrong_tree("a.c", text)
    assert size_problems(root) + text_problems(root) == []
