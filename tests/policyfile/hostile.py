"""Loads one hostile file after the other, each in a process of its own, and says what that cost. Run by the test."""

import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from supervise.policyfile.errors import PolicyFileError
from supervise.policyfile.load import load

A_MEGABYTE = 999_000


def texts() -> Iterator[tuple[str, bytes]]:
    """Every kind of hostile text."""
    yield (
        "a bomb of aliases",
        b"a: &a [x,x,x,x,x,x,x,x,x]\n"
        + b"".join(b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 9)) for n in range(20)),
    )
    for name, piece in (
        ("lists in lists", b"["),
        ("mappings in mappings", b"{a: "),
        ("dashes in dashes", b"- "),
        ("keys in keys", b"? "),
        ("lists in lists in a mapping", b"{a: ["),
    ):
        yield f"ten thousand {name}", piece * 10_000
        yield f"a megabyte of {name}", (piece * A_MEGABYTE)[:A_MEGABYTE]
    yield "deep indentation", b"".join(b" " * n + b"a:\n" for n in range(1_400))
    for name, piece in (
        ("short items", b"a,"),
        ("empty lists", b"[],"),
        ("empty mappings", b"{},"),
    ):
        yield f"a megabyte of {name}", b"people: [" + (piece * A_MEGABYTE)[: A_MEGABYTE - 20] + b"]"
    for name, piece in (
        ("dashes", b"-\n"),
        ("documents", b"---\n"),
        ("anchors", b"- &a b\n"),
        ("aliases", b"- *a\n"),
        ("tags", b"- !!python/object/apply:os.system [ls]\n"),
        ("merge keys", b"- {<<: {a: b}}\n"),
        ("quotes", b"'"),
        ("exclamation marks", b"!"),
        ("percent signs", b"%"),
        ("colons", b":"),
        ("question marks", b"?"),
        ("opening quotes", b'- "\n'),
        ("block texts", b"- |\n"),
        ("tabs", b"\ta\n"),
        ("letters without a break", b"a"),
        ("spaces", b" "),
        ("line breaks", b"\n"),
        ("comments", b"#\n"),
        ("words over many lines", b"a\n"),
        ("the same key", b"k: v\n"),
        ("override marks", "\u202e".encode()),
        ("lone surrogates", b"\xed\xa0\x80"),
        ("bytes that are no UTF-8", b"\xff"),
        ("zero bytes", b"\0"),
    ):
        yield f"a megabyte of {name}", (piece * A_MEGABYTE)[:A_MEGABYTE]
    yield "thousands of unknown keys", b"".join(b"k%d: v\n" % n for n in range(14_000))
    yield "thousands of doubled keys", b"".join(b"k%d: v\n" % min(n, 7_000) for n in range(14_000))
    people = b"people: {%s}\nroles: {x: }\n" % b",".join(b"p%d: {role: x}" % n for n in range(5_000))
    rules = b"rules: [{who: x, may: monitor, whom: {people: [%s]}}]\n"
    yield "thousands of names that lead nowhere", people + rules % b",".join(b"q%d" % n for n in range(9_000))
    yield "thousands of wrong people", b"people: {%s}\n" % b",".join(b"p%d: {rol: x}" % n for n in range(7_000))


def cost_of(file: Path) -> dict[str, object]:
    """What one file costs: processor time in seconds, memory in megabytes; and what comes of it."""
    before, began = peak(), time.process_time()
    try:
        load(file)
        problems = 0
    except PolicyFileError as error:
        problems = len(error.problems)
    return {"seconds": time.process_time() - began, "megabytes": peak() - before, "problems": problems}


def peak() -> float:
    """The most memory that this process ever had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def apart(file: Path) -> dict[str, object]:
    """The same in a process of its own, so that no file profits from the memory of the one before."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, json.dumps(cost_of(file)).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    found = json.loads(answer)
    assert isinstance(found, dict)
    return found


def main(folder: Path) -> None:
    """Write a line of JSON for each file."""
    (folder / "good.yaml").write_text("people: {a: {role: x}}\nroles: {x: }\n")
    load(folder / "good.yaml")
    file = folder / "hostile.yaml"
    for name, text in texts():
        file.write_bytes(text)
        print(json.dumps({"name": name, **apart(file)}))  # noqa: T201  the test reads it
    with file.open("wb") as stream:
        stream.truncate(100_000_000)
    print(json.dumps({"name": "a hundred megabytes", **apart(file)}))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
