# SPDX-License-Identifier: Apache-2.0
"""kafka/ and bridge/ need nothing of libc but mem* and str*, and hold no mutable global state.

Apart from the include test, because a compiler can ask for what no header declares. It reads the archive kbridge_pure, which
is made of the two rooms without sanitizers and fortification.
"""

import os
import subprocess
from pathlib import Path

import pytest

from tests.structure.tree import ROOT

pytestmark = pytest.mark.core

ALLOWED = set("memcpy memmove memset memcmp memchr strlen strnlen strcmp strncmp strchr strrchr strspn strcspn".split())
MUTABLE = "bBcCdDsS"  # the letters of nm for data that can be written


def build_folder() -> Path:
    return Path(os.environ.get("KBRIDGE_BUILD", ROOT / "build/dev"))


def symbols(archive: Path) -> list[tuple[str, str]]:
    """Letter and name of each symbol."""
    lines = subprocess.run(["nm", archive], check=True, capture_output=True, text=True).stdout.splitlines()
    words = [line.split() for line in lines if line and not line.endswith(":")]
    return [(word[-2], word[-1]) for word in words if len(word) >= 2]


def problems(archive: Path) -> list[str]:
    found = symbols(archive)
    defined = {name for letter, name in found if letter not in "Uw"}
    needed = {name for letter, name in found if letter in "Uw"} - defined - ALLOWED
    mutable = {name for letter, name in found if letter in MUTABLE}
    return sorted([f"needs {name}" for name in needed] + [f"{name} is a global variable" for name in mutable])


def test_the_two_pure_rooms_need_nothing_but_memory_and_string_functions():
    archive = build_folder() / "tests/libkbridge_pure.a"
    assert archive.exists(), f"{archive} is not there: build preset dev, or name the folder with KBRIDGE_BUILD"
    assert "buffer_append" in {name for _, name in symbols(archive)}
    found = problems(archive)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("#include <stdlib.h>\nvoid *make(void) { return malloc(7); }", ["needs malloc"]),
        ("#include <time.h>\ntime_t now(void) { return time(0); }", ["needs time"]),
        ("int next(void) { static int counter; return counter++; }", ["counter.0 is a global variable"]),
        ("int limit = 7;", ["limit is a global variable"]),
        ("#include <string.h>\nconst int seven = 7; void *at(void *a, void *b, size_t n) { return memcpy(a, b, n); }", []),
    ],
)
def test_an_impure_archive_is_found(tmp_path, source, expected):
    (tmp_path / "a.c").write_text(source)
    subprocess.run(["cc", "-O2", "-c", "a.c", "-o", "a.o"], cwd=tmp_path, check=True)
    subprocess.run(["ar", "rc", "a.a", "a.o"], cwd=tmp_path, check=True)
    assert problems(tmp_path / "a.a") == expected
