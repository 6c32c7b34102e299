# SPDX-License-Identifier: Apache-2.0
"""config/reference.yaml is what kbridge prints today, and --help names every setting in it.

Apart from the unit tests of config/, because these are claims about the executable and a committed file.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.core

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "config/reference.yaml"


def kbridge(*arguments, **variables):
    build = Path(os.environ.get("KBRIDGE_BUILD", ROOT / "build/dev"))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KBRIDGE_")}
    return subprocess.run(
        [build / "kbridge", *arguments], env=environment | variables, capture_output=True, text=True, timeout=60
    )


def names():
    """Every key in the reference, those that are commented out included."""
    return re.findall(r"^(?:# )?([a-z_.]+): \S", REFERENCE.read_text(), re.MULTILINE)


def test_the_committed_reference_is_fresh():
    printed = kbridge("--reference")
    assert printed.returncode == 0
    assert printed.stdout == REFERENCE.read_text(), "make it again: kbridge --reference > config/reference.yaml"


def test_help_names_every_setting():
    printed = kbridge("--help")
    assert printed.returncode == 0
    assert {"upstream", "listen", "advertise", "limits.frame", "log", "traffic"} <= set(names())
    assert [name for name in names() if f"  --{name}" not in printed.stdout] == []


def test_version_is_a_number():
    printed = kbridge("--version")
    assert printed.returncode == 0
    assert re.fullmatch(r"kbridge \d+\.\d+\.\d+\n", printed.stdout)


@pytest.mark.parametrize(
    ("arguments", "variables", "sentence"),
    [
        (["kafka", "--log", "loud"], {}, 'kbridge: flag --log: "loud" is not known; expected error|warn|info|debug.\n'),
        (["kafka"], {"KBRIDGE_LOGS": "x"}, 'kbridge: variable "KBRIDGE_LOGS" is not known; did you mean KBRIDGE_LOG?\n'),
        (["--config", "/no/such.yaml"], {}, 'kbridge: The settings file "/no/such.yaml" cannot be opened: '
                                            "No such file or directory.\n"),  # fmt: skip
        ([], {}, "kbridge: No broker is given; name one, for example `kbridge kafka:9092`, "
                 "or set upstream in the file or KBRIDGE_UPSTREAM.\n"),  # fmt: skip
    ],
)
def test_what_is_written_wrong_ends_with_a_sentence_and_2(arguments, variables, sentence):
    ended = kbridge(*arguments, **variables)
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", sentence)
