from dataclasses import replace

import pytest

from supervise.checkup.facts import Facts, Option, Phone, Reach
from supervise.checkup.faults import of_version, parse
from supervise.checkup.findings import Finding, Level, worst
from supervise.checkup.judging import HEADERS, MODULES, MUSIC, NEWEST, SEAT, SESSION, TEST, TIMER, diagnose
from supervise.checkup.lines import BIND, CEL, CEL_EVENTS, LOGS, SETTINGS, TLS

pytestmark = pytest.mark.unit

GOOD_SETTINGS: dict[Option, str | None] = {
    option: {"websocket_write_timeout": "5000", "session_keep_alive": "30000", "sessionlimit": "500"}.get(option.name)
    for option in SETTINGS
}

GOOD = Facts(
    node="pbx",
    url="http://127.0.0.1:8088",
    user="supervise",
    app="supervise",
    reach=Reach.FINE,
    version="22.10.1",
    may_write=True,
    apps=frozenset({"supervise"}),
    modules={f"{name}.so": "Running" for name in (*MODULES, TIMER, HEADERS, MUSIC)},
    settings=GOOD_SETTINGS,
    contexts={
        SESSION: True,
        SEAT: True,
        TEST: True,
        **dict.fromkeys(NEWEST, True),
        "supervisors,*55": True,
        "trunks,*55": False,
    },
    phones=(Phone("301", auth="301", context="supervisors"), Phone("trunk", context="trunks")),
    wanted_phones=frozenset({"301"}),
)


def told(facts: Facts) -> dict[str, Finding]:
    """The findings that say that something is not as it should be, by their codes."""
    return {finding.code: finding for finding in diagnose(facts) if finding.level is not Level.FINE}


def test_a_good_one() -> None:
    """An Asterisk with nothing wrong gets nothing but praise, each thing that was looked at named."""
    assert told(GOOD) == {}
    assert {"reach", "version", "events", "clock", "modules", "settings", "dialplan", "phones", "controller"} == {
        finding.code for finding in diagnose(GOOD)
    }


@pytest.mark.parametrize("reach", [reach for reach in Reach if reach is not Reach.FINE])
def test_not_reached(reach: Reach) -> None:
    """An Asterisk that cannot be asked is one error, which says what to do."""
    (finding,) = diagnose(replace(GOOD, reach=reach, detail="the words of the network"))
    assert (finding.code, finding.level) == ("reach", Level.ERROR)
    assert finding.change
    assert "the words of the network" in finding.seen


@pytest.mark.parametrize("name", MODULES)
def test_a_missing_module(name: str) -> None:
    """A module that supervision needs and that does not run is an error with the line for modules.conf."""
    for modules in (
        {each: state for each, state in GOOD.modules.items() if each != f"{name}.so"},
        {**GOOD.modules, f"{name}.so": "Not Running"},
    ):
        finding = told(replace(GOOD, modules=modules))[f"module-{name}"]
        assert finding.level is Level.ERROR
        assert f"load = {name}.so" in finding.change


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("websocket_write_timeout", None, "ari.conf, [general]: websocket_write_timeout = 5000"),
        ("websocket_write_timeout", "100", "ari.conf, [general]: websocket_write_timeout = 5000"),
        ("session_keep_alive", None, "http.conf, [general]: session_keep_alive = 30000"),
        ("session_keep_alive", "15000", "http.conf, [general]: session_keep_alive = 30000"),
        ("sessionlimit", None, "http.conf, [general]: sessionlimit = 500"),
        ("allowed_origins", "*", "ari.conf, [general]: allowed_origins ="),
        ("bindaddr", "192.0.2.7", "http.conf, [general]: bindaddr = 127.0.0.1"),
        ("bindaddr", "::", "http.conf, [general]: bindaddr = 127.0.0.1"),
        ("live_dangerously", "yes", "asterisk.conf, [options]: live_dangerously = no"),
        ("strictrtp", "no", "rtp.conf, [general]: strictrtp = yes"),
    ],
)
def test_a_wrong_line(name: str, value: str | None, line: str) -> None:
    """A line of the configuration that is not as it should be is told with its file, its section and what to write."""
    option = next(option for option in SETTINGS if option.name == name)
    found = told(replace(GOOD, settings={**GOOD_SETTINGS, option: value}))
    assert found[name].change.startswith(line)
    assert len(found) == 1


@pytest.mark.parametrize("events", ["ALL", "CHAN_START, dtmf", "all,HANGUP"])
def test_keys_in_the_channel_events(events: str) -> None:
    """Channel events with every key in them, and so with PINs, are told; those that are off or without keys are not."""
    settings = {**GOOD_SETTINGS, CEL: "yes", CEL_EVENTS: events}
    finding = told(replace(GOOD, settings=settings))["cel-keys"]
    assert finding.change.startswith("cel.conf, [general]: events = ")
    assert told(replace(GOOD, settings={**settings, CEL: "no"})) == {}
    assert told(replace(GOOD, settings={**settings, CEL_EVENTS: "CHAN_START,HANGUP"})) == {}


@pytest.mark.parametrize("option", LOGS)
def test_keys_in_a_log(option: Option) -> None:
    """A log with the level of keys is told with its line, and others are not."""
    found = told(replace(GOOD, settings={**GOOD_SETTINGS, option: "notice,dtmf"}))
    assert found["log-keys"].seen.startswith(f"logger.conf, [logfiles], {option.name}: notice,dtmf")
    assert told(replace(GOOD, settings={**GOOD_SETTINGS, option: "notice,warning"})) == {}


def test_free_pbx_has_its_own_files() -> None:
    """On FreePBX the line goes into the file that it leaves alone."""
    facts = replace(GOOD, freepbx=True, settings={**GOOD_SETTINGS, BIND: "0.0.0.0"})  # noqa: S104 - what is warned of
    assert told(facts)["bindaddr"].change.startswith("http_custom.conf")
    phone = replace(GOOD.phones[0], direct_media=True)
    change = told(replace(facts, phones=(phone, GOOD.phones[1])))["direct-media"].change
    assert change.startswith("pjsip.endpoint_custom_post.conf as [NUMBER](+), in each")


def test_encrypted_ari_may_be_reached() -> None:
    """ARI that listens everywhere is no fault when it is reached encrypted."""
    settings = {**GOOD_SETTINGS, BIND: "0.0.0.0", TLS: "yes"}  # noqa: S104 - what is judged
    assert told(replace(GOOD, url="https://pbx.example:8089", settings=settings)) == {}


def test_settings_that_cannot_be_seen() -> None:
    """What could not be looked at is said to be so, and not said to be fine."""
    codes = [finding.code for finding in diagnose(replace(GOOD, settings={})) if finding.code == "settings"]
    assert codes == ["settings"]
    assert told(replace(GOOD, settings={}))["settings"].level is Level.NOTE


@pytest.mark.parametrize("part", [SESSION, SEAT, TEST])
def test_a_missing_context(part: str) -> None:
    """A dialplan without a part of ours is an error that names the include."""
    finding = told(replace(GOOD, contexts={**GOOD.contexts, part: False}))["dialplan"]
    assert finding.level is Level.ERROR
    assert "#include extensions_supervise.conf" in finding.change


@pytest.mark.parametrize("part", NEWEST)
def test_an_older_dialplan(part: str) -> None:
    """A dialplan of an older version of ours lacks what keeps promises: it is to be copied again."""
    finding = told(replace(GOOD, contexts={**GOOD.contexts, part: False}))["dialplan-older"]
    assert finding.level is Level.ERROR
    assert part in finding.seen
    assert "copy it again" in finding.change


def test_nobody_can_dial() -> None:
    """A dialplan that no phone reaches our codes from is an error that names the line."""
    finding = told(replace(GOOD, contexts={**GOOD.contexts, "supervisors,*55": False}))["features"]
    assert "include => supervise-features" in finding.change


def test_whoever_need_not_prove_who_they_are() -> None:
    """An endpoint without auth that can dial our codes is an error; one that cannot is nobody's business."""
    open_to_all = Phone("door", context="supervisors")
    assert told(replace(GOOD, phones=(*GOOD.phones, open_to_all)))["no-auth"].level is Level.ERROR


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"dtmf_mode": "inband"}, "in-band"),
        ({"dtmf_mode": "auto"}, "perhaps-in-band"),
        ({"direct_media": True}, "direct-media"),
        ({"tells_connected": True}, "connected-line"),
    ],
)
def test_a_wrong_phone(wrong: dict[str, object], code: str) -> None:
    """What is wrong with a phone of the policy's is told, and with another one it is not."""
    ours = replace(GOOD.phones[0], **wrong)  # type: ignore[arg-type]  # each is a field of a phone
    others = replace(GOOD.phones[1], **wrong)  # type: ignore[arg-type]  # the same
    assert list(told(replace(GOOD, phones=(ours, GOOD.phones[1])))) == [code]
    assert told(replace(GOOD, phones=(GOOD.phones[0], others))) == {}


def test_many_phones_are_one_finding() -> None:
    """Hundreds of phones with the same mistake are told in one line."""
    phones = tuple(Phone(str(number), auth="x", direct_media=True) for number in range(300))
    found = told(replace(GOOD, phones=phones, wanted_phones=frozenset()))
    assert found["direct-media"].seen.startswith("0, 1, 10, 100, 101, 102, 103, 104 and 292 more")


def test_a_phone_that_is_not_there() -> None:
    """An endpoint that the policy names and Asterisk does not have is told, unless not all were looked at."""
    facts = replace(GOOD, wanted_phones=frozenset({"301", "310"}))
    assert "310" in told(facts)["unknown-phones"].seen
    assert "unknown-phones" not in told(replace(facts, phones_left_out=5))


@pytest.mark.parametrize("seconds", [3.0, -3.0])
def test_clocks(seconds: float) -> None:
    """Clocks that differ by seconds are told of."""
    assert "clock" in told(replace(GOOD, ahead_seconds=seconds))


def test_the_rest() -> None:
    """A user who may only read, refused events, a coarse timer, and no controller are each told."""
    assert told(replace(GOOD, may_write=False))["user"].change == "ari.conf, [supervise]: read_only = no"
    assert told(replace(GOOD, may_write=None))["user"].level is Level.WARNING
    assert told(replace(GOOD, events="403"))["events"].level is Level.ERROR
    coarse = {name: state for name, state in GOOD.modules.items() if TIMER not in name}
    assert told(replace(GOOD, modules=coarse))["timer"].level is Level.WARNING
    mute = {name: state for name, state in GOOD.modules.items() if HEADERS not in name}
    assert told(replace(GOOD, modules=mute))["auto-answer"].level is Level.WARNING
    unkept = {name: state for name, state in GOOD.modules.items() if MUSIC not in name}
    assert told(replace(GOOD, modules=unkept))["music"].change == "modules.conf: load = func_frame_drop.so"
    assert told(replace(GOOD, apps=frozenset()))["controller"].level is Level.NOTE


@pytest.mark.parametrize(
    ("version", "codes", "level"),
    [
        ("22.10.1", ["version"], Level.FINE),
        ("22.10.1+dfsg+~cs6.17.60671434-1", ["version", "debian-late-packets"], Level.NOTE),
        ("22.11.0", ["whisper-22.11"], Level.ERROR),
        ("22.10.0", ["read-only-writes", "variables-escape"], Level.WARNING),
        ("22.7.0", ["read-only-writes", "variables-escape", "snoop-states"], Level.WARNING),
        ("22.2.0", ["variables-escape", "snoop-states", "reused-bridges"], Level.WARNING),
        ("20.9.3", ["variables-escape", "snoop-states", "reused-bridges"], Level.WARNING),
        ("20.20.1", ["version"], Level.NOTE),
        ("20.21.0", ["whisper-22.11"], Level.ERROR),
        ("21.12.3", ["snoop-states"], Level.WARNING),
        ("certified/20.7-cert2", ["version"], Level.NOTE),
        ("certified/22.8-cert3", ["version"], Level.NOTE),
        ("23.0.0", ["read-only-writes", "variables-escape", "snoop-states"], Level.WARNING),
        ("23.4.1", ["version"], Level.NOTE),
        ("18.26.4", ["version"], Level.ERROR),
        ("GIT-master-abc", ["version"], Level.WARNING),
    ],
)
def test_versions(version: str, codes: list[str], level: Level) -> None:
    """Each version is told the faults that it is known to have, and no others."""
    findings = of_version(version)
    assert sorted(finding.code for finding in findings) == sorted(codes)
    assert worst(findings) is level


def test_a_version_is_read_in_numbers() -> None:
    """22.9 comes before 22.10, which it would not as text."""
    assert (parse("22.9.0") or ()) < (parse("22.10.1") or ())
