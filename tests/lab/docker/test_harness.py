import re
import subprocess
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from supervise.lab.docker.run import FOLDER, USERS, Order, play_in_containers
from supervise.lab.errors import LabError
from supervise.lab.scenarios.run import read_all

COMPOSE = yaml.safe_load((FOLDER / "compose.yaml").read_text())
SITUATIONS = sorted(FOLDER.glob("compose.*.yaml"))


@pytest.mark.unit
def test_nothing_is_published() -> None:
    """No container has a port that the outside could reach, and none uses the host's network."""
    for service in COMPOSE["services"].values():
        assert "ports" not in service
        assert service["networks"] == ["lab"]


@pytest.mark.unit
def test_least_rights() -> None:
    """Asterisk and the controller are nobody, without a capability; every root is read-only."""
    for name, service in COMPOSE["services"].items():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        if name != "phones":
            assert service["user"] == "65534:65534"
            assert "cap_add" not in service


@pytest.mark.unit
def test_no_password_is_written_down() -> None:
    """Images, places and passwords come from outside, and what is missing is said."""
    text = (FOLDER / "compose.yaml").read_text()
    for name in ("ASTERISK_IMAGE", "OUR_IMAGE", "SOUNDS", "SHARED", "ARI_PASSWORD"):
        assert f"${{{name}:?run make harness first}}" in text


@pytest.mark.unit
@pytest.mark.parametrize("file", SITUATIONS, ids=lambda file: file.name)
def test_situations(file: Path) -> None:
    """An override says in its first line what it is, and speaks of services and variables that there are."""
    assert re.match(r"# [A-Z].*\.", file.read_text())
    for name, service in yaml.safe_load(file.read_text())["services"].items():
        assert set(service["environment"]) <= set(COMPOSE["services"][name]["environment"])


@pytest.mark.unit
def test_an_unknown_situation() -> None:
    """A situation that does not exist is told, with those that do."""
    with pytest.raises(LabError, match="there are: alaw, g722, netem"):
        play_in_containers(Order(("g723",), "", Path("build"), if_there=False), Console(quiet=True))


@pytest.mark.unit
@pytest.mark.parametrize("script", sorted(FOLDER.glob("*.sh")), ids=lambda file: file.name)
def test_scripts(script: Path) -> None:
    """The containers' scripts are scripts that a plain shell can read."""
    subprocess.run(["sh", "-n", str(script)], check=True)


@pytest.mark.unit
def test_the_phones_of_all_scenarios_have_accounts() -> None:
    """Every phone of every scenario that comes along can sign in."""
    assert {phone.user for each in read_all([]) for phone in each.part.phones.values()} <= set(USERS)
