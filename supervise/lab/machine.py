"""What the lab asks of the kernel: free ports, who listens on a socket, and whose files are whose."""

import os
import resource
import socket
import sys
from pathlib import Path

from supervise.lab.errors import AsteriskError

_INT = 4
"""The size of each of the three numbers of a ``struct ucred`` (unix(7)): process, user, group."""


def free_port(address: str, kind: socket.SocketKind) -> int:
    """A port that the kernel says is free; somebody else may take it before we do."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((address, 0))
        port: int = probe.getsockname()[1]
        return port


def listener(path: Path) -> int:
    """The process id of whoever listens on a Unix socket, in a container too (SO_PEERCRED, unix(7)).

    Raises:
        OSError: nobody does.
        AsteriskError: they are on another machine, or in one of its virtual machines.
    """
    with socket.socket(socket.AF_UNIX) as console:
        console.connect(str(path))
        credentials = console.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 3 * _INT)
    pid = int.from_bytes(credentials[:_INT], sys.byteorder)
    if pid == 0:  # to kill 0 would be to kill ourselves, with all our children
        raise AsteriskError(f"whoever listens on {path} is not a process that this machine sees")
    return pid


def hand_over(folder: Path, user: int, group: int) -> None:
    """Give a folder and all in it to another owner."""
    os.chown(folder, user, group)
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(Path(place) / name, user, group, follow_symlinks=False)


def allow_files() -> int:
    """As many open files as the machine lets this process have; how many."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
