"""Calls, folded from channels and bridges."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervise.domain.calls.calls import CallBook, Channel, Place
from supervise.domain.calls.naming import Kind, OurId

pytestmark = pytest.mark.unit

SESSION = "a" * 32


def channel(id_: str, name: str, **further: object) -> Channel:
    """Build a channel that is up."""
    return Channel(id_, name, up=True, **further)  # type: ignore[arg-type]  # the test says what it wants


CUSTOMER = channel("c", "PJSIP/101-00000001", created="2026-01-01T00:00:00", number="101")
AGENT = channel("a", "PJSIP/201-00000002", created="2026-01-01T00:00:01", number="201")


def book_with(*bridged: tuple[str, Channel]) -> CallBook:
    """Build a book in which each of these channels is in a bridge."""
    book = CallBook()
    for bridge, one in bridged:
        book.see(one)
        book.entered(bridge, one.id)
    return book


@pytest.mark.parametrize(
    ("name", "endpoint"),
    [
        ("PJSIP/201-00000002", "201"),
        ("PJSIP/front-desk-2-0000000a", "front-desk-2"),
        ("Local/201@agents-00000001;1", ""),
        ("Snoop/1.2-00000000", ""),
    ],
)
def test_an_endpoint_is_read_from_the_right(name: str, endpoint: str) -> None:
    """An endpoint's name may hold dashes, and only PJSIP channels have one."""
    assert channel("x", name).endpoint == endpoint


@pytest.mark.parametrize(
    ("app", "conference"),
    [
        ("ConfBridge 610", "610"),
        ("ConfBridge 610,quiet,,", "610"),
        ("Dial PJSIP/610", ""),
        ("ConfBridge ", ""),
        ("", ""),
    ],
)
def test_a_conference_is_named_by_the_dialplan(app: str, conference: str) -> None:
    """All who are connected with somebody in it are in it; who only runs the same is not."""
    book = CallBook()
    for id_, name, runs in (("a", "PJSIP/201-00000002", ""), ("b", "PJSIP/101-00000001", app), ("c", "PJSIP/9-3", app)):
        book.see(replace(channel(id_, name), app=runs))
    book.entered("bridge", "a")
    book.entered("bridge", "b")
    assert book.conferences_of("a") == ({conference} if conference else set())


def test_two_in_a_bridge_are_a_call_named_by_the_elder() -> None:
    """Both are parties, the elder first."""
    call = book_with(("b", AGENT), ("b", CUSTOMER)).call_of("a")
    assert call is not None
    assert (call.id, [party.id for party in call.parties]) == ("c", ["c", "a"])


def test_a_phone_that_talks_to_nobody_is_in_no_call() -> None:
    """One alone in a bridge, or in none, is not on a call."""
    book = book_with(("b", AGENT))
    book.see(CUSTOMER)
    assert book.call_of("a") is None
    assert book.call_of("c") is None


def test_local_halves_connect_two_bridges_into_one_call() -> None:
    """A queue's call through a Local channel is one call of its two people."""
    one, two = channel("l1", "Local/201@members-00000001;1"), channel("l2", "Local/201@members-00000001;2")
    book = book_with(("b1", CUSTOMER), ("b1", one), ("b2", two), ("b2", AGENT))
    call = book.call_of("a")
    assert call is not None
    assert {party.id for party in call.parties} == {"a", "c"}
    assert book.connected("a") == {"a", "c", "l1", "l2"}


def test_our_own_leg_in_the_call_is_no_party() -> None:
    """A seat connects neither the supervisor nor the room with the call."""
    far = channel(str(OurId(Kind.SEAT_FAR, SESSION, 2)), "Local/seat@supervise-seat-00000001;2")
    near = channel(str(OurId(Kind.SEAT, SESSION, 2)), "Local/seat@supervise-seat-00000001;1")
    room, supervisor = str(OurId(Kind.ROOM, SESSION, 0)), channel("s", "PJSIP/301-00000003")
    book = book_with(("b", AGENT), ("b", CUSTOMER), ("b", far), (room, near), (room, supervisor))
    call = book.call_of("a")
    assert call is not None
    assert {party.id for party in call.parties} == {"a", "c"}
    assert book.call_of("s") is None


def test_a_foreign_snoop_is_no_party() -> None:
    """What listens is not somebody who talks."""
    call = book_with(("b", AGENT), ("b", CUSTOMER), ("b", channel("n", "Snoop/c-00000001"))).call_of("a")
    assert call is not None
    assert len(call.parties) == 2


def test_a_renamed_channel_is_found_by_its_new_name_only() -> None:
    """A masquerade gives a channel another name; the old endpoint has no call any more."""
    book = book_with(("b", AGENT), ("b", CUSTOMER))
    book.see(channel("a", "PJSIP/202-00000009", created=AGENT.created))
    assert book.calls_at("201") == ()
    assert [call.id for _, call in book.calls_at("202")] == ["c"]


def test_two_calls_of_one_phone_are_two_calls() -> None:
    """Call waiting: each of the phone's channels has its own call."""
    second = channel("a2", "PJSIP/201-00000004", created="2026-01-01T00:01:00")
    other = channel("d", "PJSIP/102-00000005", created="2026-01-01T00:01:01")
    book = book_with(("b", AGENT), ("b", CUSTOMER), ("b2", second), ("b2", other))
    assert [(mine.id, len(call.parties)) for mine, call in book.calls_at("201")] == [("a", 2), ("a2", 2)]


def test_hold_is_kept_while_the_channel_is_seen_again() -> None:
    """A later event about the channel does not forget that it holds."""
    book = book_with(("b", AGENT), ("b", CUSTOMER))
    book.hold("a", held=True)
    book.see(AGENT)
    call = book.call_of("a")
    assert call is not None
    assert call.on_hold
    book.hold("a", held=False)
    assert not book.call_of("a").on_hold  # type: ignore[union-attr]  # it was a call a line ago


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["see", "gone", "entered", "left", "bridge_gone"]),
        st.sampled_from(["a", "c", "d"]),
        st.sampled_from(["b1", "b2"]),
    ),
    max_size=60,
)


@given(STEPS)
def test_after_everything_has_gone_nothing_is_kept(steps: list[tuple[str, str, str]]) -> None:
    """Any order of events, doubled or lost, leaves nothing behind once all channels and bridges have ended."""
    book = CallBook()
    for step, id_, bridge in steps:
        match step:
            case "see":
                book.see(channel(id_, f"PJSIP/{id_}-00000001"))
            case "gone":
                book.gone(id_)
            case "entered" | "left":
                getattr(book, step)(bridge, id_)
            case _:
                book.bridge_gone(bridge)
    for bridge in ("b1", "b2"):
        book.bridge_gone(bridge)
    for id_ in ("a", "c", "d"):
        book.gone(id_)
    assert all(not table for table in vars(book).values())


def test_who_waits_together_does_not_talk() -> None:
    """All who are parked are in one bridge: they hear music, and are on no call, whoever else waits there."""
    book = CallBook()
    book.opened("lot", Place.WAITING)
    for one in (CUSTOMER, AGENT):
        book.see(one)
        book.entered("lot", one.id)
    assert book.call_of("a") is None
    assert book.connected("a") == {"a"}
    assert book.bridges_of("a") == {"lot"}
    book.left("lot", "a")
    book.left("lot", "c")
    for one in (CUSTOMER, AGENT):
        book.entered("fetched", one.id)
    assert book.call_of("a") is not None


def test_a_bridge_of_another_application_is_known_as_one() -> None:
    """Its members are a call, into which nobody else can be put; a room of ours is no such bridge."""
    book = CallBook()
    room = str(OurId(Kind.ROOM, SESSION, 0))
    book.opened("theirs", Place.APPLICATION)
    book.opened(room, Place.APPLICATION)
    for one in (CUSTOMER, AGENT):
        book.see(one)
        book.entered("theirs", one.id)
    book.see(channel("s", "PJSIP/301-00000003"))
    book.entered(room, "s")
    assert book.call_of("a") is not None
    assert book.is_elsewhere("a")
    assert not book.is_elsewhere("s")
    book.bridge_gone("theirs")
    book.opened("theirs")
    book.entered("theirs", "a")
    assert not book.is_elsewhere("a")
