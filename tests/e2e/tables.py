# SPDX-License-Identifier: Apache-2.0
"""Tables that tests make of what they saw, for people: pytest prints them at its end, and the README is fed from them.

KBRIDGE_TABLES names a file to which they are appended as well.
"""

import os
from collections.abc import Sequence
from pathlib import Path

_tables: dict[str, tuple[Sequence[str], list[Sequence[object]]]] = {}


def add_row(title: str, head: Sequence[str], *cells: object) -> None:
    _tables.setdefault(title, (head, []))[1].append(cells)


def write_tables() -> None:
    text = "".join(_format(title, head, rows) for title, (head, rows) in _tables.items())
    print(text)
    if "KBRIDGE_TABLES" in os.environ:
        with Path(os.environ["KBRIDGE_TABLES"]).open("a") as file:
            file.write(text)


def _format(title: str, head: Sequence[str], rows: list[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    text = "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)
    return f"\n### {title}\n\n{text}"


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")
