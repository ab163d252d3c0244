"""``supervise policy`` as somebody at a terminal meets it."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from supervise.cli_policy import policy_app
from supervise.policyfile.pins import matches

pytestmark = pytest.mark.unit

POLICY = """people:
  anna: {name: Anna Berg, role: lead, endpoint: 301, teams: [sales]}
  otto: {role: lead, endpoint: 302}
  ben: {role: agent, endpoint: 201, teams: [sales]}
  cleo: {role: agent, endpoint: 202, teams: [sales]}
teams: {sales: {queues: [sales-in]}}
roles: {lead: , agent: }
rules:
  - name: leads help
    who: lead
    may: [monitor, coach, see-board]
    whom: own-teams
    how: choice
    when: {days: mon-fri, from: 08:00, to: 18:00}
house: {zone: Europe/Berlin}
"""

EXPECTATIONS = """policy: policy.yaml
at: 2026-03-04 10:00
expect:
  - {who: anna, may: [monitor, coach], whom: [ben, cleo]}
  - {who: anna, may: monitor, whom: ben, how: hidden}
  - {who: anna, may_not: coach, whom: ben, how: hidden, because: visible-first}
  - {who: otto, may_not: [monitor, coach], whom: ben, because: not-allowed}
  - {who: anna, may_not: monitor, whom: ben, at: 2026-03-04 20:00, because: hours}
  - {who: anna, may: monitor, whom: ben, at: "2026-03-04 20:00+04:00"}
  - {who: anna, may_not: monitor, whom: ben, private: yes, because: private}
"""


@dataclass(frozen=True)
class Said:
    """What a command said."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Terminal:
    """A folder with a policy, and commands run in it."""

    folder: Path

    def run(self, *arguments: str, stdin: str = "") -> Said:
        """Run a command."""
        result = CliRunner(env={"COLUMNS": "200", "SUPERVISE_POLICY": str(self.folder / "policy.yaml")}).invoke(
            policy_app, arguments, input=stdin
        )
        return Said(result.exit_code, result.stdout, result.stderr)

    def write(self, name: str, text: str) -> str:
        """Write a file; its path is what a command takes."""
        (self.folder / name).write_text(text)
        return str(self.folder / name)


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """Give a terminal in a folder with a policy."""
    terminal = Terminal(tmp_path)
    terminal.write("policy.yaml", POLICY)
    return terminal


def test_check_counts_what_it_found(terminal: Terminal) -> None:
    """A good policy is counted, and its hash is shown as the journal has it."""
    said = terminal.run("check", str(terminal.folder / "policy.yaml"))
    assert said.code == 0
    assert "4 people, 1 teams, 1 rules, 0 warnings, sha256 " in said.out


def test_check_tells_all_problems(terminal: Terminal) -> None:
    """A bad policy is told problem by problem on standard error, with an exit code of its own."""
    said = terminal.run(
        "check", terminal.write("bad.yaml", POLICY.replace("own-teams", "own").replace("name: l", "nam: l"))
    )
    assert said.code == 2
    assert [line.split(": ")[1] for line in said.err.splitlines()] == ["rules.0.nam", "rules.0.whom"]


def test_check_fails_for_warnings_when_it_is_strict(terminal: Terminal) -> None:
    """Warnings are told, and fail only where that is wanted."""
    odd = terminal.write("odd.yaml", POLICY + "hours: {night: {from: 22:00, to: 06:00}}\n")
    assert terminal.run("check", odd).code == 0
    said = terminal.run("check", odd, "--strict")
    assert said.code == 1
    assert "warning: hours.night: are named by no rule" in said.err


def test_explain_yes(terminal: Terminal) -> None:
    """A yes names the rule by file and line."""
    said = terminal.run("explain", "--who", "anna", "--mode", "monitor", "--whom", "201", "--at", "2026-03-04 10:00")
    assert said.code == 0
    assert "yes, visible or hidden (policy.yaml:9)" in said.out


EXPLAINED = [
    (["--mode", "coach", "--at", "2026-03-07 10:00"], "outside the hours", "ask again within its hours"),
    (["--mode", "barge"], "no rule allows it", "name barge under its 'may'"),
    (["--mode", "coach", "--how", "hidden"], "have to be visible first", "become visible first"),
    (["--mode", "monitor", "--private"], "the call is private", "must lose its private mark"),
    (["--right", "take-over"], "no rule allows it", "name take-over under its 'may'"),
    (["--mode", "monitor", "--endpoint", "301"], "it is their own call", "must not be a party"),
]


@pytest.mark.parametrize(("asked", "why", "change"), EXPLAINED, ids=[" ".join(row[0]) for row in EXPLAINED])
def test_explain_no(terminal: Terminal, asked: list[str], why: str, change: str) -> None:
    """A no says why, and what would have to change."""
    when = [] if "--at" in asked else ["--at", "2026-03-04 10:00"]
    said = terminal.run("explain", "--who", "anna", "--whom", "ben", *asked, *when)
    assert said.code == 1
    assert why in said.out
    assert change in said.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["explain", "--who", "nobody", "--whom", "ben", "--mode", "coach"],
        ["explain", "--who", "anna", "--whom", "ben"],
        ["explain", "--who", "anna", "--whom", "ben", "--right", "take-ovr"],
        ["who-can", "--whom", "ben", "--mode", "whisper"],
        ["check", "nowhere.yaml"],
    ],
)
def test_a_question_that_makes_no_sense(terminal: Terminal, arguments: list[str]) -> None:
    """It is told so, and has an exit code of its own."""
    said = terminal.run(*arguments)
    assert said.code == 2
    assert said.err


def test_who_can(terminal: Terminal) -> None:
    """Everybody with the right is listed, and nobody else."""
    said = terminal.run("who-can", "--mode", "coach", "--whom", "ben", "--at", "2026-03-04 10:00")
    assert "anna" in said.out
    assert "otto" not in said.out
    assert terminal.run("who-can", "--mode", "barge", "--whom", "ben").out.startswith("Nobody can barge ben")


def test_what_can(terminal: Terminal) -> None:
    """Agents with the same rights share a row."""
    said = terminal.run("what-can", "--who", "anna", "--at", "2026-03-04 10:00")
    (row,) = (line for line in said.out.splitlines() if "ben" in line)
    assert "ben, cleo" in row
    assert row.count("visible or hidden") == 2
    assert terminal.run("what-can", "--who", "otto").out.startswith("otto can do nothing")


def test_expectations_that_are_met(terminal: Terminal) -> None:
    """Each of them is counted once for each pair of people and each right."""
    said = terminal.run("test", terminal.write("expect.yaml", EXPECTATIONS))
    assert (said.code, said.out) == (0, "11 expectations, 0 not met\n")


def test_expectations_that_are_not_met(terminal: Terminal) -> None:
    """What is not met is shown at its line with the explanation, for the right reason only, and fails."""
    text = "policy: policy.yaml\nat: 2026-03-04 10:00\nexpect:\n  - {who: otto, may: monitor, whom: ben}\n"
    said = terminal.run(
        "test", terminal.write("e.yaml", text + "  - {who: otto, may_not: coach, whom: ben, because: hours}\n")
    )
    assert said.code == 1
    assert "e.yaml:4: expected may\n    May otto monitor ben" in said.out
    assert "e.yaml:5: expected may not, because: hours" in said.out
    assert said.out.endswith("2 expectations, 2 not met\n")


BROKEN = [
    ("expect:\n  - {who: anna, may: monitor, whom: bne}\n", "there is no person 'bne'; did you mean 'ben'?"),
    ("expect:\n  - {who: anna, may: montor, whom: ben}\n", "did you mean 'monitor'?"),
    ("expect:\n  - {who: anna, may: monitor, whom: ben}\n", "'at' is missing"),
    ("expect:\n  - {who: anna, may: monitor, may_not: coach, whom: ben}\n", "says either 'may' or 'may_not'"),
    ("expect:\n  - {who: anna, may: coach, whom: ben, because: hours}\n", "'because' goes with 'may_not'"),
    ("expct: []\n", "expct: is no key that is known here; did you mean 'expect'?"),
    ("- a\n", "should be a mapping with 'expect'"),
    ("at: soon\nexpect: []\n", "should be a moment"),
]


@pytest.mark.parametrize(("text", "words"), BROKEN, ids=[row[1] for row in BROKEN])
def test_expectations_that_are_broken(terminal: Terminal, text: str, words: str) -> None:
    """A typing mistake in the expectations is told like one in the policy; it never passes for a no."""
    said = terminal.run("test", terminal.write("e.yaml", text), "--policy", str(terminal.folder / "policy.yaml"))
    assert said.code == 2
    assert words in said.err


DIFFS = [
    ("may: [monitor, coach,", "may: [monitor, coach, barge,", "+ anna may now barge: ben, cleo (not always"),
    ("how: choice", "how: visible", "- anna may no longer monitor hidden, coach hidden: ben, cleo (not always"),
    ("    how: choice", "    with: pin\n    how: choice", "- anna may now only with a PIN monitor, coach"),
    ("    how: c", "    within: {sessions_per_call: 1}\n    how: c", "sessions_per_call at 1)"),
    ("house: {", "house: {within: {minutes: 30}, ", "- anna may now only for a shorter time monitor, coach: ben, cleo"),
    ("house: {", "never: [{people: ben}]\nhouse: {", "- anna may no longer monitor, coach: ben (not always"),
    (
        "queues: [sales-in]",
        "queues: [x]",
        "+ anna may now see-board: otto (not always, but on Mon 08:00 CET, calls from queue x)",
    ),
    ("to: 18:00", "to: 20:00", "(not always, but on Mon 18:00 CET)"),
    ("otto: {role: lead, endpoint: 302}", "otto: {role: lead, endpoint: 302, teams: [sales]}", "+ otto may now"),
    ("house: {", "never: [{people: ben}]\nhouse: {", "- calls with ben are protected now"),
    ("house: {", "never: [{prefixes: 0900}]\nhouse: {", "- calls with numbers that begin with 0900 are protected now"),
    ("house: {", "house: {visible_before: {coach: automatic}, ", "~ house: session.visible_before was"),
    ("endpoint: 302", "endpoint: 399", "~ endpoint 302 was otto's and is nobody's now"),
    ("agent: }", "agent: {admin: yes}}", "~ ben may see the pages Policy and Health now"),
]


@pytest.mark.parametrize(("old", "new", "words"), DIFFS, ids=[row[2] for row in DIFFS])
def test_diff_says_what_changes(terminal: Terminal, old: str, new: str, words: str) -> None:
    """Whose rights grow and whose shrink is said in words, and in the exit code."""
    assert old in POLICY
    said = terminal.run(
        "diff", str(terminal.folder / "policy.yaml"), terminal.write("new.yaml", POLICY.replace(old, new))
    )
    assert said.code == 1
    assert words in said.out


def test_diff_tells_apart_whom_a_queue_brings_in(terminal: Terminal) -> None:
    """Of two people outside the team, on a call from its queue, the one whom 'but_not' names is left out."""
    people = POLICY.replace(
        "cleo: {role: agent, endpoint: 202, teams: [sales]}", "cleo: {role: agent}\n  dan: {role: agent}"
    )
    new = people.replace("    how: choice", "    but_not: {people: [cleo]}\n    how: choice")
    old = people.replace("    may: [monitor, coach, see-board]", "    may: [export]")
    said = terminal.run("diff", terminal.write("old.yaml", old), terminal.write("new.yaml", new))
    (grown,) = (line for line in said.out.splitlines() if line.startswith("+ anna may now monitor") and "queue" in line)
    assert "monitor, coach: dan (not always" in grown


def test_diff_of_the_same(terminal: Terminal) -> None:
    """Another way of writing the same changes nobody's rights."""
    old = str(terminal.folder / "policy.yaml")
    same = terminal.write("same.yaml", "# the same\n" + POLICY)
    assert terminal.run("diff", old, same).out == "Both say the same.\n"
    named = terminal.write("named.yaml", POLICY.replace("leads help", "another name"))
    said = terminal.run("diff", old, named)
    assert (said.code, said.out) == (0, "They are written differently, and nobody's rights differ.\n")


def test_hash_from_standard_input(terminal: Terminal) -> None:
    """A script gets a hash that the right PIN matches, and the PIN is not shown."""
    said = terminal.run("hash", "--stdin", stdin="471142\n")
    assert said.code == 0
    assert matches("471142", said.out.strip())
    assert "471142" not in said.out + said.err


def test_hash_refuses_poor_ones(terminal: Terminal) -> None:
    """A poor PIN or password makes no hash, and is not repeated."""
    for arguments, secret in ((["hash", "--stdin"], "1234"), (["hash", "--stdin", "--password"], "secret")):
        said = terminal.run(*arguments, stdin=secret + "\n")
        assert said.code == 2
        assert secret not in said.out + said.err


def test_hash_asks_twice(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the PIN is asked for twice without being shown, and a difference is no PIN."""
    answers = iter(["4711", "4711", "4711", "4712"])
    monkeypatch.setattr("supervise.cli_policy.getpass", lambda _: next(answers))
    assert matches("4711", terminal.run("hash").out.strip())
    said = terminal.run("hash")
    assert (said.code, said.err) == (2, "They are not the same.\n")
