from pathlib import Path

import pytest

from supervise.lab.scenarios.reading import Scenario, read_scenario
from supervise.lab.scenarios.run import SHIPPED, read_all
from supervise.lab.scenarios.schema import DEEDS
from supervise.lab.scenarios.wording import in_words
from supervise.lab.sound import Voice
from supervise.policyfile.errors import PolicyFileError

pytestmark = pytest.mark.unit

PHONES = "name: x\nphones:\n  customer: {user: 101}\n  lead: {user: 301}\n"


def read(folder: Path, text: str) -> Scenario:
    """A scenario of this text."""
    file = folder / "it.yaml"
    file.write_text(text)
    return read_scenario(file)


def test_the_shipped_ones() -> None:
    """A dozen scenarios come with the product; each can be read, and every step of them can be told in words."""
    scenarios = read_all([])
    assert len(scenarios) >= 12
    assert len({scenario.name for scenario in scenarios}) == len(scenarios)
    for scenario in scenarios:
        assert scenario.part.about
        assert all(in_words(step) for step in scenario.part.steps)


def test_every_deed_has_words(tmp_path: Path) -> None:
    """Whatever a step can do has words of its own for the report."""
    values = {
        **dict.fromkeys(DEEDS, "customer"),
        "call": "{by: customer, to: lead}",
        "dial": "{by: lead, number: '*55'}",
        "press": "{by: lead, keys: '4'}",
        "transfer": "{by: lead, to: '202'}",
        "policy": "'people: {a: {role: b}}\nroles: {b: }'",
        "controller": "kill",
        "asterisk": "restart",
        "network": "cut",
    }
    for deed in DEEDS:
        text = f"{PHONES}steps:\n  - {deed}: {values[deed]}\n".replace("\nroles", " \n      \n      roles")
        try:
            scenario = read(tmp_path, text)
        except PolicyFileError as error:
            raise AssertionError(f"{deed}: {error}") from error
        assert in_words(scenario.part.steps[0])


def test_voices(tmp_path: Path) -> None:
    """A phone speaks as its extension says, or as it is told, or not at all."""
    text = "name: x\nphones: {a: {user: 201}, b: {user: 301, voice: second}, c: {user: 401, silent: yes}}\n"
    scenario = read(tmp_path, f"{text}steps: [{{hang_up: a}}]\n")
    assert scenario.voices == {"a": Voice.AGENT, "b": Voice.SECOND, "c": None}


@pytest.mark.parametrize(
    ("steps", "place", "words"),
    [
        ("- pres: {by: lead, keys: '4'}", "6:5", "did you mean 'press'"),
        ("- press: {by: led, keys: '4'}", "6:17", "there is no phone 'led'; did you mean 'lead'"),
        ("- press: {by: lead, keys: 4a}", "6:29", "keys of a phone"),
        ("- {hang_up: lead, mute: lead}", "6:5", "a step does one thing"),
        ("- {say: nothing}", "6:5", "neither does anything nor listens"),
        ("- hears: {lead: custmer}", "6:19", "did you mean 'customer'"),
        ("- hears: {lead: [nobody, customer]}", "6:19", "hears nobody, or somebody"),
        ("- {hang_up: lead, within: 100}", "6:29", "should be seconds, up to 60"),
        ("- controller: stop", "6:17", "should be 'kill', 'start', 'freeze' or 'thaw'"),
        ("- policy: 'roles: {lead: {admni: yes}}'", "6:13", "admni"),
        ("- journal: {deed: opend}", "6:21", "opened"),
    ],
)
def test_mistakes(tmp_path: Path, steps: str, place: str, words: str) -> None:
    """Every mistake is told with its line and column, and with what was perhaps meant."""
    with pytest.raises(PolicyFileError) as caught:
        read(tmp_path, f"{PHONES}steps:\n  {steps}\n")
    assert f"it.yaml:{place}:" in str(caught.value)
    assert words in str(caught.value)


def test_two_phones_with_one_voice(tmp_path: Path) -> None:
    """Two phones that could not be told apart are a mistake, which names the voices that there are."""
    with pytest.raises(PolicyFileError, match="give one of them another 'voice': agent, customer"):
        read(tmp_path, "name: x\nphones:\n  a: {user: 201}\n  b: {user: 202}\nsteps: [{hang_up: a}]\n")


def test_an_empty_folder(tmp_path: Path) -> None:
    """A folder without scenarios is told, instead of a report about nothing."""
    with pytest.raises(Exception, match="no scenario"):
        read_all([tmp_path])
    assert SHIPPED.is_dir()


def test_a_crowd_is_of_a_size(tmp_path: Path) -> None:
    """A crowd is as large as the file says, within what there are accounts for."""
    steps = "steps:\n  - {hang_up: lead}\n"
    crowd = read(tmp_path, f"crowd: {{agents: 19, number: '504'}}\n{PHONES}{steps}").part.crowd
    assert crowd is not None
    assert (crowd.agents, crowd.number) == (19, "504")
    with pytest.raises(PolicyFileError, match="should be how many, up to 40"):
        read(tmp_path, f"crowd: {{agents: 41, number: '504'}}\n{PHONES}{steps}")


def test_a_step_may_only_look_at_the_board(tmp_path: Path) -> None:
    """To look at the board is enough for a step; whom it shows need not be a phone's name."""
    scenario = read(tmp_path, f"{PHONES}steps:\n  - {{board: [anna, ben]}}\n  - {{board: nobody}}\n")
    assert [list(step.board or ()) for step in scenario.part.steps] == [["anna", "ben"], ["nobody"]]
