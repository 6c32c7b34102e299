# SPDX-License-Identifier: Apache-2.0
"""The files of this project, for the tests of its structure.

Apart, so that each of them is a list of rules and the functions that look for what breaks one. These take the root of a
tree and return sentences; so the same function is run on the project and on a wrong example made in a temporary folder.
"""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GENERATED = re.compile(r"\.gen\.[ch]$")


def git_files(root: Path = ROOT) -> list[Path]:
    """What git has or would take, without what .gitignore names."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    return sorted(root / name for name in names if name and (root / name).is_file())


def c_files(root: Path, *folders: str) -> list[Path]:
    """The C files below these folders."""
    return sorted(path for folder in folders for path in (root / folder).rglob("*.[ch]"))


def name_of(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


@dataclass
class Function:
    path: str
    line: int
    name: str
    lines: int


def functions(path: Path, root: Path) -> list[Function]:
    """The functions of a C file. clang-format puts the braces of their bodies, and no others, alone at the margin."""
    found, first = [], 0
    lines = path.read_text().splitlines()
    for number, line in enumerate(lines, 1):
        if line == "{":
            first = number
        elif line == "}" and first:
            head = " ".join(lines[max(0, first - 4) : first - 1])
            name = re.findall(r"(\w+)\(", head)
            found.append(Function(name_of(path, root), first, name[-1] if name else "?", number - first + 1))
            first = 0
    return found
