# SPDX-License-Identifier: Apache-2.0
"""What a process uses, as the kernel counts it."""

import os
from pathlib import Path


def resident_bytes(pid: int) -> int:
    return _status_kib(pid, "VmRSS") << 10


def peak_resident_bytes(pid: int) -> int:
    """The most that it has ever had in memory at once."""
    return _status_kib(pid, "VmHWM") << 10


def cpu_s(pid: int) -> float:
    # Behind the command's name, which may have spaces, utime and stime are the 12th and 13th field.
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def descriptor_count(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def _status_kib(pid: int, field: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1])
    raise RuntimeError(f"/proc/{pid}/status has no {field}")
