"""What a board made of paper shows: rows, sessions and records in the words of docs/api.md."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

Json = dict[str, object]

MODES = ("monitor", "coach", "barge")


def ago(seconds: float) -> str:
    """A moment so long ago, as the API writes it."""
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def person(name: str) -> Json:
    """Somebody by the name that people call them."""
    return {"id": name.split(maxsplit=1)[0].lower(), "name": name}


def may(**refused: str) -> Json:
    """All modes in either visibility, but those that are named with the reason why not."""
    return {mode: _may(refused.get(mode, ""), ["visible", "hidden"]) for mode in MODES}


def only_visible(**refused: str) -> Json:
    """All modes, visible and without a question, but those that are named."""
    return {mode: _may(refused.get(mode, ""), ["visible"]) for mode in MODES}


def _may(refused: str, visibilities: list[str]) -> Json:
    return {"allowed": not refused, "visibilities": [] if refused else visibilities, "asks": [], "says": refused}


def call(since: float = 200, **changes: object) -> Json:
    """A call that began so many seconds ago."""
    return {
        "id": "1763730000.12",
        "node": "pbx",
        "since": ago(since),
        "direction": "inbound",
        "queue": "sales-in",
        "other": {"number": "*******789", "name": "Bob Customer"},
        "others": 1,
        "held_since": None,
        "private": False,
    } | changes


def may_wait() -> Json:
    """Waiting for somebody's next call is offered, in either visibility."""
    return _may("", ["visible", "hidden"])


def row(name: str, extension: str, **changes: object) -> Json:
    """Somebody who is free, unless `changes` say otherwise."""
    return (
        person(name)
        | {
            "extension": extension,
            "teams": [{"id": "support", "name": "Support"}],
            "group": "available",
            "since": ago(340),
            "why": "",
            "says": "Available",
            "call": None,
            "supervisors": [],
            "hand": None,
            "may": None,
            "wait": None,
            "order": "5",
        }
        | changes
    )


def talking(name: str, extension: str, seconds: float = 200, **changes: object) -> Json:
    """Somebody in a call that one may supervise."""
    talk = call(seconds)
    told: Json = {"group": "on-call", "since": talk["since"], "says": "", "call": talk, "may": may()}
    return row(name, extension, **(told | {"order": f"2 {talk['since']}"} | changes))


def present(name: str, mode: str = "coach", **changes: object) -> Json:
    """A supervisor with an agent."""
    return person(name) | {"mode": mode, "muted": False, "visibility": "visible", "since": ago(60)} | changes


def me(**changes: object) -> Json:
    """A lead who may see everything."""
    return {
        "id": "hilda",
        "name": "Hilda Lead",
        "role": "lead",
        "admin": True,
        "extension": "301",
        "phones": ["301"],
        "pages": ["board", "agent", "history", "policy", "health"],
        "sign_in": "password",
        "zone": "Europe/Berlin",
        "csrf": "paper-csrf",
    } | changes


def attendee(kind: str, name: str, number: str = "", **changes: object) -> Json:
    """Somebody in the supervised call."""
    told: Json = {"id": name.split(maxsplit=1)[0].lower(), "kind": kind, "name": name, "number": number, "me": False}
    told |= {"held": False, "hears_me": False, "coachable": kind == "agent"}
    return told | {"mode": None, "muted": None, "visibility": None} | changes


def session(mode: str = "monitor", *, muted: bool = True, **changes: object) -> Json:
    """A session of mine with Anna."""
    hearing = {"monitor": "nobody", "coach": "agent", "barge": "everybody"}["monitor" if muted else mode]
    says = {
        "nobody": "Nobody hears you.",
        "agent": "Anna Agent hears you. The customer does not.",
        "everybody": "Everybody in the call hears you.",
    }
    allowed: Json = {"allowed": True, "says": ""}
    rights = dict.fromkeys((*MODES, "mute", "unmute", "visible", "hidden"), allowed)
    deeds = ("hold", "bring-back", "remove", "take-over", "hand-back")
    barge_only: Json = {"allowed": mode == "barge", "says": "" if mode == "barge" else "Barge first."}
    rights |= dict.fromkeys(("follow-this-call", "follow-agent"), allowed)
    rights |= {"follow-customer": {"allowed": False, "says": "The policy does not allow you this."}}
    rights |= dict.fromkeys(deeds, barge_only) | {"hand-back": {"allowed": False, "says": "Nothing to hand back."}}
    if mode == "monitor":
        rights |= {"unmute": {"allowed": False, "says": "In monitor nobody hears you. Choose coach or barge first."}}
    told: Json = {
        "id": "0f3a9c0b5c8e4b7e9d2f6a1b3c4d5e6f",
        "version": 1,
        "node": "pbx",
        "source": "board",
        "stage": "live",
        "since": ago(40),
        "agent": person("Anna Agent"),
        "call": call(212),
        "mode": mode,
        "muted": muted,
        "visibility": "visible",
        "follow": "this-call",
        "now": {"mode": mode, "muted": muted},
        "private": False,
        "hears_me": {"who": hearing, "names": [], "says": says[hearing]},
        "attendees": [
            attendee("supervisor", "Hilda Lead", me=True, mode=mode, muted=muted, visibility="visible"),
            attendee("agent", "Anna Agent", "201", hears_me=hearing != "nobody"),
            attendee("external", "Bob Customer", "*******789", hears_me=hearing == "everybody"),
        ],
        "asks": "",
        "refused": None,
        "may": rights,
        "ending": "",
        "says": "",
    }
    return told | changes


def mine(*here: Mapping[str, object], **changes: object) -> Json:
    """An agent in a call, and who is with them."""
    talk = call(125, other={"number": "017012345789", "name": "Bob Customer"})
    told: Json = {"group": "on-call", "since": talk["since"], "call": talk, "with_me": list(here), "hand": None}
    return told | {"may_raise_hand": True} | changes
