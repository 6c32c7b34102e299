# SPDX-License-Identifier: Apache-2.0
"""Makes tests/fuzz/corpus: for each target the small inputs that together reach all code that is reached so far.

    python3 -m tests.fuzz.corpus FOUND     FOUND: what ./dev fuzz has found, one folder a target

What is new comes from Kafka's own messages (the conformance generator) and from FOUND; libFuzzer's merge keeps of all
of it what adds coverage. Settings begin with config/examples and reference.yaml.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.conformance.test_conformance import kafka
from tests.kafka import jars

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CORPUS = HERE / "corpus"
INPUT_BYTES_MAX = 512


def seeds(folder: Path) -> None:
    for version in jars.VERSIONS:
        cases = folder / "cases"
        kafka(version, "generate", "--out", cases, "--seed", 1, "--messages", 9)
        subprocess.run([ROOT / "build/dev/tests/kbridge_fuzz_seeds", cases, folder], check=True)
    settings = folder / "settings_fuzz"
    settings.mkdir()
    for file in (ROOT / "config").rglob("*.yaml"):
        lines = [line for line in file.read_text().splitlines() if line and not line.startswith("# ")]
        (settings / file.name).write_text("\n".join(lines).replace("# ", ""))


def merge(target: Path, new: list[Path]) -> None:
    kept = CORPUS / target.name
    with tempfile.TemporaryDirectory() as folder:
        sources = [source for source in [kept, *new] if source.is_dir()]
        subprocess.run([target, "-merge=1", f"-max_len={INPUT_BYTES_MAX}", folder, *sources], check=True, capture_output=True)
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        for number, file in enumerate(sorted(Path(folder).iterdir(), key=lambda file: file.stat().st_size)):
            if file.stat().st_size <= INPUT_BYTES_MAX:
                shutil.copy(file, kept / f"{number:04}")
    print(f"{target.name}: {len(list(kept.iterdir()))} files")


def main() -> None:
    found = [Path(argument) for argument in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as folder:
        seeds(Path(folder))
        for target in sorted((ROOT / "build/fuzz/fuzz").glob("*_fuzz")):
            merge(target, [each / target.name for each in [Path(folder), *found]])


if __name__ == "__main__":
    main()
