from pathlib import Path

import pytest

from supervise.lab.demo.policy import AGENTS, PASSWORD, POLICY, SCRIPTED, SOFTPHONE, policy
from supervise.policyfile.load import load
from supervise.policyfile.pins import hashed, matches

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("text", [POLICY, policy(hashed(PASSWORD))])
def test_the_policy(tmp_path: Path, text: str) -> None:
    """The file that a stranger edits first is right, has no oddities, and knows everybody by their phone."""
    file = tmp_path / "policy.yaml"
    file.write_text(text)
    loaded = load(file)
    assert loaded.warnings == ()
    people = {phone: loaded.policy.person_by_endpoint(phone) for phone in (SCRIPTED, SOFTPHONE, *AGENTS)}
    assert all(people.values())
    assert {phone: person.display for phone, person in people.items() if person and phone in AGENTS} == AGENTS


def test_everybody_can_sign_in_to_the_board(tmp_path: Path) -> None:
    """With the password that the demonstration prints."""
    file = tmp_path / "policy.yaml"
    file.write_text(policy(hashed(PASSWORD)))
    people = load(file).policy.people.values()
    assert people
    assert all(matches(PASSWORD, person.login_hash) for person in people)
