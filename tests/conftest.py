# SPDX-License-Identifier: Apache-2.0
"""A test that fails shows what each process that it started has said last.

Apart from the tests because a failure that comes once in a thousand runs has to tell its cause by itself, wherever it comes.
"""

import pytest

from tests.kafka.process import Process


def pytest_runtest_setup(item):
    Process.started.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        report.sections += [(f"{process.name} {process.state()}, and said last", process.tail()) for process in Process.started]
    return report
