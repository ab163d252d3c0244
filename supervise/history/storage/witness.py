"""A second memory of the newest record, in a small file beside the journal.

A commit that the disk had promised to keep can be gone after a power loss, and then what is left is a shorter chain
that looks whole. The witness names the newest record ever promised; it is written after each commit and, being one
sector that is only ever overwritten, costs microseconds. It is not forced to the disk: an older witness is harmless.
"""

import os
from pathlib import Path

from supervise.history.storage.chain import Link

_LINE = "{:020d} {}\n"
_LENGTH = 20 + 1 + 64 + 1


def read_witness(path: Path) -> Link | None:
    """The newest record that a witness's file remembers; None if there is none, or no file."""
    try:
        with path.open("rb") as file:
            return _link(file.read(_LENGTH))
    except OSError:
        return None


class Witness:
    """The file that remembers the newest record.

    Raises:
        OSError: from every method, when the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, or make an empty one."""
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def read(self) -> Link | None:
        """The newest record remembered; None if there is none, or nothing that can be read."""
        return _link(os.pread(self._file, _LENGTH, 0))

    def write(self, newest: Link) -> None:
        """Remember this record."""
        os.pwrite(self._file, _LINE.format(newest.sequence, newest.seal.hex()).encode(), 0)

    def close(self) -> None:
        """Force the file to the disk and close it."""
        os.fsync(self._file)
        os.close(self._file)


def _link(line: bytes) -> Link | None:
    words = line.split()
    try:
        return Link(int(words[0]), bytes.fromhex(words[1].decode()))
    except (IndexError, ValueError):
        return None
