# SPDX-License-Identifier: Apache-2.0
"""Tables that tests make of what they saw, for people: the README is fed from them.

KBRIDGE_TABLES names the file to which they are appended; without it they are only printed (pytest -s).
"""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path


def write_table(title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    lines = [head, ["---"] * len(head), *rows]
    text = "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)
    text = f"\n### {title}\n\n{text}"
    print(text)
    if "KBRIDGE_TABLES" in os.environ:
        with Path(os.environ["KBRIDGE_TABLES"]).open("a") as file:
            file.write(text)


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")
