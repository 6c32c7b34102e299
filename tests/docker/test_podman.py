# SPDX-License-Identifier: Apache-2.0
"""docker/examples/podman.sh as it stands, on a real Podman, with root and without.

Apart from test_examples.py because it needs no engine, but for the images.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.docker.bed import HERE, PORT, suite_on_host
from tests.docker.images import KAFKA, KBRIDGE, ROOT

pytestmark = pytest.mark.docker

NAMESPACES = ("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
NEEDED = {"podman": "podman", "catatonit": "catatonit", "slirp4netns": "slirp4netns", "newuidmap": "uidmap"}
USER = 7777


@pytest.fixture(scope="module")
def archive(engine):
    """The images in one file."""
    for command, package in NEEDED.items():
        if not shutil.which(command):
            pytest.skip(f"there is no {command} (package {package})")
    if subprocess.run([*NAMESPACES, "true"], capture_output=True).returncode:
        pytest.skip("cannot: only root can make namespaces for Podman")
    with tempfile.TemporaryDirectory(prefix="kbridge-podman-") as folder:
        file = Path(folder) / "images.tar"
        engine.docker("save", "--output", file, KBRIDGE, KAFKA)
        yield file


@pytest.fixture
def folder(archive):
    """For everything that Podman keeps; a user that is not root can come to it."""
    with tempfile.TemporaryDirectory(prefix="kbridge-podman-") as folder:
        Path(folder).chmod(0o755)
        os.link(archive, Path(folder) / "images.tar")
        shutil.copy(ROOT / "docker/examples/podman.sh", folder)
        yield folder


@pytest.mark.parametrize("user", [pytest.param(0, id="with-root"), pytest.param(USER, id="without-root")])
def test_a_pod_of_podman_serves_itself_and_the_machine(folder, user, report):
    within = [*NAMESPACES, HERE / "podman/run", folder, user]
    outcome = suite_on_host(f"localhost:{PORT}", "-k", "not java and not faust", within=within)
    report.append(f"podman.sh, {'as root' if user == 0 else 'without root'}: told {outcome.told}, {outcome.result}")
    assert outcome.passed, outcome.output
    assert outcome.told == f"localhost:{PORT}"
