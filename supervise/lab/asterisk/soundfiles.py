"""The sounds that the lab's Asterisk plays: our prompts, and a tone for music on hold."""

import asyncio
from pathlib import Path

from supervise import prompts
from supervise.lab.commands import run
from supervise.lab.keep import keep, stamp
from supervise.lab.needs import SPEECH, ensure
from supervise.lab.progress import Progress

MUSIC_HERTZ = 620
"""The tone of the music on hold: none of the simulated phones', so that a measurement tells it from them."""


async def lab_sounds(cache: Path, progress: Progress) -> Path:
    """The folder with ``prompts`` and ``music`` in it, made now if the cache has none of these words.

    Raises:
        MissingError: espeak-ng or sox is missing and cannot be installed from here.
        PromptsError, CommandError: a sound could not be made.
    """

    async def make(folder: Path) -> None:
        await ensure(SPEECH, progress)
        async with progress.step("Making the spoken prompts (once)"):
            await asyncio.to_thread(prompts.make_prompts, folder / "prompts")
            await _make_music(folder / "music")

    recipe = stamp(prompts.recipe(), str(MUSIC_HERTZ))
    return await keep(cache / f"sounds-{recipe}", make, progress)


async def _make_music(folder: Path) -> None:
    folder.mkdir()  # noqa: ASYNC240 - one folder on a local disk
    for ending, rate in prompts.RATES.items():
        tone = ("synth", "10", "sine", str(MUSIC_HERTZ), "gain", "-20")
        await run(
            "sox", "-n", "-r", str(rate), "-b", "16", "-t", "wav", str(folder / f"tone.{ending}"), *tone, within=30
        )
