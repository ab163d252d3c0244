"""What each phone heard in a window, and the table of who heard whom."""

from collections.abc import Mapping
from dataclasses import dataclass

from rich.table import Table

from supervise.lab.hearing.ear import Arrivals
from supervise.lab.hearing.marks import FLOOR_DB, Presence
from supervise.lab.sound import Voice


@dataclass(frozen=True, slots=True)
class Heard:
    """What one phone heard in a window."""

    listener: str
    voices: Mapping[Voice, Presence]
    arrivals: Arrivals
    silent: bool
    """All that came was digital silence, bit for bit (G.711 only)."""

    def hears(self, voice: Voice) -> bool:
        """The voice is audible, and the voice itself, throughout."""
        return self.voices[voice].heard

    @property
    def nothing(self) -> bool:
        """Nothing came, or nothing but digital silence."""
        return self.silent or self.arrivals.packets == 0

    def cell(self, voice: Voice) -> str:
        """One place of the table.

        Yes and the level; or silence, or what leaks into the voice's tones; or "other sound", when a prompt or music is
        audible there, or the voice but not throughout.
        """
        if self.arrivals.packets == 0:
            return "no RTP"
        if self.silent:
            return "silence"
        presence = self.voices[voice]
        level = f"{presence.level_db:.0f} dB" if presence.level_db > FLOOR_DB else "nothing"
        if presence.heard:
            return f"YES {level}"
        return f"no ({level})" if presence.never_audible else f"other sound {level}"


@dataclass(frozen=True, slots=True)
class Matrix:
    """Who heard whom in a window: a row for each listener, a column for each voice among the phones."""

    rows: tuple[Heard, ...]
    voices: tuple[Voice, ...]
    own: Mapping[str, Voice]

    def hears(self, listener: str, voice: Voice) -> bool:
        """Whether the phone of that name heard the voice."""
        return next(row for row in self.rows if row.listener == listener).hears(voice)

    @property
    def pairs(self) -> frozenset[tuple[str, Voice]]:
        """Everything that was heard: (listener, voice)."""
        return frozenset((row.listener, voice) for row in self.rows for voice in self.voices if row.hears(voice))

    def table(self, title: str = "Who heard whom") -> Table:
        """The matrix for people; levels are relative to the voice as spoken."""
        table = Table(title=title)
        table.add_column("hears:")
        for voice in self.voices:
            table.add_column(voice.value)
        for row in self.rows:
            cells = [
                self._own_cell(row) if self.own.get(row.listener) is voice else _cell(row, voice)
                for voice in self.voices
            ]
            table.add_row(row.listener, *cells)
        return table

    def _own_cell(self, row: Heard) -> str:
        return "[bold red]HEARS SELF[/]" if row.hears(self.own[row.listener]) else "[dim]-[/]"


def _cell(row: Heard, voice: Voice) -> str:
    return f"[bold green]{row.cell(voice)}[/]" if row.hears(voice) else row.cell(voice)
