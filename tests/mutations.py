#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Breaks kbridge on purpose, in one place after the other, and sees that a test notices each.

    python3 -m tests.mutations [NAME ...]      `./dev mutate` builds what it needs; names: parts of them, to run only these

Apart from the tests, because it asks what they are worth. It works on a copy of the sources in build/mutants, so nothing that is
broken can be committed. A mutation says which check has to catch it: if another one did first, that would say nothing of this one.
"""

import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.test_conformance import kafka
from tests.kafka import jars

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build/mutants"
TREE, BUILD = FOLDER / "tree", FOLDER / "build"
COPIED = ("CMakeLists.txt", "config", "proxy", "tests")
SEED = 1


@dataclass(frozen=True)
class Mutation:
    """`old` stands once in the file."""

    name: str
    file: str
    old: str
    new: str
    check: str  # "conformance KEY", "own", or the name of a test in ctest

    @property
    def target(self) -> str:
        is_java = self.check.startswith(("conformance", "own"))
        return "kbridge_conformance" if is_java else self.check.replace("/", "_")


TABLES, WALK, REWRITE = "proxy/kafka/tables.gen.c", "proxy/kafka/walk.c", "proxy/kafka/rewrite.c"
WRITE, OFFER, ROUTE = "proxy/kafka/write.c", "proxy/kafka/offer.c", "proxy/bridge/route.c"
PRODUCE, FETCH, METADATA, OFFSET_FETCH, FIND_COORDINATOR, API_VERSIONS, SHARE_FETCH = 0, 1, 3, 9, 10, 18, 78

MUTATIONS = [
    # The walker: one byte.
    Mutation("a varint of one byte ends at 0x90", WALK, "input->at[0] < 0x80", "input->at[0] < 0x90", f"conformance {METADATA}"),
    Mutation("a uuid has 17 bytes", "proxy/kafka/tables.c", "[KIND_UUID] = 16", "[KIND_UUID] = 17", f"conformance {METADATA}"),
    Mutation("a varint is put together 8 bits at a time", WALK, "<< (7 * i)", "<< (8 * i)", f"conformance {FETCH}"),
    Mutation("a compact length is not one more", WALK, "(int64_t)more_by_one - 1", "(int64_t)more_by_one - 0", f"conformance {FETCH}"),
    Mutation("a length may go beyond the message", WALK, '*length > walk->left       ? "a length goes beyond its end"',
             '*length > INT32_MAX        ? "a length goes beyond its end"', "unit/kafka/walk_test"),
    Mutation("a tagged field may be longer than it says", WALK, "walk->left != level->tag_end", "walk->left < level->tag_end",
             "unit/kafka/walk_test"),
    # A row of the tables: one byte.
    Mutation("a broker's rack comes a version later", TABLES, '{"Rack", 0, 0, TAG_NONE, KIND_STRING, ROLE_NONE, 1, 13, 1, 13,',
             '{"Rack", 0, 0, TAG_NONE, KIND_STRING, ROLE_NONE, 2, 13, 1, 13,', f"conformance {METADATA}"),
    Mutation("OffsetFetch is flexible a version later", TABLES, '{{"OffsetFetchRequest", OffsetFetchRequest, 4, 9, 0, 10, 6}',
             '{{"OffsetFetchRequest", OffsetFetchRequest, 4, 9, 0, 10, 7}', f"conformance {OFFSET_FETCH}"),
    Mutation("a client id is compact", TABLES, "ROLE_CLIENT_ID, 1, 2, 1, 2, false, true,", "ROLE_CLIENT_ID, 1, 2, 1, 2, false, false,",
             f"conformance {OFFSET_FETCH}"),
    Mutation("a role is lost: the topic of OffsetForLeaderEpoch", TABLES,
             '/* OffsetForLeaderEpochRequest_Topics */\n    {"Topic", 0, 0, TAG_NONE, KIND_STRING, ROLE_TOPIC_NAME',
             '/* OffsetForLeaderEpochRequest_Topics */\n    {"Topic", 0, 0, TAG_NONE, KIND_STRING, ROLE_NONE', "conformance 23"),
    # What is written into answers.
    Mutation("the inert tag is one that Kafka may give", REWRITE, "INERT_TAG_NUMBER = 0x7f", "INERT_TAG_NUMBER = 0x00", f"conformance {FETCH}"),
    Mutation("the frame's length counts itself", REWRITE, "rewrite->out.len + rest - LENGTH_SIZE", "rewrite->out.len + rest",
             f"conformance {METADATA}"),
    Mutation("node -1 gets an address", REWRITE, "rewrite->node_id >= 0 &&", "rewrite->node_id >= -1 &&", f"conformance {FIND_COORDINATOR}"),
    Mutation("controllers are told as brokers", REWRITE, "event->number != 1", "event->number == 0", "conformance 60"),
    Mutation("the size of a tag has one byte", REWRITE, "for (; size >= 0x80; size >>= 7)", "for (; size >= 0x100; size >>= 7)",
             f"conformance {PRODUCE}"),
    Mutation("the tail is patched one byte short", REWRITE, "uint32_t size = tail - BEFORE_SIZE - len;",
             "uint32_t size = tail - BEFORE_SIZE - len - 1;", f"conformance {SHARE_FETCH}"),
    Mutation("a host name has 256 bytes", REWRITE, "piece.len >= HOST_ROOM", "piece.len > HOST_ROOM", "unit/kafka/rewrite_test"),
    Mutation("a key that is left out is counted", OFFER, "        return true;\n    wire_put_int16(offer->min_at",
             "        return offer->count++, true;\n    wire_put_int16(offer->min_at", f"conformance {API_VERSIONS}"),
    # What kbridge writes itself.
    Mutation("a compact length of ours is not one more", WRITE, "(uint32_t)(length + 1)", "(uint32_t)(length + 0)", "own"),
    Mutation("numbers are little-endian", WRITE, "(8 * (width - 1 - i))", "(8 * i)", "own"),
    # Where requests go.
    Mutation("a session ends where it began", ROUTE, "route->session_id != 0 && event->number != 0", "route->session_id != 0 && event->number > 0",
             "unit/bridge/route_test"),
    Mutation("a broker's logger is a topic", ROUTE, "route->resource_type == RESOURCE_BROKER_LOGGER;", "false;", "unit/bridge/route_test"),
    Mutation("an older view beats what the client knows", ROUTE, "epoch >= 0 && epoch < route->epoch", "epoch > route->epoch",
             "unit/bridge/route_test"),
    Mutation("a lower epoch overwrites a higher one", "proxy/bridge/leaders.c", "epoch >= 0 && epoch < leader->epoch",
             "epoch >= 0 && epoch > leader->epoch", "unit/bridge/view_test"),
    Mutation("any correlation id is right", "proxy/bridge/reply.c", "if (correlation_id == expected)", "if (correlation_id || expected)",
             "unit/bridge/reply_test"),
    Mutation("the smallest lifetime of a session is not kept", "proxy/kafka/merge.c", "part.lifetime_ms < merge->lifetime_ms",
             "part.lifetime_ms > merge->lifetime_ms", "unit/kafka/merge_test"),
]  # fmt: skip


def copy_sources() -> None:
    for name in COPIED:
        for source in [ROOT / name, *(ROOT / name).rglob("*")]:
            target = TREE / source.relative_to(ROOT)
            if source.is_file() and not (target.is_file() and target.read_bytes() == source.read_bytes()):
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)


def build(*targets: str) -> None:
    command = ["cmake", "--build", BUILD, "--parallel", "--target", *targets]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        sys.exit(f"a mutation has to compile:\n{done.stdout}")


def prepare(mutations: list[Mutation]) -> None:
    copy_sources()
    configured = ["cmake", "-S", TREE, "-B", BUILD, "-D", "CMAKE_BUILD_TYPE=Debug", "-D", "CMAKE_C_FLAGS=-O1",
                  "-D", "KBRIDGE_TOOLS=false", "-D", "KBRIDGE_TESTS=true"]  # fmt: skip
    subprocess.run(configured, check=True, stdout=subprocess.DEVNULL)
    build(*sorted({mutation.target for mutation in mutations}))


def is_conform(key: str) -> bool:
    """Whether Kafka's code finds nothing wrong in the messages of this key."""
    cases, answers = FOLDER / f"cases-{key}", FOLDER / "answers"
    kafka(jars.NEWEST, "generate", "--out", cases, "--seed", SEED, "--messages", 9, "--keys", key)
    done = subprocess.run([BUILD / "tests/kbridge_conformance", cases, answers], stdout=subprocess.DEVNULL)
    return done.returncode == 0 and reads("verify", "--cases", cases, "--answers", answers)


def is_own() -> bool:
    written = FOLDER / "own"
    done = subprocess.run([BUILD / "tests/kbridge_conformance", "--own", written])
    return done.returncode == 0 and reads("verify-own", "--written", written, "--newest", "yes")


def reads(*arguments: object) -> bool:
    try:
        kafka(jars.NEWEST, *arguments)
    except AssertionError:
        return False
    return True


def passes(check: str) -> bool:
    kind, _, key = check.partition(" ")
    if kind == "conformance":
        return is_conform(key)
    if kind == "own":
        return is_own()
    program = BUILD / "tests" / check.replace("/", "_")
    return subprocess.run([program], cwd=TREE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120).returncode == 0


def is_caught(mutation: Mutation) -> bool:
    file = TREE / mutation.file
    text = file.read_text()
    if text.count(mutation.old) != 1:
        sys.exit(f"{mutation.name}: {mutation.file} has {text.count(mutation.old)} times: {mutation.old}")
    file.write_text(text.replace(mutation.old, mutation.new))
    try:
        build(mutation.target)
        return not passes(mutation.check)
    except subprocess.TimeoutExpired:
        return True
    finally:
        file.write_text(text)


def main() -> None:
    parts = sys.argv[1:]
    chosen = [mutation for mutation in MUTATIONS if not parts or any(part in mutation.name for part in parts)]
    begun = time.monotonic()
    prepare(chosen)
    for check in sorted({mutation.check for mutation in chosen}):
        if not passes(check):
            sys.exit(f"{check} fails without any mutation")
    missed = []
    for mutation in chosen:
        caught = is_caught(mutation)
        print(f"{'caught' if caught else 'MISSED'}: {mutation.name} ({mutation.file}; {mutation.check})", flush=True)
        missed += [] if caught else [mutation.name]
    print(f"{len(chosen) - len(missed)} of {len(chosen)} mutations are caught, in {time.monotonic() - begun:.0f} s")
    sys.exit(1 if missed or not chosen else 0)


if __name__ == "__main__":
    main()
