"""Who can be reached and who wants calls, by Asterisk's endpoints and device states."""

import pytest

from supervise.domain.board.presence import MEMBERS, Phones, PresenceBook, devices_of

pytestmark = pytest.mark.unit


def test_somebody_is_registered_when_one_of_their_phones_is() -> None:
    """Nobody knows before anything was told."""
    book = PresenceBook()
    assert book.phones(("201", "201-web"), "201") == Phones(registered=None)
    assert book.see_endpoint("201", "offline")
    assert book.phones(("201", "201-web"), "201").registered is False
    assert book.see_endpoint("201-web", "online")
    assert not book.see_endpoint("201-web", "online")
    assert book.phones(("201", "201-web"), "201").registered is True


@pytest.mark.parametrize(
    ("state", "registered"),
    [
        ("UNAVAILABLE", False),
        ("NOT_INUSE", True),
        ("INUSE", True),
        ("RINGING", True),
        ("ONHOLD", True),
        ("INVALID", None),
        ("UNKNOWN", None),
    ],
)
def test_a_phone_is_a_device_that_is_there_or_not(state: str, *, registered: bool | None) -> None:
    """Of one that Asterisk does not know nobody knows."""
    book = PresenceBook()
    assert book.see_device("PJSIP/201", state) == ("" if registered is None else "201")
    assert book.phones(("201",), "").registered is registered


def test_what_a_phone_does_is_no_news_of_its_being_there() -> None:
    """It rings, talks and is free again: channels tell that."""
    book = PresenceBook()
    told = [book.see_device("PJSIP/201", state) for state in ("NOT_INUSE", "RINGING", "INUSE", "NOT_INUSE")]
    assert told == ["201", "", "", ""]


@pytest.mark.parametrize(
    ("device", "whose"),
    [
        ("Queue:sales_pause_PJSIP/201", "201"),
        ("Queue:sales_pause_Local/201@members/n", "201"),
        ("Custom:DND201", "201"),
        ("Custom:DEVDND201", "201"),
        ("Queue:sales", ""),
        ("Local/201@members/n", ""),
        ("Custom:DND", ""),
    ],
)
def test_devices_say_who_wants_no_calls(device: str, whose: str) -> None:
    """Pauses and do-not-disturb, and nothing else."""
    assert PresenceBook().see_device(device, "INUSE") == whose


def test_pauses_come_and_go() -> None:
    """For each queue by itself."""
    book = PresenceBook()
    book.see_device("Queue:b_pause_PJSIP/201", "INUSE")
    book.see_device("Queue:a_pause_PJSIP/201", "INUSE")
    assert book.phones(("201",), "").paused == ("a", "b")
    book.see_device("Queue:a_pause_PJSIP/201", "NOT_INUSE")
    assert book.phones(("201",), "").paused == ("b",)
    book.see_device("Custom:DND201", "INUSE")
    assert book.phones(("201",), "").do_not_disturb
    book.clear()
    assert book.phones(("201",), "") == Phones()


def test_one_device_does_not_take_back_what_another_says() -> None:
    """Do-not-disturb is kept under two names; either of them suffices."""
    book = PresenceBook()
    book.see_device("Custom:DND201", "INUSE")
    book.see_device("Custom:DEVDND201", "UNKNOWN")
    assert book.phones(("201",), "201").do_not_disturb
    book.see_device("Custom:DND201", "NOT_INUSE")
    assert not book.phones(("201",), "201").do_not_disturb


def test_one_way_into_a_queue_does_not_take_back_a_pause_of_another() -> None:
    """Of the interfaces that somebody may have in a queue most are nobody's, and say so."""
    book = PresenceBook()
    book.see_device("Queue:sales_pause_Local/201@from-queue/n", "INUSE")
    book.see_device("Queue:sales_pause_PJSIP/201", "INVALID")
    assert book.phones(("201",), "201").paused == ("sales",)
    book.see_device("Queue:sales_pause_Local/201@from-queue/n", "NOT_INUSE")
    assert book.phones(("201",), "201").paused == ()


@pytest.mark.parametrize(
    ("members", "extension", "interfaces"),
    [
        (MEMBERS, "21", {"PJSIP/201", "PJSIP/201-web", "Local/21@from-queue/n"}),
        (MEMBERS, "", {"PJSIP/201", "PJSIP/201-web"}),
        (("Local/{extension}@agents",), "21", {"Local/21@agents"}),
    ],
)
def test_people_are_in_queues_by_these_interfaces(
    members: tuple[str, ...], extension: str, interfaces: set[str]
) -> None:
    """By each of their phones, and by their extension where they have one."""
    found = devices_of(("201", "201-web"), extension, frozenset({"sales"}), members)
    assert {device.partition("_pause_")[2] for device in found if device.startswith("Queue:sales_")} == interfaces


def test_the_devices_of_somebody_are_those_that_would_be_understood() -> None:
    """What is asked for by name is what the book reads."""
    book = PresenceBook()
    for device in devices_of(("201",), "21", frozenset({"sales"})):
        assert book.see_device(device, "INUSE") in ("201", "21")
