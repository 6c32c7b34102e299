# SPDX-License-Identifier: Apache-2.0
"""Which sockets are connected to whom, from the kernel's own tables.

Apart from kbridge.py because it knows processes and ports only.
"""

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ESTABLISHED = "01"
LISTEN = "0A"
LOOK_EVERY_S = 0.05


@dataclass(frozen=True)
class Socket:
    local_port: int
    remote_port: int
    state: str
    inode: str
    # Bytes, another number at each look: sent and not there yet; there and not read yet.
    unsent: int = field(compare=False)
    unread: int = field(compare=False)


def sockets() -> Iterator[Socket]:
    """All TCP sockets of this machine, of both families."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            _, local, remote, state, queues, _, _, _, _, inode, *_ = line.split()
            unsent, unread = (int(queue, 16) for queue in queues.split(":"))
            yield Socket(_port(local), _port(remote), state, inode, unsent, unread)


def listens(port: int) -> bool:
    """True when somebody listens there; asking by a connection would be seen by the listener."""
    return any(socket.state == LISTEN and socket.local_port == port for socket in sockets())


def has_read_all(port: int) -> bool:
    """True when who listens there has read all that its clients have sent."""
    connected = [socket for socket in sockets() if socket.state == ESTABLISHED]
    return not any(socket.unsent for socket in connected if socket.remote_port == port) and not any(
        socket.unread for socket in connected if socket.local_port == port
    )


def inodes_of(pid: int) -> set[str]:
    """The sockets that a process holds."""
    found = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.add(os.readlink(descriptor).removeprefix("socket:[").removesuffix("]"))
        except FileNotFoundError:
            pass  # closed while we looked
    return found


def connected(pid: int) -> set[Socket]:
    """What a process has beside listeners, also what is half closed."""
    held = inodes_of(pid)
    return {socket for socket in sockets() if socket.inode in held and socket.state != LISTEN}


class Watch:
    """Looks again and again at who is connected to some ports, and keeps those who are not the one process that may be.

    A connection that comes and goes between two looks is not seen; whoever must see one looks while it is there.
    """

    def __init__(self, ports: list[int], pid: int):
        self._ports = ports
        self._pid = pid
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.strangers: set[Socket] = set()
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def own(self) -> set[Socket]:
        """The process's connections to these ports at this moment."""
        return self._own_of(self._connected())

    def _look(self) -> None:
        while not self._done.wait(LOOK_EVERY_S):
            before = self._connected()
            try:
                own = self._own_of(before)
            except FileNotFoundError:
                return  # the process has gone
            # What has been closed meanwhile was perhaps the process's own.
            self.strangers |= (before - own) & self._connected()

    def _own_of(self, connected: set[Socket]) -> set[Socket]:
        held = inodes_of(self._pid)
        return {socket for socket in connected if socket.inode in held}

    def _connected(self) -> set[Socket]:
        return {socket for socket in sockets() if socket.remote_port in self._ports and socket.state == ESTABLISHED}


def _port(address: str) -> int:
    return int(address.rsplit(":", 1)[1], 16)
