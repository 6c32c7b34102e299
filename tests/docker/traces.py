# SPDX-License-Identifier: Apache-2.0
"""What a Docker engine changes on a machine, so that the tests' own leaves it as it was.

Apart from engine.py because it knows the machine (the firewall, forwarding, control groups, folders), and no engine.
"""

import re
import shutil
import subprocess
from pathlib import Path

FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")
CONTROL_GROUPS = Path("/sys/fs/cgroup")
# What dockerd and containerd make outside the folders that they are given.
FOLDERS = ("/etc/docker", "/run/docker", "/run/containerd", "/opt/containerd")


class Traces:
    """Made before the engine starts; `remove` when it has ended."""

    def __init__(self):
        self._firewall = _iptables("iptables-save")
        self._forwarding = FORWARDING.read_text()
        self._new_folders = [folder for folder in map(Path, FOLDERS) if not folder.exists()]
        self._control_groups = set(_control_groups())

    def remove(self) -> None:
        now = _iptables("iptables-save")
        _iptables("iptables-restore", emptied_tables(now, self._firewall) + self._firewall)
        FORWARDING.write_text(self._forwarding)
        for folder in self._new_folders:
            shutil.rmtree(folder, ignore_errors=True)
        for group in set(_control_groups()) - self._control_groups:
            group.rmdir()


def emptied_tables(now: str, before: str) -> str:
    """For iptables-restore, which leaves a table alone that it is not told of: those that were not there before, without rules."""
    tables = {re.match(r"\w+", table).group(): table for table in now.split("\n*")[1:]}
    new = [name for name in tables if f"\n*{name}\n" not in f"\n{before}"]
    chains = {name: re.findall(r"^:(\w+) (?:ACCEPT|DROP) ", tables[name], re.MULTILINE) for name in new}
    return "".join(f"*{name}\n" + "".join(f":{chain} ACCEPT\n" for chain in chains[name]) + "COMMIT\n" for name in new)


def _control_groups() -> list[Path]:
    """Docker's, in each hierarchy of version 1, or in the one of version 2."""
    return [group for pattern in ("docker", "*/docker") for group in CONTROL_GROUPS.glob(pattern)]


def _iptables(command: str, rules: str = "") -> str:
    return subprocess.run([command], input=rules, capture_output=True, text=True, check=True).stdout
