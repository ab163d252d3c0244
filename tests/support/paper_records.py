"""What a board made of paper answers for History, Policy and Health."""

from tests.support.paper_people import Json, ago, person

_SESSION = "0f3a9c0b5c8e4b7e9d2f6a1b3c4d5e6f"


def entry(began: float, supervisor: str, agent: str, **changes: object) -> Json:
    """A session that ended by itself."""
    return {
        "id": _SESSION if not changes.get("id") else changes["id"],
        "began": ago(began),
        "lasted_s": 184.0,
        "supervisor": person(supervisor),
        "agent": person(agent),
        "number": "*******789",
        "modes": ["monitor", "coach"],
        "visibilities": ["visible"],
        "source": "board",
        "refused": False,
        "says": "Left",
    } | changes


def history() -> Json:
    """Three sessions and a refusal."""
    refused: Json = {"refused": True, "lasted_s": None, "modes": ["barge"], "visibilities": [], "id": "r1"}
    return {
        "items": [
            entry(40, "Hilda Lead", "Anna Agent", lasted_s=None, says="", modes=["monitor"]),
            entry(2000, "Sam Second", "Ben Agent", id="s2", modes=["monitor", "coach", "barge"]),
            entry(4000, "Hilda Lead", "Mara Silva", **refused, says="Management's calls are nobody's business"),
            entry(90000, "Quinn Quality", "Cleo Agent", id="s4", modes=["monitor"], visibilities=["hidden"]),
        ],
        "next": "4",
        "export": True,
    }


def _step(after: float, deed: str, says: str, **stood: object) -> Json:
    told: Json = {"at": ago(2000 - after), "after_s": after, "deed": deed, "says": says}
    return told | {"mode": None, "muted": None, "visibility": None, "source": "board", "rule": "policy.yaml:21"} | stood


def detail() -> Json:
    """A session that went through every mode."""
    steps = [
        _step(0, "opened", "Began, hidden", mode="monitor", muted=True, visibility="hidden"),
        _step(21, "visibility", "Became visible", mode="monitor", muted=True, visibility="visible"),
        _step(34, "mode", "Coach, muted", mode="coach", muted=True, visibility="visible"),
        _step(41, "mute", "Opened the microphone", mode="coach", muted=False, visibility="visible"),
        _step(103, "mode", "Barge", mode="barge", muted=False, visibility="visible", source="phone"),
        _step(160, "mute", "Muted", mode="barge", muted=True, visibility="visible"),
        _step(184, "closed", "Left"),
    ]
    told = entry(2000, "Sam Second", "Ben Agent", modes=["monitor", "coach", "barge"])
    told |= {"visibilities": ["hidden", "visible"]}
    return told | {"node": "pbx", "call": "1763730000.12", "reason": "Training", "policy": "9b1c" * 16, "steps": steps}


def interrupted() -> Json:
    """A session whose call was private for a while, in which barge was asked for."""
    stood: Json = {"muted": False, "visibility": "visible"}
    steps = [
        _step(0, "opened", "Began", mode="coach", **stood),
        _step(60, "private", "", mode="coach", **stood),
        _step(75, "mode", "Barge", mode="barge", **stood),
        _step(110, "private-over", "", mode="coach", **stood),
        _step(184, "closed", "Left"),
    ]
    return detail() | {"id": "s4", "steps": steps, "modes": ["coach"], "visibilities": ["visible"]}


_POLICY_TEXT = """\
# Who may listen to whom.
people:
  hilda: {name: Hilda Lead, role: lead, endpoint: "301"}
  anna: {name: Anna Agent, role: agent, endpoint: "201"}
teams:
  support: {leads: [hilda], members: [anna]}
rules:
  - name: leads supervise their teams
    who: lead
    may: [monitor, coach, barge]
    whom: own-teams
"""


def policy(*, files: list[Json] | None = None, warnings: list[Json] | None = None, **disk: object) -> Json:
    """A small policy that is in force, and is what stands on disk unless said otherwise."""
    return {
        "hash": "9b1c" * 16,
        "since": ago(86000),
        "files": files or [{"name": "policy.yaml", "text": _POLICY_TEXT}],
        "warnings": warnings or [{"at": "policy.yaml:8:5", "says": "nobody has the role of which this rule speaks"}],
        "disk": {"same": True, "hash": "9b1c" * 16, "problems": [], "changes": []} | disk,
        "people": [person("Hilda Lead"), person("Anna Agent")],
        "teams": [{"id": "support", "name": "Support"}],
        "rights": ["monitor", "coach", "barge", "hold-agent", "take-over", "see-board"],
    }


def explained() -> Json:
    """Yes, by one rule."""
    considered = {"rule": "policy.yaml:8", "name": "leads supervise their teams", "allows": True}
    return {
        "allowed": True,
        "says": "Hilda Lead may monitor Anna Agent, visible or hidden.",
        "rule": "policy.yaml:8",
        "considered": [considered | {"why": ["Anna Agent is in a team that Hilda Lead leads"], "remedies": []}],
        "changes": [],
    }


def who_can() -> Json:
    """One lead."""
    hilda = person("Hilda Lead") | {"visibilities": ["visible", "hidden"], "rule": "policy.yaml:8"}
    return {"people": [hilda | {"says": "visible or hidden"}]}


def health(**changes: object) -> Json:
    """All is well on two nodes."""
    node = {"connected": True, "since": ago(4000), "asterisk": "22.10.1", "sessions": 1, "lease_s": 1.2, "says": ""}
    return {
        "ok": True,
        "version": "0.1.0",
        "python": "3.11.7",
        "since": ago(86000),
        "nodes": [{"name": "pbx", "calls": 12} | node, {"name": "pbx-2", "calls": 3} | node],
        "journal": {"ok": True, "engine": "SQLite", "records": 10412, "lag_ms": 3, "says": ""},
        "board": {"people": 7, "sockets": 9},
        "warnings": [],
    } | changes
