# SPDX-License-Identifier: Apache-2.0
"""The unit tests mirror the sources: proxy/kafka/walk.c is tested by tests/unit/kafka/walk_test.c (or walk_*_test.c)."""

from pathlib import Path

import pytest

from tests.structure.tree import GENERATED, ROOT, name_of

pytestmark = pytest.mark.core

# Sources without a unit test of their own, each with the reason.
WITHOUT_TEST: dict[str, str] = {
    "proxy/bridge/refuse.c": "each refusal is a row of request_test.c and place_test.c",
    "proxy/bridge/leaders.c": "a part of the view, tested through view.h by view_test.c",
    "proxy/bridge/coordinators.c": "a part of the view, tested through view.h by view_test.c",
}


def room_folder(room: str) -> str:
    """Where the sources of tests/unit/ROOM are."""
    return "config" if room == "config" else f"proxy/{room}"


def has_test(root: Path, source: Path) -> bool:
    folder = root / "tests/unit" / source.parent.name
    return (folder / f"{source.stem}_test.c").is_file() or any(folder.glob(f"{source.stem}_*_test.c"))


def has_source(root: Path, test: Path) -> bool:
    folder = root / room_folder(name_of(test.parent, root / "tests/unit"))
    words = test.stem.removesuffix("_test").split("_")
    return any((folder / f"{'_'.join(words[:n])}{end}").is_file() for n in range(1, len(words) + 1) for end in (".c", ".h"))


def problems(root: Path, without_test: dict[str, str]) -> list[str]:
    found = []
    for room in ("kafka", "bridge"):
        for source in sorted((root / "proxy" / room).glob("*.c")):
            name = name_of(source, root)
            if GENERATED.search(name):
                continue
            if has_test(root, source) == (name in without_test):
                found.append(f"{name} has a test and an exception" if name in without_test else f"{name} has no unit test")
    for test in sorted((root / "tests/unit").rglob("*_test.c")):
        if not has_source(root, test):
            found.append(f"{name_of(test, root)} tests no source file")
    found += [f"{name} is excepted but not there" for name in without_test if not (root / name).is_file()]
    return found


def test_every_source_of_the_pure_rooms_has_its_unit_test_and_every_test_its_source():
    found = problems(ROOT, WITHOUT_TEST)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("files", "without_test", "expected"),
    [
        (["proxy/kafka/a.c"], {}, ["proxy/kafka/a.c has no unit test"]),
        (["proxy/kafka/a.c", "tests/unit/kafka/a_test.c"], {}, []),
        (["proxy/kafka/a.c", "tests/unit/kafka/a_split_test.c"], {}, []),
        (["proxy/kafka/a.c"], {"proxy/kafka/a.c": "no code"}, []),
        (["tests/unit/kafka/a_test.c"], {}, ["tests/unit/kafka/a_test.c tests no source file"]),
        (
            ["proxy/kafka/a.c", "tests/unit/kafka/a_test.c"],
            {"proxy/kafka/a.c": "no code"},
            ["proxy/kafka/a.c has a test and an exception"],
        ),
        ([], {"proxy/kafka/a.c": "no code"}, ["proxy/kafka/a.c is excepted but not there"]),
        (["config/a.c", "tests/unit/config/a_test.c"], {}, []),
    ],
)
def test_a_missing_mirror_is_found(tmp_path, files, without_test, expected):
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert problems(tmp_path, without_test) == expected
