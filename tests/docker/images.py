# SPDX-License-Identifier: Apache-2.0
"""The images of the tests: pulled where that is possible, else made from Debian's packages and from Kafka's jars.

Apart from bed.py because everything here is about getting images, and taking back the names that they were given.
"""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.docker.engine import Engine, NoEngine
from tests.kafka.jars import USUAL, cache_folder, class_path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BASE = "debian:bookworm-slim"
KAFKA = "apache/kafka"
KBRIDGE = "kbridge"
# These have a name as long as the tests run, so that what is installed in them is not pruned.
KBRIDGE_BUILD = "kbridge-test-build"
MUSL_BUILD = "kbridge-test-musl-build"
CLIENT = "kbridge-test-client"
MUSL = "kbridge-test-musl"
PULL_TIMEOUT_S = 300
# As in Debian's image: an image needs no manuals, and what a crash would harm is built again.
SLIM = """force-unsafe-io
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/locale/*
path-exclude /usr/share/man/*
"""


class Images:
    """Makes what is missing, remembers it, and says how each image came to be."""

    def __init__(self, engine: Engine):
        self._engine = engine
        self._named: dict[str, str | None] = {}  # with what had the name before
        self.how: list[str] = []

    def prepare(self) -> None:
        """Raises NoEngine where this machine's engine can start no container."""
        self._get(BASE, self._make_base)
        begun = self._engine.try_docker("run", "--rm", BASE, "true")
        if begun.returncode != 0:
            raise NoEngine(f"the Docker engine starts no container: {begun.stdout.strip().splitlines()[0]}")
        # Packages are unpacked by one core each.
        with ThreadPoolExecutor() as pool:
            for made in [pool.submit(self._prepare_kbridge), pool.submit(self._prepare_neighbours)]:
                made.result()

    def _prepare_kbridge(self) -> None:
        self.build(KBRIDGE_BUILD, ROOT, "--file", ROOT / "docker/Dockerfile", "--target", "build")
        self.build(KBRIDGE, ROOT, "--file", ROOT / "docker/Dockerfile")

    def _prepare_neighbours(self) -> None:
        """One after the other: what installs Java does so in the same layer."""
        self.build(CLIENT, HERE / "client")
        self._get(KAFKA, self._make_stand_in)

    def build(self, name: str, context: Path, *options: object) -> None:
        """Builds an image whose name is forgotten with the others."""
        begun = time.monotonic()
        if name not in self._named:
            self._named[name] = self._engine.docker("image", "inspect", "--format", "{{.Id}}", name) if self._has(name) else None
        build = ("build", "--force-rm", "--tag", name, *options, context)
        # Most of a build is fetched, and a failure may be the network's; the second time its error counts.
        if self._engine.try_docker(*build).returncode != 0:
            self._engine.docker(*build)
        self.how.append(f"{name}: built in {time.monotonic() - begun:.0f} s")

    def forget(self) -> None:
        """Takes back the names; the layers stay, as they do after any build, so that the next one is quick."""
        if self._engine.is_own:
            self._engine.docker("image", "prune", "--force")
        for name, before in self._named.items():
            if before:
                self._engine.docker("tag", before, name)
            else:
                self._engine.try_docker("rmi", "--no-prune", name)
        self._named.clear()

    def _has(self, name: str) -> bool:
        return self._engine.try_docker("image", "inspect", name).returncode == 0

    def _get(self, name: str, make) -> None:
        if self._has(name):
            self.how.append(f"{name}: was there")
            return
        self._named[name] = None
        if self._engine.try_docker("pull", name, timeout_s=PULL_TIMEOUT_S).returncode == 0:
            self.how.append(f"{name}: pulled")
        else:
            self.how.append(f"{name}: could not be pulled, {make()}")

    def _make_base(self) -> str:
        made = cache_folder() / "docker/slim-image"
        if made.exists() and self._has(made.read_text()):
            self._engine.docker("tag", made.read_text(), BASE)
            return "made by debootstrap in an earlier run"
        made.parent.mkdir(parents=True, exist_ok=True)
        made.write_text(self._engine.docker("import", "--change", 'CMD ["bash"]', _debootstrap(), BASE))
        return "made by debootstrap"

    def build_with(self, name: str, folder: Path, files: Mapping[str, Path], *options: object) -> None:
        """Builds an image whose context is this folder and these files, by their names in it."""
        with tempfile.TemporaryDirectory(prefix="kbridge-context-") as parent:
            context = Path(parent) / "context"
            shutil.copytree(folder, context)
            for at, file in files.items():
                (context / at).parent.mkdir(exist_ok=True)
                shutil.copy(file, context / at)
            self.build(name, context, *options)

    def build_with_jars(self, name: str, folder: Path, version: str) -> None:
        """Builds an image whose context is this folder and the jars of that Kafka."""
        self.build_with(name, folder, {f"jars/{Path(jar).name}": Path(jar) for jar in class_path(version).split(":")})

    def _make_stand_in(self) -> str:
        self.build_with_jars(KAFKA, HERE / "stand-in", USUAL)
        return f"a stand-in made of the jars of Kafka {USUAL}, with the stock image's configuration"


def _debootstrap() -> Path:
    """The tarball of a minimal Debian 12; made once."""
    tarball = cache_folder() / "docker/bookworm-slim.tar"
    if tarball.exists():
        return tarball
    if not shutil.which("debootstrap"):
        raise NoEngine(f"{BASE} cannot be pulled, and there is no debootstrap to make it")
    tarball.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="kbridge-debootstrap-") as folder:
        root, unfinished = Path(folder) / "root", tarball.with_suffix(".new")
        _run("debootstrap", "--variant=minbase", "bookworm", str(root))
        (root / "etc/dpkg/dpkg.cfg.d/docker").write_text(SLIM)
        # Packages and lists are fetched again by whoever installs something.
        _run("tar", f"--directory={root}", "--exclude=./var/cache/apt/archives/*.deb", "--exclude=./var/lib/apt/lists/*",
             f"--file={unfinished}", "--create", ".")  # fmt: skip
        unfinished.rename(tarball)
    return tarball


def _run(*command: str) -> None:
    """Raises NoEngine: without an image there is nothing that an engine could run."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise NoEngine(f"{BASE} cannot be pulled, and {command[0]} failed: {done.stdout.strip().splitlines()[-1]}")
