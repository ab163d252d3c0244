"""Hostile files are refused at once, and cost next to nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from supervise.domain.rights.policy import Policy
from supervise.policyfile.errors import PolicyFileError
from supervise.policyfile.load import load, load_bytes
from supervise.policyfile.nodes import ReadLimits

pytestmark = pytest.mark.unit

SECONDS = 0.3
"""Processor time; 0.1 s on an idle machine, and test machines are not."""

MEGABYTES = 50


def test_hostile_files_cost_little(tmp_path: Path) -> None:
    """Each file of the corpus is refused within the time and the memory that are promised."""
    script = Path(__file__).with_name("hostile.py")
    done = subprocess.run([sys.executable, script, tmp_path], check=True, capture_output=True, timeout=100)
    costs = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(costs) > 40
    assert [cost["name"] for cost in costs if not cost["problems"]] == []
    assert [cost for cost in costs if cost["seconds"] > SECONDS] == []
    assert [cost for cost in costs if cost["megabytes"] > MEGABYTES] == []


WORDS = [
    (b"people: &a {}", "'&a' is an anchor"),
    (b"people: *a", "'*a' is an alias"),
    (b"people: !!python/object:os.system {}", "is a tag"),
    (b"people: !!str x", "is a tag"),
    (b"people: ! x", "is a tag"),
    (b"people: {<<: {a: b}}", "'<<' is a merge key"),
    (b"%TAG ! tag:x,2000:\n---\npeople: {}", "a '%' directive"),
    (b"people: {}\n---\npeople: {}", "a second document begins here"),
    (b"---\n---\n", "a second document begins here"),
    (b"? {a: b}\n: c", "a key has to be plain text"),
    (b"? [a]\n: c", "a key has to be plain text"),
    (b"a: " + b"[" * 50, "nested deeper than 12 levels"),
    (b"people:\n\tanna: x", "is indented with a tab"),
    (b"people: 'x", "is not YAML"),
    (b"people: {a: J\xfcrgen}", "is not UTF-8 (byte 0xFC)"),
    ("people: {}".encode("utf-16"), "is written in UTF-16"),
    ("people: {}".encode("utf-32"), "is written in UTF-32"),
    (b"people: {a: x\0}", "U+0000 (a control character) cannot be seen"),
    ("people: {a: \u202ex}".encode(), "U+202E (right-to-left override) cannot be seen"),
    ("people: {a: x\u200b}".encode(), "U+200B (zero width space) cannot be seen"),
]


@pytest.mark.parametrize(("content", "words"), WORDS, ids=[row[1] for row in WORDS])
def test_what_the_language_does_not_have(content: bytes, words: str) -> None:
    """Everything of YAML beyond mappings, lists and text is refused by name."""
    with pytest.raises(PolicyFileError) as caught:
        load_bytes([("policy.yaml", content)])
    assert any(words in problem.words for problem in caught.value.problems)


def test_limits_can_be_widened_and_hold() -> None:
    """What is too much by default is not with more room, and is again beyond that."""
    people = b"people: {%s}\nroles: {x: }\n" % b",".join(b"p%d: {role: x}" % n for n in range(30_000))
    with pytest.raises(PolicyFileError, match="keys and values in all"):
        load_bytes([("policy.yaml", people)])
    assert len(load_bytes([("policy.yaml", people)], ReadLimits.for_megabytes(2)).policy.people) == 30_000


def test_no_file_is_read_further_than_its_limit(tmp_path: Path) -> None:
    """A file that is too large, or no file at all, is refused by what it is."""
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * 1_000_001)
    for path, words in ((large, "is larger than 1000000 bytes"), (Path("/dev/zero"), "is not a plain file")):
        with pytest.raises(PolicyFileError, match=words):
            load(path)


@pytest.mark.parametrize("files", [0, 101])
def test_a_folder_has_some_files(tmp_path: Path, files: int) -> None:
    """A folder without files is no policy, and one with very many is refused."""
    for number in range(files):
        (tmp_path / f"{number}.yaml").write_text("people: {}\n")
    with pytest.raises(PolicyFileError, match="holds"):
        load(tmp_path)


def test_before_the_first_policy_nobody_may_do_anything() -> None:
    """The policy that stands in for a missing one knows nobody."""
    nobody = Policy.nobody()
    assert len(nobody.people) == 0
    assert nobody.person_by_endpoint("301") is None
