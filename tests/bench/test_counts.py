# SPDX-License-Identifier: Apache-2.0
"""What one request costs kbridge is what counts.json says, or less: instructions, system calls and allocations are counted, so no
noise hides or feigns a change.

Who has made it dearer on purpose writes the new figures down: python3 -m tests.bench.test_counts
"""

import json
import tempfile
from pathlib import Path

import pytest

from tests.bench.bench import ROUTED_NODES, Case
from tests.bench.counts import count
from tests.e2e.kbridge import binary

FIGURES = Path(__file__).with_name("counts.json")
MORE_ALLOWED = 1.05
# Below, it is the start of a run, not its requests.
SELDOM = 0.02

CASES = [
    Case("produce 100 B", "produce", 100, 1, 1, 500),
    Case("produce 100 B, 3 nodes", "produce", 100, 1, 1, 500, nodes=ROUTED_NODES),
    Case("produce 100 B, 16 deep, 3 nodes", "produce", 100, 1, 16, 1600, nodes=ROUTED_NODES),
    Case("fetch 100 B", "fetch", 100, 1, 1, 500),
    Case("Metadata of 1,000 partitions", "metadata", 0, 1, 1, 100, partitions=1000),
    Case("Metadata of 1,000 partitions, 3 nodes", "metadata", 0, 1, 1, 100, nodes=ROUTED_NODES, partitions=1000),
]


def figures_of(case: Case, folder: Path) -> dict[str, float]:
    build = binary("KBRIDGE_RELEASE_BIN").parent
    # How many requests pass together, where there are more than one, is a matter of timing, and system calls depend on it most.
    left_out = ["system calls"] if case.depth > 1 else []
    counted = count(build, folder, case.start_broker(build, folder), case.load, case.requests, left_out)
    return {what: round(sum(each for each in by_name.values() if each >= SELDOM), 1) for what, by_name in counted.items()}


@pytest.mark.core
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_request_costs_no_more_than_is_written_down(case, tmp_path):
    counted, written = figures_of(case, tmp_path), json.loads(FIGURES.read_text())[case.name]
    print(case.name, counted)
    assert counted.keys() == written.keys()
    for what, most in written.items():
        assert counted[what] <= most * MORE_ALLOWED, f"{what}: {counted[what]}, and {most} are written down"


def main() -> None:
    figures = {}
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            figures[case.name] = figures_of(case, Path(folder))
    FIGURES.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
