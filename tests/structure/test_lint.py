# SPDX-License-Identifier: Apache-2.0
"""clang-format, clang-tidy and gcc -fanalyzer find nothing. Apart from test_style.py, because this is minutes, not milliseconds."""

import subprocess

import pytest

from tests.structure.tree import ROOT


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("what", ["format", "tidy", "analyzer"])
def test_nothing_is_found_by(what):
    done = subprocess.run(["./dev", "lint", what], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout
