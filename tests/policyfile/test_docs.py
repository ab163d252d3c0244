"""The documents say what is so: every example is loaded and asked, and no key is missing."""

import json
import re
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from supervise.cli_policy import policy_app
from supervise.policyfile import schema
from supervise.policyfile.build import RIGHTS
from supervise.policyfile.expectations import read_expectations
from supervise.policyfile.jsonschema import json_schema
from supervise.policyfile.load import load
from supervise.policyfile.pins import matches
from supervise.policyfile.schema.base import Part

pytestmark = pytest.mark.unit

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "policy.md").read_text()
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
PAIRS = list(zip(EXAMPLES[::2], EXAMPLES[1::2], strict=True))

HEADINGS = {
    "PolicyPart": "The file",
    "PersonPart": "`people`",
    "TeamPart": "`teams`",
    "RolePart": "`roles`",
    "RulePart": "`rules`",
    "WhomPart": "`whom` and `but_not`",
    "HoursPart": "`hours`",
    "LimitsPart": "`within`",
    "CallsPart": "`calls`",
    "NeverPart": "`never`",
    "HousePart": "`house`",
    "VisibleBeforePart": "`house.visible_before`",
    "TellAgentPart": "`house.tell_agent`",
    "TellCustomerPart": "`house.tell_customer`",
    "TonePart": "`house.tell_customer.tone`",
    "MaskPart": "`house.mask_numbers`",
    "JournalPart": "`house.journal`",
    "NumberingPart": "`house.numbering`",
    "PinPart": "`house.pin`",
    "PrivatePart": "`house.private`",
}


def section(heading: str) -> str:
    """Everything under a heading of the reference."""
    found = re.search(rf"^### {re.escape(heading)}\n(.*?)(?=^##|\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(("policy", "expectations"), PAIRS, ids=["a team of five", "a site of 500", "a bank"])
def test_example(tmp_path: Path, policy: str, expectations: str) -> None:
    """Each example is a whole policy without a warning, and does what is expected of it."""
    (tmp_path / "policy.yaml").write_text(policy)
    (tmp_path / "tests.yaml").write_text(expectations)
    loaded = load(tmp_path / "policy.yaml")
    assert loaded.warnings == ()
    outcomes = read_expectations(tmp_path / "tests.yaml").against(loaded.policy)
    assert [str(outcome.explanation.decision) for outcome in outcomes if not outcome.met] == []


def test_the_sample_is_a_policy_without_a_warning() -> None:
    """The commented sample can be used as it stands, and its PIN and password are the ones that it names."""
    loaded = load(DOCS / "policy.sample.yaml")
    assert loaded.warnings == ()
    anna = loaded.policy.people["anna"]
    assert matches("4711", anna.pin_hash)
    assert matches("correct horse", anna.login_hash)


@pytest.mark.parametrize(
    "part",
    [part for part in Part.__subclasses__() if part.__module__.startswith(f"{schema.__name__}.")],
    ids=lambda part: part.__name__,
)
def test_every_key_is_in_the_reference(part: type[Part]) -> None:
    """Each key has a row under its part's heading, and there is no row for a key that is none."""
    rows = re.findall(r"^\| `([a-z_]+)` \|", section(HEADINGS[part.__name__]), re.MULTILINE)
    assert sorted(rows) == sorted(field.alias or name for name, field in part.model_fields.items())


def test_every_right_is_in_the_reference() -> None:
    """Each word that can stand under 'may' is explained, in the order of the language."""
    assert re.findall(r"^\| `([a-z-]+)` \|", section("Rights"), re.MULTILINE) == list(RIGHTS)


def test_every_command_is_told() -> None:
    """The table of commands has each of them, and no other."""
    told = set(re.findall(r"^\| `supervise policy ([a-z-]+)", TEXT, re.MULTILINE))
    assert told == {
        command.name or str(command.callback) for command in policy_app.registered_commands if command.name
    } | {
        "check",
        "who-can",
        "what-can",
        "diff",
        "schema",
    }


def test_links_lead_somewhere() -> None:
    """Each link within the page has its heading, and each link to a file its file."""
    headings = {
        re.sub(r"[^a-z0-9_ -]", "", line.lower()).replace(" ", "-")
        for line in re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        if target.startswith("#"):
            assert target[1:] in headings
        else:
            assert (DOCS / target).exists()


def test_the_schema_for_editors_is_current() -> None:
    """The JSON Schema in docs is the one that the model makes; ``supervise policy schema`` writes it anew."""
    assert (DOCS / "policy.schema.json").read_text() == json_schema()


def test_the_schema_for_editors_explains_every_key() -> None:
    """An editor has something to show beside each key."""
    parsed = TypeAdapter(dict[str, object]).validate_python(json.loads(json_schema()))
    undescribed = [
        name for name, found in _properties(parsed) if not isinstance(found, dict) or "description" not in found
    ]
    assert undescribed == []


def _properties(node: object) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    if isinstance(node, dict):
        properties = node.get("properties", {})
        if isinstance(properties, dict):
            found += list(properties.items())
        for inner in node.values():
            found += _properties(inner)
    if isinstance(node, list):
        for inner in node:
            found += _properties(inner)
    return found
