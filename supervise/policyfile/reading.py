"""The bytes of a policy as text: how much of them there may be, and what no policy holds."""

import re
import unicodedata
from itertools import islice
from pathlib import Path

from supervise.policyfile.errors import Problem
from supervise.policyfile.nodes import ReadLimits

_MOST_OF_A_KIND = 10

_SUFFIXES = frozenset({".yaml", ".yml"})

_OTHER_ENCODINGS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
"""Control characters, and those that change how a line looks without being seen: text that is not what it shows."""

_TAB_BEFORE_TEXT = re.compile(r"^ *\t[ \t]*(?=[^\s#])", re.MULTILINE)


def files_of(path: Path, limits: ReadLimits) -> tuple[Path, ...]:
    """The files that make up a policy: the file itself, or every YAML file directly in a folder, by name.

    Raises:
        OSError: it is not there or cannot be read.
        ValueError: there are too many.
    """
    if not path.is_dir():
        return (path,)
    found = sorted(entry for entry in path.iterdir() if entry.suffix in _SUFFIXES and not entry.name.startswith("."))
    if len(found) > limits.files:
        raise ValueError(f"holds {len(found)} files; {limits.files} are the most")
    if not found:
        raise ValueError("holds no file that ends in .yaml or .yml")
    return tuple(found)


def bytes_of(file: Path, limits: ReadLimits) -> bytes:
    """A file's content, of which never more is read than it may have.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no plain file, or too large.
    """
    if file.exists() and not file.is_file():
        raise ValueError("is not a plain file")
    with file.open("rb") as stream:
        content = stream.read(limits.file_bytes + 1)
    if len(content) > limits.file_bytes:
        raise ValueError(f"is larger than {limits.file_bytes} bytes")
    return content


def text_of(file: str, content: bytes) -> tuple[str, list[Problem]]:
    """The text of a file, and what is wrong with its letters."""
    for mark, encoding in _OTHER_ENCODINGS:
        if content.startswith(mark):
            return "", [Problem(file, 1, 1, "", f"is written in {encoding}; save it as UTF-8")]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return "", [_not_utf8(file, content, error)]
    if not text.strip():
        return "", [Problem(file, 0, 0, "", "is empty; a file that was cut off is no policy")]
    return text, [*_invisible(file, text), *_tabs(file, text)]


def _not_utf8(file: str, content: bytes, error: UnicodeDecodeError) -> Problem:
    before = content[: error.start]
    line = before.count(b"\n") + 1
    column = error.start - (before.rfind(b"\n") + 1) + 1
    byte = content[error.start]
    return Problem(file, line, column, "", f"is not UTF-8 (byte 0x{byte:02X}); save it as UTF-8")


def _invisible(file: str, text: str) -> list[Problem]:
    problems = []
    for found in islice(_INVISIBLE.finditer(text), _MOST_OF_A_KIND):
        name = unicodedata.name(found[0], "a control character")
        words = f"U+{ord(found[0]):04X} ({name.lower()}) cannot be seen and has no place in a policy"
        problems.append(Problem(file, *_place(text, found.start()), "", words))
    return problems


def _tabs(file: str, text: str) -> list[Problem]:
    words = "is indented with a tab; YAML wants spaces"
    found = islice(_TAB_BEFORE_TEXT.finditer(text), _MOST_OF_A_KIND)
    return [Problem(file, *_place(text, tab.start() + tab[0].index("\t")), "", words) for tab in found]


def _place(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1
