# SPDX-License-Identifier: Apache-2.0
"""Who includes whom: always downwards, and from the root, so that each include line names its room.

    main ─► admin ─► net ─► bridge ─► kafka
      │               └───► watch ──► kafka, and the headers in which bridge says what it reports
      ├─► config                        tools ─► ask, bridge, kafka, config
      └─► ask ─► kafka, config
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.structure.tree import ROOT, c_files, name_of

pytestmark = pytest.mark.core

PURE = {f"{name}.h" for name in "string stdint stdbool stddef limits inttypes".split()}


@dataclass
class Room:
    below: tuple[str, ...]
    """Folders, or single headers, that this room may include beside its own."""
    system: set[str] | None = None
    """The headers in <> that it may include; None: any but those of LIBRARIES."""


# What bridge/ reports of itself: facts, and what they name. bridge/ knows nothing of those who read them.
REPORTED = tuple(f"proxy/bridge/{name}.h" for name in "facts conversation reason told view".split())

ROOMS = {
    "proxy": Room(("proxy/admin", "proxy/net", "proxy/watch", "proxy/bridge", "proxy/ask", "proxy/kafka", "config")),
    "proxy/tools": Room(("proxy/ask", "proxy/bridge", "proxy/kafka", "config", "proxy/heap.h")),
    "proxy/ask": Room(("proxy/kafka", "config", "proxy/heap.h")),
    "proxy/admin": Room(("proxy/net", "proxy/watch", "proxy/bridge", "proxy/kafka")),
    "proxy/net": Room(("proxy/bridge", "proxy/watch", "proxy/kafka", "config/settings.h", "proxy/heap.h")),
    "proxy/watch": Room((*REPORTED, "proxy/kafka", "config/settings.h")),
    "proxy/bridge": Room(("proxy/kafka",), PURE),
    "proxy/kafka": Room((), PURE),
    "config": Room(()),
}

# The libraries, and the rooms that may know of them.
LIBRARIES = {
    "uv.h": ("proxy", "proxy/net", "proxy/admin"),
    "http_parser.h": ("proxy/admin",),
    "yaml.h": ("config",),
    "librdkafka/": ("proxy/tools",),
}

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


def room_of(name: str) -> str:
    return max((room for room in ROOMS if name.startswith(room + "/")), key=len, default="")


def include_problem(name: str, own: str, system: str, root: Path) -> str | None:
    room = room_of(name)
    if system:
        for library, rooms in LIBRARIES.items():
            if system.startswith(library) and room not in rooms:
                return f"{name} includes <{system}>, which is only for {' and '.join(rooms)}"
        allowed = ROOMS[room].system
        return f"{name} includes <{system}>: {room} is pure" if allowed and system not in allowed else None
    if not (root / own).is_file():
        return f'{name} includes "{own}", which is no path from the root'
    if room_of(own) == room or own in ROOMS[room].below or room_of(own) in ROOMS[room].below:
        return None
    return f'{name} includes "{own}": {room} may only include {", ".join(ROOMS[room].below) or "itself"}'


def problems(root: Path) -> list[str]:
    found = []
    for path in c_files(root, "proxy", "config"):
        name = name_of(path, root)
        for own, system in INCLUDE.findall(path.read_text()):
            found.append(include_problem(name, own, system, root))
    return [problem for problem in found if problem]


def test_every_include_goes_downwards():
    assert c_files(ROOT, "proxy", "config")
    found = problems(ROOT)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("name", "line", "sentence"),
    [
        ("proxy/kafka/walk.c", "#include <stdio.h>", "proxy/kafka is pure"),
        ("proxy/bridge/view.c", '#include "proxy/net/link.h"', "proxy/bridge may only include proxy/kafka"),
        ("proxy/bridge/view.c", '#include "proxy/watch/log.h"', "proxy/bridge may only include proxy/kafka"),
        ("proxy/kafka/walk.c", '#include "proxy/bridge/view.h"', "proxy/kafka may only include itself"),
        ("proxy/watch/log.c", '#include "proxy/bridge/parts.h"', "proxy/watch may only include"),
        ("proxy/net/link.c", '#include "config/value.h"', "proxy/net may only include"),
        ("proxy/net/link.c", '# include "link.h"', "no path from the root"),
        ("proxy/net/link.c", "#include <librdkafka/rdkafka.h>", "only for proxy/tools"),
        ("proxy/watch/log.c", "#include <uv.h>", "only for proxy and proxy/net and proxy/admin"),
        ("proxy/net/link.c", '#include "proxy/admin/http.h"', "proxy/net may only include"),
        ("proxy/net/link.c", "#include <http_parser.h>", "only for proxy/admin"),
        ("config/load.c", '#include "proxy/kafka/bytes.h"', "config may only include itself"),
    ],
)
def test_a_wrong_include_is_found(tmp_path, name, line, sentence):
    for header in ("net/link", "admin/http", "watch/log", "bridge/view", "bridge/parts", "kafka/bytes"):
        (tmp_path / f"proxy/{header}.h").parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / f"proxy/{header}.h").touch()
    (tmp_path / "config").mkdir()
    (tmp_path / "config/value.h").touch()
    (tmp_path / name).write_text(f"/* A file. */\n{line}\n")
    found = problems(tmp_path)
    assert len(found) == 1
    assert name in found[0] and sentence in found[0]
