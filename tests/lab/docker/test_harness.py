import re
import ssl
import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from rich.console import Console

from supervise.lab.asterisk.container import DOCKERFILE as ASTERISKS
from supervise.lab.asterisk.packing import LEFT_OUT, worth_keeping
from supervise.lab.asterisk.rootfs import RECIPE
from supervise.lab.asterisk.server import FOLDERS
from supervise.lab.checkout import CHECKOUT
from supervise.lab.docker.certificate import write_certificate
from supervise.lab.docker.images import ASTERISK, DOCKERFILE, IMAGES
from supervise.lab.docker.run import FOLDER, USERS, Order, play_in_containers
from supervise.lab.errors import LabError
from supervise.lab.scenarios.run import SHIPPED, read_all

COMPOSE = yaml.safe_load((FOLDER / "compose.yaml").read_text())
SITUATIONS = sorted(FOLDER.glob("compose.*.yaml"))


SERVICES = [
    (f"{file.name}: {name}", service)
    for file in (FOLDER / "compose.yaml", *SITUATIONS)
    for name, service in yaml.safe_load(file.read_text())["services"].items()
    if "image" in service
]
"""Every container, also those that a situation brings along."""

RIGHTS = {
    "compose.yaml: phones": {"NET_RAW", "NET_ADMIN", "SETUID", "SETGID"},
    "compose.cut.yaml: cable": {"NET_ADMIN", "DAC_OVERRIDE"},
}
"""Who has any right besides those of an ordinary user."""


@pytest.mark.unit
@pytest.mark.parametrize(("name", "service"), SERVICES, ids=[name for name, _ in SERVICES])
def test_nothing_is_published_but_the_board(name: str, service: dict[str, object]) -> None:
    """Nothing can be reached from outside but the board, from this machine alone; nobody is on its network."""
    assert service.get("ports", []) == (["127.0.0.1::8089"] if name == "compose.yaml: controller" else [])
    assert service.get("networks") == ["lab"] or service.get("network_mode") == "service:controller"


@pytest.mark.unit
@pytest.mark.parametrize(("name", "service"), SERVICES, ids=[name for name, _ in SERVICES])
def test_least_rights(name: str, service: dict[str, object]) -> None:
    """Every root is read-only, and whoever has a right besides an ordinary user's is named in this file."""
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges"]
    assert set(service.get("cap_add", [])) == RIGHTS.get(name, set())  # type: ignore[call-overload] # YAML has no types
    assert (service["user"] == "0:0") is (name in RIGHTS)


@pytest.mark.unit
def test_whoever_begins_as_root_becomes_an_ordinary_user() -> None:
    """The phones and the runner are root for no longer than the network is made worse."""
    assert "exec setpriv --reuid" in (FOLDER / "phones.sh").read_text()


@pytest.mark.unit
def test_no_password_is_written_down() -> None:
    """Images, places and passwords come from outside, and what is missing is said."""
    text = (FOLDER / "compose.yaml").read_text()
    for name in (ASTERISK, "CONTROLLER_IMAGE", "PHONES_IMAGE", "SOUNDS", "SHARED", "ARI_PASSWORD", "BOARD_TOKEN"):
        assert f"${{{name}:?run make harness first}}" in text


@pytest.mark.unit
@pytest.mark.parametrize("file", SITUATIONS, ids=lambda file: file.name)
def test_situations(file: Path) -> None:
    """An override says in its first line what it is; its variables and scenarios exist, and the docs name it."""
    assert re.match(r"# [A-Z].*\.", file.read_text())
    assert file.name.split(".")[1] in (CHECKOUT / "docs/scenarios.md").read_text()
    for name, service in yaml.safe_load(file.read_text())["services"].items():
        if name in COMPOSE["services"]:
            known = {*COMPOSE["services"][name]["environment"], "SUPERVISE_ARI_PASSWORD_SECOND"}
            assert set(service.get("environment", {})) <= known
    for scenario in re.findall(r"SCENARIOS:-([^}]+)}", file.read_text()):
        assert read_all([CHECKOUT / scenario])


@pytest.mark.unit
def test_the_images_are_the_same_either_way() -> None:
    """What mmdebstrap installs where nothing can be pulled is what the Dockerfile installs where it can be."""
    text = DOCKERFILE.read_text()
    for image in IMAGES.values():
        assert f" AS {image.target}\n" in text
        assert set(image.packages) <= set(text.split())
    assert all(package in ASTERISKS.read_text().split() for package in RECIPE.packages)


@pytest.mark.unit
def test_what_no_image_needs() -> None:
    """The patterns of what is left out take what they name and all below it, and nothing that a program is run from."""
    kept = worth_keeping(LEFT_OUT.read_text().split())
    for gone in (
        "./usr/share/doc/bash",
        "./usr/share/locale/de/LC_MESSAGES/x.mo",
        "./usr/lib/x86_64-linux-gnu/dri/x.so",
    ):
        assert kept(tarfile.TarInfo(gone)) is None
    for there in ("./usr/bin/sh", "./usr/lib/x86_64-linux-gnu/libc.so.6", "./usr/share/zoneinfo/UTC", "./var/log"):
        assert kept(tarfile.TarInfo(there)) is not None


@pytest.mark.unit
def test_a_certificate(tmp_path: Path) -> None:
    """The harness's Asterisk has a certificate of its own making that names it, and the key that belongs to it."""
    write_certificate("asterisk", tmp_path / "certificate.pem", tmp_path / "key.pem")
    made = x509.load_pem_x509_certificate((tmp_path / "certificate.pem").read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["asterisk"]
    made.verify_directly_issued_by(made)
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
        tmp_path / "certificate.pem", tmp_path / "key.pem"
    )


@pytest.mark.unit
def test_an_unknown_situation() -> None:
    """A situation that does not exist is told, with those that do."""
    with pytest.raises(LabError, match=r"there are: alaw, asterisk-killed, .*, srtp, two-nodes"):
        play_in_containers(Order(("g723",), "", Path("build"), if_there=False), Console(quiet=True))


@pytest.mark.unit
@pytest.mark.parametrize("script", sorted(FOLDER.glob("*.sh")), ids=lambda file: file.name)
def test_scripts(script: Path) -> None:
    """The containers' scripts are scripts that a plain shell can read."""
    subprocess.run(["sh", "-n", str(script)], check=True)


@pytest.mark.unit
def test_asterisk_finds_its_folders() -> None:
    """Asterisk in its container has every folder that the lab's has on this machine."""
    script = (FOLDER / "asterisk.sh").read_text().split()
    assert {f"$run/{folder}" for folder in FOLDERS} <= set(script)


@pytest.mark.unit
def test_the_phones_of_all_scenarios_have_accounts() -> None:
    """Every phone of every scenario that comes along can sign in."""
    scenarios = [*read_all([]), *read_all([SHIPPED / "situations"])]
    assert {phone.user for each in scenarios for phone in each.part.phones.values()} <= set(USERS)
