"""What supervise says on the phone: the words, and the sound files made from them.

The words stand here; the sounds are made from them by espeak-ng and sox, at set-up of the lab or with
``supervise prompts FOLDER`` for an Asterisk of one's own. Where Asterisk's own sounds (package asterisk-core-sounds-en)
have the very words, those are played: a better voice, and in another language if the phone has one.
"""

import shutil
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from supervise.domain.rights.decisions import Refusal


class PromptsError(Exception):
    """The prompts could not be made; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """Something that is said.

    Attributes:
        words: as they are spoken.
        synth: what sox makes the sound of, where it is no speech.
        core: Asterisk's own sound with the same words, if there is one (see core-sounds-en.txt in its sound packages).
    """

    words: str
    core: str | None = None
    synth: tuple[str, ...] = ()


_REFUSALS: Mapping[str, Prompt] = {
    Refusal.UNKNOWN_SUPERVISOR: Prompt("This phone may not supervise calls."),
    Refusal.NO_SUCH_AGENT: Prompt("There is no such agent."),
    Refusal.NOT_ON_A_CALL: Prompt("They are not on a call."),
    Refusal.NOT_ALLOWED: Prompt("You are not allowed to do that."),
    Refusal.ONESELF: Prompt("You cannot supervise yourself."),
    Refusal.PEER: Prompt("You may not supervise a colleague of your own rank."),
    Refusal.OWN_LEAD: Prompt("You may not supervise your own lead."),
    Refusal.PROTECTED: Prompt("That person is never supervised."),
    Refusal.PRIVATE: Prompt("That call is private."),
    Refusal.HOURS: Prompt("Not at this time of day."),
    Refusal.LIMIT: Prompt("The limit has been reached."),
    Refusal.BARGE_FIRST: Prompt("Press 6 to barge first."),
    Refusal.VISIBLE_FIRST: Prompt("Press 8 to become visible first."),
    Refusal.HIDDEN_NOT_ALLOWED: Prompt("You may not be hidden here."),
    Refusal.VISIBLE_NOT_ALLOWED: Prompt("You may not be visible here."),
    Refusal.PIN_WRONG: Prompt("Wrong pin."),
    Refusal.PIN_LOCKED: Prompt("Too many wrong pins. Please try again later."),
    Refusal.REASON_NEEDED: Prompt("Please enter a reason code, then pound."),
    Refusal.UNTOLD: Prompt("The customer cannot be told, so supervision is off."),
    Refusal.NOT_AVAILABLE: Prompt("That is not available."),
    Refusal.ELSEWHERE: Prompt("Another application has that call. You can only listen and coach."),
    Refusal.BUSY: Prompt("Please wait, and try again."),
    Refusal.NO_ANSWER: Prompt("They do not answer."),
    Refusal.AGENT_BUSY: Prompt("They are busy."),
    Refusal.UNRECORDED: Prompt("Supervision cannot be recorded now, so it is off."),
    Refusal.BLIND: Prompt("Supervision has lost sight of the calls. Please try again."),
    Refusal.FAILED: Prompt("That did not work. Please try again."),
}
"""Why something is refused. A refusal without words would be silence: a test holds this table complete."""

_SESSION: Mapping[str, Prompt] = {
    "monitor": Prompt("Monitor."),
    "coach": Prompt("Coach."),
    "barge": Prompt("Barge."),
    "muted": Prompt("You are now muted.", core="conf-muted"),
    "unmuted": Prompt("You are now unmuted.", core="conf-unmuted"),
    "hidden": Prompt("Hidden."),
    "visible": Prompt("Visible."),
    "you-may-be-inaudible": Prompt("You may not be heard now."),
    "you-are-audible-again": Prompt("You can be heard again."),
    "lowered": Prompt("You now have fewer rights."),
    "revoked": Prompt("Your permission has ended."),
    "interrupted": Prompt("Supervision was interrupted."),
    "call-ended": Prompt("The call has ended."),
    "call-changed": Prompt("The agent is now on another call."),
    "follow-this-call": Prompt("This call only."),
    "follow-agent": Prompt("Following the agent."),
    "follow-customer": Prompt("Following the customer."),
    "wait-offer": Prompt("Press 1 to wait for their next call."),
    "waiting": Prompt("Waiting for the next call. Star to leave."),
    "on-hold": Prompt("On hold."),
    "off-hold": Prompt("Off hold."),
    "private-over": Prompt("The call is no longer private."),
    "agent-on-hold": Prompt("The agent is on hold."),
    "agent-in-call": Prompt("The agent is on the call."),
    "agent-rings": Prompt("Their phone rings."),
    "agent-removed": Prompt("The agent has left the call."),
    "agent-calls": Prompt("The agent calls you. 9 8 to answer."),
    "handed-over": Prompt("The call is yours."),
    "session-ended": Prompt("The session has ended."),
    "minute-left": Prompt("One minute left."),
    "time-up": Prompt("Your time is up."),
    "shut-down": Prompt("Supervision is being shut down."),
    "tick": Prompt("(a soft tick)", synth=("synth", "0.02", "sine", "600", "vol", "0.08", "pad", "0", "0.04")),
    "goodbye": Prompt("Goodbye.", core="goodbye"),
    "wait": Prompt("One moment, please.", core="one-moment-please"),
    "away": Prompt("Supervision is not available now. Please try again later."),
}
"""What happens to the supervisor."""

_WHO: Mapping[str, Prompt] = {
    "nobody-hears-you": Prompt("Nobody hears you."),
    "the-agent-hears-you": Prompt("The agent hears you."),
    "the-customer-hears-you": Prompt("The customer hears you."),
    "everybody-hears-you": Prompt("Everybody hears you."),
    "on-the-call": Prompt("On the call:"),
    "agent": Prompt("Agent", core="spy-agent"),
    "customer": Prompt("Customer"),
    "supervisor": Prompt("Supervisor"),
    "has-joined": Prompt("has joined."),
    "has-left": Prompt("has left."),
    "unknown-number": Prompt("unknown number"),
    "no-other-agent": Prompt("There is no other agent whom you may supervise on this call."),
    "consult": Prompt("The agent consults."),
    "consult-over": Prompt("Back on the call."),
    "agent-left": Prompt("The agent has left. The call goes on."),
    "and": Prompt("and", core="vm-and"),
}
"""Answers to *who is on the call* and *who hears me*."""

_ASKED: Mapping[str, Prompt] = {
    "pin-enter": Prompt("Please enter your pin, then pound."),
    "menu-intro": Prompt("These are the calls you may supervise."),
    "menu-press": Prompt("Press", core="vm-press"),
    "menu-for": Prompt("for", core="vm-for"),
    "menu-more": Prompt("for more."),
    "menu-other": Prompt("Press 0 to enter an extension."),
    "menu-empty": Prompt("Nobody you may supervise is on a call."),
    "several-calls": Prompt("They have several calls."),
    "call-with": Prompt("the call with"),
    "call-on-hold-with": Prompt("the call on hold with"),
    "call-since": Prompt("since"),
    "call-minutes": Prompt("minutes,"),
    "menu-enter-extension": Prompt("Enter the agent's extension, then pound."),
    "handover-intro": Prompt("These supervisors can take your call."),
    "handover-empty": Prompt("There is no supervisor to choose."),
    "enter-extension": Prompt("Enter the extension, then pound."),
    "help": Prompt(
        "4 to monitor. 5 to coach. 6 to barge in. 0 to mute, 1 to unmute. 7 to hide, 8 to be visible. "
        "2, who is on the call. 3, who hears you. 9 and then 0 for another agent. "
        "In barge, 9 and then 1 to hold the agent, 2 to bring them back, 3 to remove them, 4 to take over. "
        "Star to leave."
    ),
}
"""What a supervisor is asked, and an agent who wants to hand their call over; and the keys."""

_NOTICES: Mapping[str, Prompt] = {
    "notice-entered": Prompt("A supervisor is on the call."),
    "notice-coach": Prompt("A supervisor can speak to you."),
    "notice-barge": Prompt("A supervisor has joined the call."),
    "removed": Prompt("Your supervisor has taken this call."),
    "notice-left": Prompt("The supervisor has left."),
}
"""What an agent is told where the policy asks for words instead of a tone."""

PROMPTS: Mapping[str, Prompt] = MappingProxyType({**_REFUSALS, **_SESSION, **_WHO, **_ASKED, **_NOTICES})
"""All prompts by their id; a refusal's id is its own value."""

FOLDER = "supervise"
"""The folder in Asterisk's sounds (``sounds/en``) that holds them."""


def media(prompt: str) -> str:
    """A prompt as ARI's *play* wants it: ``sound:supervise/monitor``, or Asterisk's own sound.

    Raises:
        KeyError: there is no such prompt.
    """
    return f"sound:{PROMPTS[prompt].core or f'{FOLDER}/{prompt}'}"


RATES: Mapping[str, int] = MappingProxyType({"wav": 8000, "wav16": 16000})
"""The files made for each prompt: Asterisk knows both endings (format_wav.c) and takes the one nearer to the codec."""

_VOICE = ("espeak-ng", "-v", "en-us", "-s", "165", "--stdin", "--stdout")

# Cut the silence at both ends, even out the loudness (speech to about -16 dBFS), and leave 40 ms so that no phone
# swallows the first sound.
_TRIM = ("silence", "1", "0.01", "0.5%", "reverse", "silence", "1", "0.01", "0.5%", "reverse")
_EVEN = ("gain", "-n", "-3", "compand", "0.005,0.15", "6:-70,-70,-40,-22,-20,-14,0,-9", "0", "-20", "0.02")
_SHAPE = (*_TRIM, *_EVEN, "gain", "-n", "-3", "pad", "0.04", "0.06")

_SECONDS = 30
"""Longer than any prompt takes to make."""


def recipe() -> str:
    """All that the sound files are made from; who keeps the files makes them anew when it changes."""
    return repr((dict(PROMPTS), dict(RATES), _VOICE, _SHAPE))


def make_prompts(folder: Path) -> None:
    """Write each prompt's sound files into `folder`, which is made if missing; what is there is replaced.

    Raises:
        PromptsError: espeak-ng or sox is missing or failed, or the folder cannot be written.
    """
    for command in ("espeak-ng", "sox"):
        if shutil.which(command) is None:
            raise PromptsError(f"{command} is not installed. On Debian: apt-get install espeak-ng sox")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda name: _make(folder, name), PROMPTS))
    except subprocess.CalledProcessError as error:
        raise PromptsError(f"a prompt could not be made: {error}\n{error.stderr.decode(errors='replace')}") from error
    except subprocess.TimeoutExpired as error:
        raise PromptsError(f"a prompt could not be made: {error}") from error
    except OSError as error:
        raise PromptsError(f"the prompts could not be written: {error}") from error


def _make(folder: Path, name: str) -> None:
    prompt = PROMPTS[name]
    speech = b"" if prompt.synth else _pipe(_VOICE, prompt.words.encode())
    for ending, rate in RATES.items():
        target = str(folder / f"{name}.{ending}")
        if prompt.synth:
            _pipe(("sox", "-n", "-b", "16", "-r", str(rate), "-t", "wav", target, *prompt.synth), b"")
            continue
        _pipe(
            ("sox", "--ignore-length", "-t", "wav", "-", "-b", "16", "-t", "wav", target, *_SHAPE, "rate", str(rate)),
            speech,
        )


def _pipe(command: tuple[str, ...], text: bytes) -> bytes:
    done = subprocess.run(command, input=text, capture_output=True, check=True, timeout=_SECONDS)  # noqa: S603 - our own words
    return done.stdout
