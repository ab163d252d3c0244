"""An Asterisk whose every prompt is a second of digital silence, so that frames can be followed through a confirmation.

A prompt is whispered to the supervisor over the call. Spoken words would hide the marks of the voices beneath them; of
silent ones everything else is the same: the channels, the requests, the mixing, the length.
"""

import wave
from dataclasses import dataclass, replace
from pathlib import Path

from supervise import prompts
from supervise.lab.asterisk.ways import Place, Way

_DATA = "/usr/share/asterisk"
"""The data directory of Debian's Asterisk, which the root file system and the image have."""

_NEEDED = ("documentation", "rest-api")
_RATE = 8000


@dataclass(frozen=True, slots=True)
class Hushed:
    """Another way to run Asterisk, with nothing to say."""

    way: Way

    @property
    def label(self) -> str:
        """The other way's."""
        return self.way.label

    def settle(self, folder: Path) -> Place:
        """Give it a data directory of its own, with silent prompts and with links to what else is needed."""
        place = self.way.settle(folder)
        data = folder / "hushed"
        for prompt in prompts.PROMPTS:
            _write_silence(data / "sounds/en" / f"{prompts.media(prompt).removeprefix('sound:')}.wav")
        for name in _NEEDED:
            (data / name).symlink_to(f"{place.data or _DATA}/{name}")
        return replace(place, data=f"{place.run}/hushed")


def _write_silence(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(bytes(2 * _RATE))
