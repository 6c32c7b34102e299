# SPDX-License-Identifier: Apache-2.0
"""Every command in the documentation is run by a test: here, in front of a mock, or by the one that the table names."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.kafka.net import free_port

pytestmark = pytest.mark.core

ROOT = Path(__file__).resolve().parents[1]
BUILD = Path(os.environ.get("KBRIDGE_BUILD", ROOT / "build/dev"))
FILES = ["README.md", "CONTRIBUTING.md", "proxy/README.md", "proxy/tools/README.md", "config/README.md", "docker/examples/README.md"]
# Blocks that are not run here: how they begin, and the file in which they are.
ELSEWHERE = {
    "./dev run ": "dev",
    "cd docker/examples/three-places/after\n": "tests/docker/test_three_places.py",
    "kbridge kafka:9092 --listen.per-broker ": "tests/e2e/test_exact.py",
}


def blocks() -> list[tuple[str, str]]:
    return [
        (name, block)
        for name in FILES
        for block in re.findall(r"```sh\n(.*?)```", (ROOT / name).read_text(), re.DOTALL)
    ]


def elsewhere(block: str) -> str | None:
    return next((file for begin, file in ELSEWHERE.items() if block.startswith(begin)), None)


HERE = [(name, block) for name, block in blocks() if not elsewhere(block)]


@pytest.fixture
def shell(tmp_path):
    """Runs commands with kbridge in the path, a mock at what they call localhost:29092, and a pytest that always passes."""
    ports = {port: str(free_port()) for port in ("29092", "29093", "29094")}
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "pytest").write_text("#!/bin/sh\necho passed\n")
    (programs / "pytest").chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KBRIDGE_")}
    environment["PATH"] = f"{programs}:{BUILD}:{environment['PATH']}"
    mock = subprocess.Popen(["kbridge", "mock", "--topic", "orders:3", "--listen", f"localhost:{ports['29092']}"], env=environment,
                            stderr=subprocess.DEVNULL)  # fmt: skip

    def run(text: str) -> subprocess.CompletedProcess:
        for written, free in ports.items():
            text = text.replace(written, free)
        ready = f"kbridge wait localhost:{ports['29092']}"
        return subprocess.run(["sh", "-ec", f"{ready}\n{text}"], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120)

    yield run
    mock.terminate()
    mock.wait(20)


@pytest.mark.parametrize(("name", "block"), HERE, ids=[f"{name}-{block.split(chr(10))[0][:30]}" for name, block in HERE])
def test_the_commands_of_the_documentation_work(shell, name, block):
    done = shell(block)
    assert done.returncode == 0, done.stdout + done.stderr
    if "-- pytest" in block:
        assert "passed\n" in done.stdout


def test_what_is_run_elsewhere_is_there_and_each_row_is_needed():
    for begin, file in ELSEWHERE.items():
        assert any(block.startswith(begin) for _, block in blocks()), f"no block begins with {begin}"
        assert (ROOT / file).is_file()
    assert HERE


def test_each_command_of_dev_that_is_written_is_one():
    known = subprocess.run([ROOT / "dev"], capture_output=True, text=True, check=True).stdout
    for name in FILES:
        for command in re.findall(r"\./dev ([a-z]+)", (ROOT / name).read_text()):
            assert f"\n  {command} " in known, f"{name} names ./dev {command}"


def test_links_lead_somewhere():
    for name in FILES:
        for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / name).read_text()):
            assert (ROOT / name).parent.joinpath(target).exists(), f"{name} links to {target}"
