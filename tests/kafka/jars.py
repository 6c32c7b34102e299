# SPDX-License-Identifier: Apache-2.0
"""The jars of one version of Apache Kafka, fetched once with Maven into the cache.

Apart from cluster.py because the Java clients of the tests run on the same jars without starting a broker.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
POM = HERE / "pom.xml"
NEWEST = "4.4.0"  # in proxy/kafka/tables.gen.c
USUAL = "4.3.0"  # what a test runs that names no version
VERSIONS = (NEWEST, USUAL, "3.9.1", "2.8.2")

# The serial collector and no C2: the fastest start, and the smallest process, for programs that live for minutes.
JAVA = ["java", "-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Xlog:disable"]
ZOOKEEPER = ["-Dzookeeper.admin.enableServer=false", "-Dzookeeper.4lw.commands.whitelist=ruok,dump"]


def cache_folder() -> Path:
    """Where all downloads of the tests are kept: outside the tree, KBRIDGE_CACHE if it is set."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("KBRIDGE_CACHE") or Path(base) / "kbridge")


@contextmanager
def cache_lock(name: str):
    """Only one process at a time fills the part of the cache called name."""
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder / name


def class_path(version: str = USUAL) -> str:
    """The class path of this Kafka; downloads it when the cache has it not, or has one made by another pom.xml."""
    digest = hashlib.sha256(POM.read_bytes()).hexdigest()
    with cache_lock(f"kafka-{version}") as folder:
        done = folder / "made-from"
        if not done.exists() or done.read_text() != digest:
            shutil.rmtree(folder, ignore_errors=True)
            _download(version, folder)
            done.write_text(digest)
    # Spelt out and sorted, not "folder/*": a class archive is valid only behind the very class path that it was made with.
    return ":".join(sorted(str(jar) for jar in folder.glob("*.jar")))


def java_command(
    version: str, log_settings: Path, options: Sequence[str], main: Sequence[str], jars: str = ""
) -> list[str]:
    """The command line of one main class and its arguments on the jars of this Kafka, and perhaps more."""
    logging = f"-Dlog4j.configuration={log_settings.as_uri()}"
    # Behind Kafka's: in front of them, the class archive would not fit.
    classes = f"{class_path(version)}:{jars}" if jars else class_path(version)
    return [*JAVA, *ZOOKEEPER, logging, *options, "-cp", classes, *main]


def class_archive(version: str = USUAL) -> Path:
    """Where the loaded classes of this Kafka are kept, if cluster.py has made them; Java takes nearly half the time with them."""
    return cache_folder() / f"kafka-{version}" / "classes.jsa"


def _download(version: str, folder: Path) -> None:
    command = [
        "mvn", "--quiet", "--batch-mode", "-Dstyle.color=never", f"--file={POM}", f"-Dkafka.version={version}",
        "dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder}",
    ]  # fmt: skip
    print(f"fetching Apache Kafka {version} from Maven Central into {folder}", flush=True)
    fetch(f"Apache Kafka {version}", command)


def fetch(what: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
    """Runs a command that fetches something; again where it fails, since that may be the network's fault."""
    for pause_s in (5, 20, None):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
        if done.returncode == 0:
            return
        if pause_s:
            time.sleep(pause_s)
    raise RuntimeError(f"{what} could not be made with {' '.join(command[:2])}:\n{done.stdout}")
