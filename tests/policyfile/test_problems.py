"""What is wrong with a policy is told at its place, in words, with what was perhaps meant, and all at once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from supervise.policyfile.errors import Level, PolicyFileError, Problem
from supervise.policyfile.load import load, load_bytes

pytestmark = pytest.mark.unit

ProblemsOf = Callable[[str | bytes], list[Problem]]

GOOD = "people: {anna: {role: lead, endpoint: 301}}\nroles: {lead: }\n"

TABLE = [
    ("rules: [{who: lead, may: montor, whom: everybody}]", "3:26", "rules.0.may", "should be 'monitor'", "monitor"),
    ("rules: [{who: led, may: monitor, whom: everybody}]", "3:15", "rules.0.who", "there is no role 'led'", "lead"),
    ("rules: [{who: lead, may: monitor, whom: own-team}]", "3:41", "rules.0.whom", "should be everybody", "own-teams"),
    ("rules: [{who: lead, may: monitor, whom: {}}]", "3:41", "rules.0.whom", "covers nobody", ""),
    ("rules: [{who: [], may: monitor, whom: everybody}]", "3:15", "rules.0.who", "should not be empty", ""),
    ("rules: [{who: lead, whom: everybody}]", "3:9", "rules.0", "'may' is missing", ""),
    ("rules: {who: lead}", "3:8", "rules", "should be a list", ""),
    ("rules: [lead]", "3:9", "rules.0", "should be a mapping", ""),
    ("house: {colour}", "3:9", "house.colour", "is no key that is known here", ""),
    ("ruels: []", "3:1", "ruels", "is no key that is known here", "rules"),
    ("teams: {a: {memebrs: [anna]}}", "3:13", "teams.a.memebrs", "is no key that is known here", "members"),
    ("teams: {a: {members: [ana]}}", "3:23", "teams.a.members.0", "there is no person 'ana'", "anna"),
    ("teams: {a: {members: {anna: x}}}", "3:22", "teams.a.members", "should be plain text", ""),
    ("hours: {x: {days: mo}}", "3:19", "hours.x.days", "should be a day", "mon"),
    ("hours: {x: {from: 8}}", "3:19", "hours.x.from", "should be a time of day", ""),
    ("hours: {x: {from: 12:60}}", "3:19", "hours.x.from", "should be a time of day", ""),
    ("hours: {x: {from: 09:00, to: 09:00}}", "3:12", "hours.x", "that is no time at all", ""),
    ("hours: {x: {zone: europe/paris}}", "3:19", "hours.x.zone", "is no time zone", "Europe/Paris"),
    ("hours: {x: {not_on: 24.12.2026}}", "3:21", "hours.x.not_on", "should be a date", ""),
    ("house: {start_muted: maybe}", "3:22", "house.start_muted", "should be yes or no", ""),
    ("house: {within: {minutes: 0}}", "3:27", "house.within.minutes", "should be at least 1", ""),
    ("house: {within: {minutes: 1_0}}", "3:27", "house.within.minutes", "should be a whole number", ""),
    ("house: {within: {minutes: 99999}}", "3:27", "house.within.minutes", "should be at most 1440", ""),
    ("house: {tell_customer: nothign}", "3:24", "house.tell_customer", "should be 'nothing'", "nothing"),
    ("house: {tell_customer: {in: coach}}", "3:24", "house.tell_customer", "tells nothing", ""),
    ("house: {tell_customer: {tone: 440}}", "3:31", "house.tell_customer.tone", "should be '1400-every-15'", ""),
    ("house: {tell_customer: {tone: {hertz: 5}}}", "3:39", "house.tell_customer.tone.hertz", "at least 100", ""),
    ("house: {tell_customer: {announcement: ../x}}", "3:39", "house.tell_customer.announcement", "no sound's name", ""),
    ("house: {mask_numbers: {for: [leed]}}", "3:30", "house.mask_numbers.for.0", "there is no role", "lead"),
    ("house: {private: {variable: A;B}}", "3:29", "house.private.variable", "is no channel variable", ""),
    ("never: [{}]", "3:9", "never.0", "covers nothing", ""),
    ("never: [{numbers: 0900*}]", "3:19", "never.0.numbers", "give its beginning under 'prefixes'", ""),
    ("never: [{numbers: (a+)+$}]", "3:19", "never.0.numbers", "should be digits", ""),
    ("never: [{people: [eve]}]", "3:19", "never.0.people.0", "there is no person 'eve'", ""),
    ("reasons: {abc: training}", "3:11", "reasons.abc", "a reason code is 1 to 3 digits", ""),
    ("rules: [{who: lead, may: monitor, whom: everybody, with: reason}]", "3:58", "rules.0.with", "no 'reasons'", ""),
]


@pytest.mark.parametrize(("text", "place", "path", "words", "hint"), TABLE, ids=[row[0] for row in TABLE])
def test_problem(problems_of: ProblemsOf, text: str, place: str, path: str, words: str, hint: str) -> None:  # noqa: PLR0913, PLR0917  a table's columns
    """One mistake is one problem, at its line and column."""
    (problem,) = {str(p): p for p in problems_of(GOOD + text) if p.path == path}.values()
    assert f"{problem.line}:{problem.column}" == place
    assert words in problem.words
    assert problem.hint == hint


PEOPLE = [
    ("anna: {role: lead, endpoint: 3 01}", "endpoint", "is no PJSIP endpoint"),
    ("anna: {role: lead, extension: 2O1}", "extension", "should be 1 to 20 digits"),
    ("anna: {role: lead, pin: 1234}", "pin", "is no argon2id hash"),
    ("anna: {role: lead, pin: '$argon2id$v=19$m=9999999,t=1,p=1$c29tZXNhbHQ$" + "A" * 43 + "'}", "pin", "costs too"),
    ("anna: {role: lead, name: ''}", "name", "one line of 1 to 80 letters"),
    ("anna: {role: [lead]}", "role", "should be plain text"),
]


@pytest.mark.parametrize(("text", "key", "words"), PEOPLE, ids=[row[0][:40] for row in PEOPLE])
def test_problem_with_a_person(problems_of: ProblemsOf, text: str, key: str, words: str) -> None:
    """What is wrong with a person is told at the key, without repeating a secret."""
    (problem,) = problems_of(f"people:\n  {text}\nroles: {{lead: }}\n")
    assert problem.path == f"people.anna.{key}"
    assert words in problem.words
    assert "1234" not in str(problem)


def test_two_people_cannot_have_one_phone(problems_of: ProblemsOf) -> None:
    """An endpoint or an extension that is two people's is told at the second."""
    text = (
        "people:\n  a: {role: x, endpoint: 301}\n  b: {role: x, endpoint: [300, 301]}\n  c: {role: x, extension: 301}\n"
    )
    found = [(problem.line, problem.words) for problem in problems_of(text + "roles: {x: }\n")]
    assert found == [(3, "endpoint 301 is a's already"), (4, "extension 301 is a's already")]


def test_names_that_look_alike(problems_of: ProblemsOf) -> None:
    """A letter of another alphabet and a name in other capitals are both told."""
    text = "people:\n  anna: {role: x}\n  \u0430nna: {role: x}\n  Anna: {role: x}\nroles: {x: }\n"
    words = [problem.words for problem in problems_of(text)]
    assert any("cyrillic small letter a" in each for each in words)
    assert "differs from 'anna' only in capital letters" in words


def test_a_key_written_twice(problems_of: ProblemsOf) -> None:
    """The second one is told, with the line of the first."""
    (problem,) = problems_of(GOOD + "roles: {x: }\n")
    assert str(problem).endswith("policy.yaml:3:1: roles: written twice, first on line 2")


def test_everything_at_once(problems_of: ProblemsOf) -> None:
    """Mistakes of form, of schema and of reference are told together, in the order of their lines."""
    text = """people:
  anna: {role: laed, endpoint: 301, colour: red}
  anna: {role: lead}
roles: {lead: }
teams: {sales: {members: [bob]}}
rules:
  - {who: lead, may: monitr, whom: {teams: [slaes]}}
house: {start: invisible}
"""
    found = [(problem.line, problem.path) for problem in problems_of(text)]
    assert found == [
        (2, "people.anna.role"),
        (2, "people.anna.colour"),
        (3, "people.anna"),
        (5, "teams.sales.members.0"),
        (7, "rules.0.may"),
        (7, "rules.0.whom.teams.0"),
        (8, "house.start"),
    ]


def test_what_speaks_of_a_wrong_part_is_not_wrong_too(problems_of: ProblemsOf) -> None:
    """A person with a mistake is still there for the teams that name them."""
    (problem,) = problems_of("people: {anna: {role: x, extension: abc}}\nroles: {x: }\nteams: {t: {members: [anna]}}\n")
    assert problem.path == "people.anna.extension"


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "people:\n", "people: {}\n", "rules: []\n"])
def test_a_policy_without_people_is_none(problems_of: ProblemsOf, text: str) -> None:
    """What may have been cut off is no policy, not one that forbids nothing."""
    assert len(problems_of(text)) == 1


def test_a_mark_before_the_first_letter_is_taken_away(problems_of: ProblemsOf) -> None:
    """A UTF-8 file that begins with a byte order mark is read like any other."""
    assert problems_of(b"\xef\xbb\xbf" + GOOD.encode()) == []


ODD = [
    ("rules: [{who: ghost, may: monitor, whom: everybody}]\n", "never applies: nobody has the role ghost"),
    ("rules: [{who: lead, may: monitor, whom: {people: anna}}]\n", "never applies: it covers only the supervisors"),
    ("rules: [{who: lead, may: monitor, whom: {teams: empty}}]\n", "never applies: it covers nobody"),
    ("rules: [{who: lead, may: monitor, whom: everybody, but_not: {roles: [agent, lead]}}]\n", "'but_not' leaves out"),
    ("rules: [{who: lead, may: monitor, whom: {people: ben}}]\nnever: [{people: ben}]\n", "is under 'never'"),
    (
        "rules: [{who: lead, may: monitor, whom: {people: [ben, cleo]}}]\nnever: [{people: ben}]\n",
        "names ben, whom the 'never'",
    ),
    ("rules: [{who: lead, may: coach, whom: everybody, how: hidden}]\n", "contradicts the house: coach wants"),
    ("rules: [{who: lead, may: take-over, whom: everybody}]\n", "no rule allows them to barge"),
    ("rules: [{who: lead, may: monitor, whom: everybody, with: pin}]\n", "asks for a PIN, and these have none: anna"),
    (
        "rules: [{who: lead, may: monitor, whom: everybody, calls: {queues: sale-in}}]\n",
        "queue 'sale-in' belongs to no team; did you mean 'sales-in'?",
    ),
    (
        "rules: [{who: lead, may: monitor, whom: everybody}, {who: lead, may: monitor, whom: everybody}]\n",
        "says the same",
    ),
    (
        "rules: [{who: lead, may: monitor, whom: everybody, within: {minutes: 60}}]\nhouse: {within: {minutes: 30}}\n",
        "has no effect: the house allows 30",
    ),
    ("", "may do nothing, since there are no rules"),
    ("hours: {night: {from: 22:00, to: 06:00}}\n", "are named by no rule"),
    ("never: [{numbers: +49301234}]\n", "is known in this form only"),
]


@pytest.mark.parametrize(("text", "words"), ODD, ids=[row[1] for row in ODD])
def test_oddity(text: str, words: str) -> None:
    """What an author can hardly mean is a warning, and the policy can be used."""
    world = (
        "people: {anna: {role: lead}, ben: {role: agent, teams: sales}, cleo: {role: agent}}\n"
        "roles: {lead: , agent: , ghost: }\nteams: {empty: {}, sales: {queues: sales-in}}\n"
    )
    warnings = load_bytes([("p.yaml", (world + text).encode())]).warnings
    assert any(words in str(warning) for warning in warnings)
    assert all(warning.level is Level.WARNING for warning in warnings)


def test_a_rule_that_can_apply_is_not_called_dead() -> None:
    """A rule reaches somebody through a queue, or some of those it names: that is enough."""
    world = (
        "people: {anna: {role: lead, teams: help}, ben: {role: agent, teams: sales}}\nroles: {lead: , agent: }\n"
        "teams: {help: {queues: help-in}, sales: {}}\n"
        "rules: [{who: lead, may: monitor, whom: own-teams}, {who: lead, may: [see-board, monitor], whom: everybody}]\n"
    )
    assert load_bytes([("p.yaml", world.encode())]).warnings == ()


def test_a_folder_is_one_policy(tmp_path: Path) -> None:
    """Sections may be spread over files, lists of rules add up, and every rule knows its file."""
    (tmp_path / "10-people.yaml").write_text("people: {anna: {role: lead}}\nroles: {lead: }\n")
    (tmp_path / "20-more.yml").write_text(
        "people: {ben: {role: agent}}\nroles: {agent: }\nrules:\n  - {who: lead, may: monitor, whom: everybody}\n"
    )
    (tmp_path / "30-rules.yaml").write_text("rules:\n  - {who: lead, may: coach, whom: everybody}\n")
    (tmp_path / "notes.txt").write_text("not: [a policy")
    policy = load(tmp_path).policy
    assert sorted(policy.people) == ["anna", "ben"]
    assert [rule.place for rule in policy.rules] == ["20-more.yml:4", "30-rules.yaml:2"]
    assert policy.people["ben"].place == "20-more.yml:1"


def test_nothing_stands_in_two_files(tmp_path: Path) -> None:
    """A name that two files define is told at the second, with the place of the first."""
    (tmp_path / "a.yaml").write_text("people:\n  anna: {role: x}\nroles: {x: }\n")
    (tmp_path / "b.yaml").write_text("people:\n  anna: {role: x}\nroles: [x]\n")
    with pytest.raises(PolicyFileError) as caught:
        load(tmp_path)
    words = [f"{Path(problem.file).name}:{problem.line} {problem.words}" for problem in caught.value.problems]
    assert words == [
        f"b.yaml:2 written twice, first in {tmp_path / 'a.yaml'} on line 2",
        "b.yaml:3 has another form here than in the files before",
    ]


def test_problems_of_all_files_at_once(tmp_path: Path) -> None:
    """A file in the wrong encoding does not hide the mistakes of another."""
    (tmp_path / "a.yaml").write_bytes(b"people: {a: {name: J\xfcrgen}}\n")
    (tmp_path / "b.yaml").write_text("house: {start: never}\nrules: [{who: lead, may: monitor, whom: everybody}]\n")
    with pytest.raises(PolicyFileError) as caught:
        load(tmp_path)
    assert [Path(problem.file).name for problem in caught.value.problems] == ["a.yaml", "b.yaml"]


SAME = [
    (
        "rules: [{who: lead, may: monitor, whom: own-teams}]",
        "rules:\n- who: [lead]\n  may: [monitor]\n  whom: {own_teams: on}",
    ),
    ("house: {start_muted: yes}", "house:\n  start_muted: true"),
    ("house: {within: }", ""),
    ("never: [{numbers: '11 0'}]", "never: [{numbers: [110]}]"),
    ("hours: {a: {days: mon-tue}}", "hours: {a: [{days: [tue, mon], from: 00:00, to: 24:00}]}"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_hash_is_of_what_is_said(one: str, other: str) -> None:
    """Two ways of writing the same have the same hash."""
    hashes = {load_bytes([("p.yaml", (GOOD + text + "\n# a comment\n").encode())]).policy.hash for text in (one, other)}
    assert len(hashes) == 1


def test_the_hash_differs_where_something_else_is_said() -> None:
    """Any difference in what is said is one in the hash; the order of somebody's phones is such a difference."""
    texts = (
        "",
        "house: {start: visible}",
        "rules: [{who: lead, may: monitor, whom: everybody}]",
        "rules: [{who: lead, may: coach, whom: everybody}]",
        "never: [{people: anna}]",
        "reasons: {1: x}",
    )
    hashes = {load_bytes([("p.yaml", (GOOD + text).encode())]).policy.hash for text in texts}
    assert len(hashes) == len(texts)
    phones = [GOOD.replace("301", order).encode() for order in ("[301, 302]", "[302, 301]")]
    assert len({load_bytes([("p.yaml", text)]).policy.hash for text in phones}) == len(phones)
