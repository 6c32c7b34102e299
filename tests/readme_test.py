# SPDX-License-Identifier: Apache-2.0
"""The README's table of clients and features says what the tests have shown.

Apart from tests/e2e because it looks back at these: pytest runs it behind them.
"""

from pathlib import Path

import pytest

from tests.e2e import matrix

README = Path(__file__).resolve().parents[1] / "README.md"
HEADING = "## Which clients, which features\n"


def cells(lines: list[list[str]]) -> dict[tuple[str, str], str]:
    (_, *clients), *rows = lines
    return {(feature, client): cell for feature, *row in rows for client, cell in zip(clients, row, strict=True) if cell}


def readme_lines() -> list[list[str]]:
    section = README.read_text().split(HEADING)[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("|")]
    return [row for row in rows if set(row[0]) != {"-"}]


def test_the_readmes_table_of_clients_and_features_is_what_the_tests_of_this_run_have_shown():
    shown, said = cells(matrix.lines()), cells(readme_lines())
    if not shown:
        pytest.skip("cannot: no test of a feature was chosen for this run")
    for place, brokers in shown.items():
        assert set(brokers.split(", ")) <= set(said.get(place, "").split(", ")), f"README: {place} lacks {brokers}"
    # Where every feature and every client was tried, all of the table was.
    whole = all({place[at] for place in shown} == {place[at] for place in said} for at in (0, 1))
    assert not whole or shown == said
