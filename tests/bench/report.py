# SPDX-License-Identifier: Apache-2.0
"""What was measured, as tables of text.

Apart from bench.py, because that measures and this only prints.
"""

import statistics

SELDOM = 0.02  # times for one request: below, it was the start or the timing of the runs that differed
WAYS = ["direct", "kbridge", "routing", "haproxy", "splice"]
HEADINGS = [
    "", "", "direct", "kbridge", "kbridge, 3 nodes", "HAProxy", "HAProxy splicing",
    "kbridge/HAProxy", "/splicing", "/direct", "/3 nodes",
]  # fmt: skip


def digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def spread(values: list[float]) -> str:
    if not any(values):
        return "–"
    return f"{digits(statistics.median(values))} ({digits(min(values))}–{digits(max(values))})"


def ratios(row: dict, other: str) -> list[float]:
    """kbridge's values to another way's, of the same rounds."""
    values = row["values"]
    return [ours / theirs for ours, theirs in zip(values["kbridge"], values.get(other, [])) if theirs]


def median_ratio(row: dict, other: str) -> str:
    found = ratios(row, other)
    return digits(statistics.median(found)) if found else "–"


def cells(row: dict) -> list[str]:
    values = row["values"]
    return [
        *(spread(values.get(way, [])) for way in WAYS),
        spread(ratios(row, "haproxy")),
        *(median_ratio(row, way) for way in ("splice", "direct", "routing")),
    ]


def print_table(rows: list[list[str]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def print_measured(rows: list[dict]) -> None:
    table, last = [HEADINGS], ""
    for row in rows:
        table.append([row["case"] if row["case"] != last else "", row["measure"], *cells(row)])
        last = row["case"]
    print("\nMedian (min–max) of the rounds; a ratio is that of two runs of the same round.\n")
    print_table(table)


def print_counted(counted: dict[str, dict]) -> None:
    table = [["", "instructions", "allocations", "system calls"]]
    for case, cost in counted.items():
        often = {what: {name: n for name, n in counts.items() if n >= SELDOM} for what, counts in cost.items()}
        calls = ", ".join(f"{digits(n)} {call}" for call, n in often["system calls"].items())
        sums = {what: digits(sum(counts.values())) for what, counts in often.items()}
        table.append([case, sums["instructions"], sums["allocations"], f"{sums['system calls']}: {calls}"])
    print("\nWhat one request and its response cost kbridge:\n")
    print_table(table)


def print_rows(title: str, rows: list[dict]) -> None:
    """Rows that have names of their own for their columns."""
    if not rows:
        return
    columns = list(dict.fromkeys(name for row in rows for name in row))
    cells_of = [[digits(cell) if isinstance(cell, float) else str(cell) for cell in (row.get(name, "") for name in columns)] for row in rows]
    print(f"\n{title}\n")
    print_table([["" if name == "what" else name for name in columns], *cells_of])


def print_goals(goals: list[dict]) -> None:
    rows = [[goal["goal"], digits(goal["value"]), digits(goal["bar"]), digits(goal["aim"]), goal["verdict"]] for goal in goals]
    if rows:
        print("\nGoals (a ratio is the median of those of the rounds)\n")
        print_table([["", "measured", "bar", "aim", ""], *rows])
