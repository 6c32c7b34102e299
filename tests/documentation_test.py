# SPDX-License-Identifier: Apache-2.0
"""Every command and compose file in the documentation is run by a test: here, in front of a mock, or by the one that the table names."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.kafka.net import free_port

pytestmark = pytest.mark.core

ROOT = Path(__file__).resolve().parents[1]
BUILD = Path(os.environ.get("KBRIDGE_BUILD", ROOT / "build/dev"))
FILES = [
    "README.md", "CONTRIBUTING.md", "proxy/README.md", "proxy/tools/README.md", "config/README.md", "docker/examples/README.md",
    "docker/examples/coming-from.md",
]  # fmt: skip
# Those for users; the others have commands and variables of the tests too.
FOR_USERS = [name for name in FILES if name not in ("CONTRIBUTING.md", "proxy/README.md")]
# Blocks that are not run as they stand: how they begin, and the file in which they are.
ELSEWHERE = {
    "./dev run ": "tests/documentation_test.py",
    "cd docker/examples/three-places/after\n": "tests/docker/test_three_places.py",
    "kbridge kafka:9092 --listen.per-broker ": "tests/e2e/test_exact.py",
}
# Compose files that tests in tests/docker start as they stand.
STARTED = ["docker/compose.yaml", "docker/examples/compose-tests.yaml"]
# In the place of Docker: the image's only program, on this machine.
DOCKER = '#!/bin/sh\n[ "$1 $2 $3 $4 $5" = "run --rm --network host kbridge" ] && shift 5 && exec kbridge "$@"\n'
PYTEST = "#!/bin/sh\necho passed\n"
# Flags that are not kbridge's: those of other programs, also where they stand alone.
OTHER_PROGRAM = re.compile(r"(docker|sudo|dockerize|\./dev|cmake|kafka-[\w-]+) ")
OTHER_FLAGS = {"--all", "--network"}
# What stands in the first column of the examples' tables is what kbridge takes the place of.
FIRST_CELL = re.compile(r"^\|[^|]*", re.MULTILINE)
# Where the release has to be built first.
WAIT_S = 240


def text_of(name: str) -> str:
    return (ROOT / name).read_text()


def fenced(language: str) -> list[tuple[str, str]]:
    """(file, block) of each block in this language."""
    return [(name, block) for name in FILES for block in re.findall(rf"```{language}\n(.*?)```", text_of(name), re.DOTALL)]


def elsewhere(block: str) -> str | None:
    return next((file for begin, file in ELSEWHERE.items() if block.startswith(begin)), None)


HERE = [(name, block) for name, block in fenced("sh") if not elsewhere(block)]


@pytest.fixture
def shell(tmp_path):
    """Runs commands with kbridge in the path, a mock at what they call localhost:29092, and a pytest that always passes."""
    ports = {port: str(free_port()) for port in ("29092", "29093", "29094")}
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, script in (("docker", DOCKER), ("pytest", PYTEST)):
        (programs / name).write_text(script)
        (programs / name).chmod(0o755)
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
    mock.wait(WAIT_S)


@pytest.mark.parametrize(("name", "block"), HERE, ids=[f"{name}-{block.split(chr(10))[0][:30]}" for name, block in HERE])
def test_the_commands_of_the_documentation_work(shell, name, block):
    done = shell(block)
    assert done.returncode == 0, done.stdout + done.stderr
    if "pytest" in block:
        assert "passed\n" in done.stdout


def test_dev_run_starts_a_broker_and_kbridge_at_the_address_that_it_says():
    """In a network of its own, because the port is fixed."""
    alone = ["unshare", "--net"]
    if subprocess.run([*alone, "true"], capture_output=True).returncode:
        pytest.skip("cannot: a process may not have a network of its own")
    script = f"""
        ip link set lo up
        ./dev run & trap "kill $!" EXIT
        {BUILD}/kbridge wait localhost:29092 --timeout {WAIT_S}s
        kcat -b localhost:29092 -L
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KBRIDGE_")}
    done = subprocess.run([*alone, "sh", "-ec", script], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=WAIT_S + 30)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "try: kcat -b localhost:29092 -L" in done.stdout
    assert "at localhost:29092" in done.stdout


def test_what_is_run_elsewhere_is_there_and_each_row_is_needed():
    for begin, file in ELSEWHERE.items():
        assert any(block.startswith(begin) for _, block in fenced("sh")), f"no block begins with {begin}"
        assert (ROOT / file).is_file()
    assert HERE


def started_services() -> list[dict]:
    """The services of each compose file that is started, without where their image is built."""
    files = [yaml.safe_load(text_of(name))["services"] for name in STARTED]
    return [{name: {key: value for key, value in each.items() if key != "build"} for name, each in services.items()} for services in files]


def side(diff: str, mark: str) -> str:
    return "".join(line[1:] for line in diff.splitlines(keepends=True) if line[0] in (" ", mark))


def test_each_compose_file_of_the_documentation_is_one_that_is_started():
    written = [(name, yaml.safe_load(block)) for name, block in fenced("yaml") if "services:" in block]
    written += [(name, yaml.safe_load(side(block, "+"))) for name, block in fenced("diff")]
    assert {name for name, _ in written} >= {"README.md", "docker/examples/coming-from.md"}
    for name, compose in written:
        assert compose["services"] in started_services(), f"{name}: no test starts {compose}"


def test_a_part_of_a_compose_file_is_part_of_one_that_is_started():
    parts = [(name, yaml.safe_load(block)) for name, block in fenced("yaml") if "services:" not in block]
    services = [service for file in started_services() for service in file.values()]
    for name, part in parts:
        assert any(part.items() <= service.items() for service in services), f"{name}: no test starts a service with {part}"


def test_what_stood_there_before_is_yaml_too():
    for name, block in fenced("diff"):
        assert side(block, "-") != side(block, "+"), name
        assert "kafka" in yaml.safe_load(side(block, "-"))["services"]


def inline_code() -> list[tuple[str, str]]:
    texts = [(name, re.sub(r"```.*?```", "", text_of(name), flags=re.DOTALL)) for name in FOR_USERS]
    texts = [(name, FIRST_CELL.sub("", text) if "examples" in name else text) for name, text in texts]
    return [(name, code) for name, text in texts for code in re.findall(r"`([^`\n]+)`", text) if not OTHER_PROGRAM.match(code)]


def printed(*arguments: str) -> str:
    return subprocess.run([BUILD / "kbridge", *arguments], capture_output=True, text=True, check=True).stdout


HELPS = [("--help",), ("wait", "--help"), ("check", "--help"), ("mock", "--help")]


@pytest.mark.parametrize("arguments", HELPS, ids=" ".join)
def test_help_fits_a_terminal(arguments):
    lines = printed(*arguments).splitlines()
    assert len(lines) > 10
    assert [line for line in lines if len(line) > 100] == []


def test_each_flag_that_is_written_is_one():
    known = "".join(printed(*arguments) for arguments in HELPS)
    flags = [(name, flag) for name, code in inline_code() for flag in re.findall(r"(?:^| )(--[a-z][\w.-]+)", code)]
    assert len(flags) > 40
    for name, flag in flags:
        assert flag in OTHER_FLAGS or re.search(rf"{re.escape(flag)}\b", known), f"{name} names {flag}"


def test_each_variable_and_each_default_that_is_written_is_that_of_the_reference():
    reference = text_of("config/reference.yaml")
    for name in FOR_USERS:
        for variable in re.findall(r"\bKBRIDGE_[A-Z_]+\b", text_of(name)):
            assert re.search(rf"\b{variable}\b", reference), f"{name} names {variable}"
        for setting, value, unit in re.findall(r"`([a-z]+\.[a-z_-]+)`, (\d+) (s|ms|MiB)\)", text_of(name)):
            assert f"\n{setting}: {value}{unit}\n" in reference, f"{name}: {setting}, {value} {unit}"


def test_each_command_of_dev_that_is_written_is_one():
    known = subprocess.run([ROOT / "dev"], capture_output=True, text=True, check=True).stdout
    for name in FILES:
        for command in re.findall(r"\./dev ([a-z]+)", text_of(name)):
            assert f"\n  {command} " in known, f"{name} names ./dev {command}"


def anchors(name: str) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.*)$", text_of(name), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_links_lead_somewhere():
    for name in FILES:
        for target, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", text_of(name)):
            file = (ROOT / name).parent.joinpath(target) if target else ROOT / name
            assert file.exists(), f"{name} links to {target}"
            if anchor:
                assert anchor in anchors(os.path.relpath(file, ROOT)), f"{name} links to {target}#{anchor}"
