"""YAML text as plain mappings, lists and text that remember where each stood; whatever is more than that is refused.

Every scalar stays the text that was typed: extension ``0042`` and the word ``no`` mean themselves, and the schema
says where a number or a yes is wanted. The parser's events are taken one by one, so that nothing hostile is ever
built: aliases are not followed, and depth and number of nodes are held against limits on the way.
"""

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import yaml

from supervise.policyfile.errors import Problem

Value: TypeAlias = "str | Map | Seq | None"
"""What a node is; None where nothing stands, or ``~``."""

_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})

_MERGE = "<<"

_QUOTED = frozenset({"'", '"', "|", ">"})

MOST_PROBLEMS = 100
"""So many problems of a kind are told; nobody mends more at a time."""


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """How much a policy may be; what is larger is refused before it costs anything.

    The defaults are enough for about 2 000 people; `for_megabytes` makes room for more.

    Attributes:
        file_bytes: of one file.
        files: in a folder.
        nodes: keys, values and lists in all files together.
        depth: of lists and mappings within each other.
    """

    file_bytes: int = 1_000_000
    files: int = 100
    nodes: int = 30_000
    depth: int = 12

    @classmethod
    def for_megabytes(cls, megabytes: int) -> "ReadLimits":
        """Room for files of so many million bytes, with a hundred thousand nodes for each; 10 000 people need 3."""
        return cls() if megabytes <= 1 else cls(file_bytes=megabytes * 1_000_000, nodes=megabytes * 100_000)


class Mark(NamedTuple):
    """A place: the file's number among those that were read, line and column counted from 1."""

    file: int
    line: int
    column: int


_Spot: TypeAlias = tuple[int, int, int]
"""A mark in the making: plain, since there are a hundred thousand of them."""


class Map(dict[str, Value]):
    """A mapping that knows where its keys and values stand: six numbers for each key, in the order of the keys."""

    __slots__ = ("marks",)

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()
        self.marks = array("L")

    def put(self, key: str, value: Value, key_mark: _Spot, mark: _Spot) -> None:
        """Add a key that is not there yet."""
        self[key] = value
        self.marks.extend((*key_mark, *mark))

    def entries(self) -> Iterator[tuple[str, Value, Mark, Mark]]:
        """Each key and value with their places."""
        for number, (key, value) in enumerate(self.items()):
            marks = self.marks[6 * number : 6 * number + 6]
            yield key, value, Mark(*marks[:3]), Mark(*marks[3:])

    def entry(self, wanted: str) -> tuple[Value, Mark, Mark]:
        """One key's value and places."""
        number = next(number for number, key in enumerate(self) if key == wanted)
        marks = self.marks[6 * number : 6 * number + 6]
        return self[wanted], Mark(*marks[:3]), Mark(*marks[3:])


class Seq(list[Value]):
    """A list that knows where its items stand: three numbers for each."""

    __slots__ = ("marks",)

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()
        self.marks = array("L")

    def put(self, value: Value, mark: _Spot) -> None:
        """Add an item."""
        self.append(value)
        self.marks.extend(mark)

    def mark(self, index: int) -> Mark:
        """Where an item stands."""
        return Mark(*self.marks[3 * index : 3 * index + 3])


class _StopError(Exception):
    """There is no sense in reading on."""


@dataclass(slots=True)
class _Open:
    """A list or mapping that has begun and not ended."""

    node: Map | Seq
    mark: _Spot
    key: str | None = None
    key_mark: _Spot = (0, 0, 0)


class Reader:
    """Reads the files of one policy, one after the other, and keeps what is wrong with their form."""

    def __init__(self, limits: ReadLimits) -> None:
        """Begin with nothing read."""
        self.problems: list[Problem] = []
        self.files: list[str] = []
        self._limits = limits
        self._nodes = 0
        self._file = 0
        self._stack: list[_Open] = []
        self._root: Value = None
        self._documents = 0
        self._takers: dict[type[yaml.Event], Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._mapping,
            yaml.SequenceStartEvent: self._sequence,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document,
        }

    def read(self, file: str, text: str) -> Value:
        """The file's content, as much of it as could be read; `problems` says what could not."""
        self._file = len(self.files)
        self.files.append(file)
        self._stack, self._root, self._documents = [], None, 0
        loader = yaml.CBaseLoader(text)
        try:
            while (event := loader.get_event()) is not None:
                take = self._takers.get(type(event))
                if take is not None:
                    take(event)
        except yaml.MarkedYAMLError as error:
            self.problems.append(self._syntax(error))
        except yaml.YAMLError as error:
            self.problems.append(Problem(file, 0, 0, "", f"is not YAML: {error}"))
        except _StopError:
            pass
        finally:
            loader.dispose()
        return self._root

    def _mapping(self, event: yaml.MappingStartEvent) -> None:
        self._begin(Map(), event)

    def _sequence(self, event: yaml.SequenceStartEvent) -> None:
        self._begin(Seq(), event)

    def _end(self, _: yaml.CollectionEndEvent) -> None:
        ended = self._stack.pop()
        self._place(ended.node, ended.mark)

    def _alias(self, event: yaml.AliasEvent) -> None:
        self._complain(event, f"'*{event.anchor}' is an alias, which this language does not have")
        self._place(None, self._mark(event))

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            self._complain(event, "a second document begins here; a policy is one", stop=True)
        if event.version or event.tags:
            self._complain(event, "a '%' directive, which this language does not have")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        self._check(event)
        mark = self._mark(event)
        top = self._stack[-1] if self._stack else None
        if top is not None and top.key is None and isinstance(top.node, Map):
            self._key(event, top, mark)
        elif event.value in _NOTHING and event.style not in _QUOTED:
            self._place(None, mark)
        else:
            self._place(event.value, mark)

    def _key(self, event: yaml.ScalarEvent, top: _Open, mark: _Spot) -> None:
        top.key, top.key_mark = event.value, mark
        if event.value == _MERGE:
            self._complain(event, "'<<' is a merge key, which this language does not have")

    def _begin(self, node: Map | Seq, event: yaml.CollectionStartEvent) -> None:
        self._check(event)
        top = self._stack[-1] if self._stack else None
        if top is not None and isinstance(top.node, Map) and top.key is None:
            self._complain(event, "a key has to be plain text", stop=True)
        if len(self._stack) >= self._limits.depth:
            self._complain(event, f"nested deeper than {self._limits.depth} levels", stop=True)
        self._stack.append(_Open(node, self._mark(event)))

    def _place(self, value: Value, mark: _Spot) -> None:
        """Put a finished node where it belongs."""
        if not self._stack:
            self._root = value
            return
        top = self._stack[-1]
        if isinstance(top.node, Seq):
            top.node.put(value, mark)
        elif top.key is None:
            raise _StopError  # an alias as a key; complained of already
        else:
            self._put(top.node, top.key, value, (top.key_mark, mark))
            top.key = None

    def _put(self, node: Map, key: str, value: Value, marks: tuple[_Spot, _Spot]) -> None:
        if key in node:
            first = node.entry(key)[1]
            self._add(*marks[0][1:], f"written twice, first on line {first.line}")
        elif key != _MERGE:
            node.put(key, value, *marks)

    def _check(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        """What any node may not be."""
        self._nodes += 1
        if self._nodes > self._limits.nodes:
            self._complain(event, f"more than {self._limits.nodes} keys and values in all", stop=True)
        if event.anchor is not None:
            self._complain(event, f"'&{event.anchor}' is an anchor, which this language does not have")
        if event.tag is not None:
            self._complain(event, f"'{event.tag[:60]}' is a tag, which this language does not have")

    def _complain(self, event: yaml.Event, words: str, *, stop: bool = False) -> None:
        _, line, column = self._mark(event)
        self._add(line, column, words)
        if stop:
            raise _StopError

    def _add(self, line: int, column: int, words: str) -> None:
        self.problems.append(Problem(self.files[-1], line, column, self._path(), words))
        if len(self.problems) >= MOST_PROBLEMS:
            raise _StopError

    def _path(self) -> str:
        """The keys that lead to where we are."""
        parts = [str(len(top.node)) if isinstance(top.node, Seq) else top.key for top in self._stack]
        return ".".join(part for part in parts if part is not None)

    def _mark(self, event: yaml.Event) -> _Spot:
        start = event.start_mark
        return (self._file, start.line + 1, start.column + 1) if start is not None else (self._file, 1, 1)

    def _syntax(self, error: yaml.MarkedYAMLError) -> Problem:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        context = f" ({error.context})" if error.context else ""
        words = f"is not YAML: {error.problem or 'unreadable'}{context}"
        return Problem(self.files[-1], line, column, self._path(), words)
