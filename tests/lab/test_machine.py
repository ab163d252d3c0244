"""What the kernel knows."""

import os
import socket
from pathlib import Path

import pytest

from supervise.lab.errors import AsteriskError
from supervise.lab.machine import free_port, hand_over, listener

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
def test_a_free_port_is_free(kind: socket.SocketKind) -> None:
    """The port can be bound at once."""
    port = free_port("127.0.0.1", kind)
    with socket.socket(socket.AF_INET, kind) as taker:
        taker.bind(("127.0.0.1", port))
        assert port > 1023


def test_who_listens_is_known(tmp_path: Path) -> None:
    """The process id of whoever listens on a socket comes from the kernel."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        server.listen()
        assert listener(tmp_path / "socket") == os.getpid()
    with pytest.raises(OSError, match="refused"):
        listener(tmp_path / "socket")


def test_nobody_is_never_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Process 0, as the kernel calls one that we cannot see, is an error: to kill it would be to kill ourselves."""
    monkeypatch.setattr(socket.socket, "getsockopt", lambda *_: bytes(12))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        server.listen()
        with pytest.raises(AsteriskError, match="not a process that this machine sees"):
            listener(tmp_path / "socket")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_folder_is_handed_over_whole(tmp_path: Path) -> None:
    """Every file and folder gets the new owner, and a link's target does not."""
    outside = tmp_path / "outside"
    outside.touch()
    folder = tmp_path / "folder"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep/file").touch()
    (folder / "link").symlink_to(outside)
    hand_over(folder, 65534, 65534)
    assert {path.lstat().st_uid for path in (folder, *folder.rglob("*"))} == {65534}
    assert outside.stat().st_uid == 0
