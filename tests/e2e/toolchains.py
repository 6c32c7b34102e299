# SPDX-License-Identifier: Apache-2.0
"""Clients that must be fetched or compiled before they run: done once, in the cache, never in the tree.

Apart from clients.py because it knows languages, not Kafka.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kafka.jars import USUAL, cache_lock, class_archive, class_path, fetch, java_command

HERE = Path(__file__).resolve().parent
JAVA_LOG_SETTINGS = HERE / "java/log4j.properties"
MAVEN_DEPENDENCY_PLUGIN = "3.8.1"


def java(*main: str, version: str = USUAL, jars: str = "") -> list[str]:
    """The command line of a main class on the jars of this Kafka, and perhaps more."""
    archive = class_archive(version)
    options = [f"-XX:SharedArchiveFile={archive}"] if archive.exists() else []
    return java_command(version, JAVA_LOG_SETTINGS, options, main, jars)


def java_program(source: Path, *arguments: str, jars: str = "") -> list[str]:
    """The command line of a program that is one source file, and needs perhaps more jars."""
    classes = java_classes(source, jars)
    return java(source.stem, *arguments, jars=f"{jars}:{classes}" if jars else classes)


def java_classes(source: Path, jars: str = "") -> str:
    """The class path of what is in one source file, which needs perhaps more jars."""
    path = f"{class_path()}:{jars}"
    return str(_made_once(
        f"java-{source.stem}", [source], lambda folder: [["javac", "-d", str(folder), "-cp", path, str(source)]]
    ))  # fmt: skip


def maven_jars(pom: Path) -> str:
    """The class path of what a pom.xml names, without what that needs itself."""
    copy = f"org.apache.maven.plugins:maven-dependency-plugin:{MAVEN_DEPENDENCY_PLUGIN}:copy-dependencies"
    folder = _made_once(f"maven-{pom.parent.name}", [pom], lambda folder: [
        ["mvn", "--quiet", "--batch-mode", f"--file={folder / 'pom.xml'}", copy, "-DexcludeTransitive",
         f"-DoutputDirectory={folder}"],
    ])  # fmt: skip
    return ":".join(sorted(str(jar) for jar in folder.glob("*.jar")))


def python(requirements: Path) -> str:
    """The interpreter of an environment with exactly these packages."""
    folder = _made_once(f"python-{requirements.parent.name}", [requirements], lambda folder: [
        ["python3", "-m", "venv", str(folder)],
        [str(folder / "bin/pip"), "install", "--disable-pip-version-check", f"--requirement={requirements}"],
    ])  # fmt: skip
    return str(folder / "bin/python3")


def python_source(requirements: Path) -> Path:
    """The archive of sources of the one package that is named there."""
    folder = _made_once(f"source-{requirements.parent.name}", [requirements], lambda folder: [
        [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary=:all:", f"--dest={folder}", f"--requirement={requirements}"],
    ])  # fmt: skip
    (archive,) = folder.glob("*.tar.gz")
    return archive


def go_program(source: Path) -> str:
    """The program that a Go module makes; a machine whose Go is missing or too old skips the test."""
    needed = re.search(r"^go (\S+)$", (source / "go.mod").read_text(), re.MULTILINE).group(1)
    if _go_version() < _numbers(needed):
        pytest.skip(f"cannot: {source.name} needs Go {needed} or newer, and this distribution has none")
    files = [source / name for name in ("client.go", "go.mod", "go.sum")]
    folder = _made_once(f"go-{source.name}", files, lambda folder: [
        ["go", "build", f"-C={folder}", "-mod=readonly", "-o", "client", "."],
    ])  # fmt: skip
    return str(folder / "client")


def _go_version() -> tuple[int, ...]:
    """(0,) when there is no Go."""
    if not shutil.which("go"):
        return (0,)
    return _numbers(subprocess.run(["go", "env", "GOVERSION"], capture_output=True, text=True, check=True).stdout)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def npm_project(source: Path) -> Path:
    """A copy of an npm project with the packages that its lock file names."""
    files = [source / name for name in ("package.json", "package-lock.json", "client.js") if (source / name).exists()]
    return _made_once(f"npm-{source.name}", files, lambda folder: [
        ["npm", "ci", "--no-audit", "--no-fund", f"--prefix={folder}"],
    ])  # fmt: skip


def _made_once(name: str, sources: list[Path], commands: Callable[[Path], list[list[str]]]) -> Path:
    """A folder with the sources, for which the commands have run; made again when a source changes."""
    digest = hashlib.sha256(b"\0".join(source.read_bytes() for source in sources)).hexdigest()
    with cache_lock(name) as folder:
        done = folder / "made-from"
        if not done.exists() or done.read_text() != digest:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            for source in sources:
                shutil.copy(source, folder)
            for command in commands(folder):
                _run(name, command)
            done.write_text(digest)
    return folder


def _run(name: str, command: list[str]) -> None:
    # Go would otherwise fetch another Go to build a module that asks for one.
    environment = {**os.environ, "GOTOOLCHAIN": "local"}
    fetch(name, command, environment)
