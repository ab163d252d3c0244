from pathlib import Path

import pytest

from supervise.lab.demo.policy import AGENTS, POLICY, SCRIPTED, SOFTPHONE
from supervise.policyfile.load import load

pytestmark = pytest.mark.unit


def test_the_policy(tmp_path: Path) -> None:
    """The file that a stranger edits first is right, has no oddities, and knows everybody by their phone."""
    file = tmp_path / "policy.yaml"
    file.write_text(POLICY)
    loaded = load(file)
    assert loaded.warnings == ()
    people = {phone: loaded.policy.person_by_endpoint(phone) for phone in (SCRIPTED, SOFTPHONE, *AGENTS)}
    assert all(people.values())
    assert {phone: person.display for phone, person in people.items() if person and phone in AGENTS} == AGENTS
