"""From facts to findings: pure, so that every wrong configuration can be tried without an Asterisk."""

from collections.abc import Iterator
from typing import Final

from supervise.checkup import faults
from supervise.checkup.facts import Facts, Reach
from supervise.checkup.findings import Finding, Level, file_for
from supervise.checkup.lines import of_lines
from supervise.checkup.phones import of_phones

MODULES: Final = (
    *("chan_pjsip", "res_ari_channels", "res_ari_bridges", "res_ari_events", "res_ari_applications"),
    *("res_ari_endpoints", "res_ari_playbacks", "res_ari_asterisk", "res_stasis_snoop", "app_stasis"),
    *("app_bridgeaddchan", "app_softhangup", "func_timeout", "func_cdr", "func_channel", "func_export"),
    "func_holdintercept",
)
"""Without one of these supervision does not work."""

TIMER: Final = "res_timing_timerfd"
HEADERS: Final = "res_pjsip_header_funcs"
"""With it a phone that the board rings is asked to answer by itself."""

MUSIC: Final = "func_frame_drop"
"""With it the music of a hold goes on when somebody begins to listen."""

SESSION, SEAT, TEST = "supervise-session,s", "supervise-seat,seat", "supervise-selftest,customer"
NEWEST: Final = ("supervise-seat,gone", "supervise-music,keep", "supervise-enter,s", "supervise-agent,called")
"""What came to our dialplan last; one without it was copied for an older controller."""

DIALLED: Final = "*55"
FREEPBX: Final = "from-internal-additional"

MOST_AHEAD: Final = 2.0
"""Seconds by which two clocks may differ: the journal and the events would be told in another order."""


def diagnose(facts: Facts) -> tuple[Finding, ...]:
    """Everything that is to be said about one Asterisk, the worst first."""
    found = tuple(_reach(facts)) if facts.reach is not Reach.FINE else tuple(_all(facts))
    order = list(Level)
    return tuple(sorted(found, key=lambda finding: order.index(finding.level)))


def _all(facts: Facts) -> Iterator[Finding]:
    yield Finding("reach", Level.FINE, f"ARI answers at {facts.url} and accepts the user {facts.user}")
    yield from faults.of_version(facts.version)
    for part in (_user, _events, _clock, _modules, _settings, _dialplan, of_phones, _controller):
        yield from part(facts)


def _reach(facts: Facts) -> Iterator[Finding]:
    words, change = _NOT_REACHED[facts.reach]
    said = f" ({facts.detail})" if facts.detail else ""
    yield Finding("reach", Level.ERROR, f"{words.format(facts=facts)}{said}", change.format(facts=facts))


_NOT_REACHED: Final = {
    Reach.NOBODY: (
        "nobody answers at {facts.url}",
        (
            "http.conf, [general]: enabled = yes, bindaddr and bindport as in the `url` of the node in supervise.toml; "
            "then: asterisk -rx 'module reload http'"
        ),
    ),
    Reach.SLOW: (
        "{facts.url} takes the connection and does not answer",
        "look whether Asterisk hangs (asterisk -rx 'core show channels count') or a proxy stands in between",
    ),
    Reach.STRANGER: (
        "what answers at {facts.url} is not Asterisk's ARI",
        "supervise.toml, [[node]]: url = the address that `asterisk -rx 'http show status'` tells, without /ari",
    ),
    Reach.NO_ARI: (
        "Asterisk's HTTP server answers at {facts.url}, without ARI",
        (
            "ari.conf, [general]: enabled = yes; modules.conf: load = res_ari.so; "
            "if http.conf has a prefix, it belongs into the `url` of the node"
        ),
    ),
    Reach.REFUSED: (
        "ARI does not accept the user {facts.user} with this password",
        (
            "ari_supervise_password.conf: password = what SUPERVISE_ARI_PASSWORD_{facts.node} says; "
            "ari.conf must include ari_supervise.conf at its end; then: asterisk -rx 'module reload res_ari.so'"
        ),
    ),
}


def _user(facts: Facts) -> Iterator[Finding]:
    if facts.may_write is False:
        change = f"{_file(facts, 'ari.conf')}, [{facts.user}]: read_only = no"
        yield Finding("user", Level.ERROR, f"the ARI user {facts.user} may only read", change)
    elif facts.may_write is None:
        yield Finding("user", Level.WARNING, f"it could not be found out whether the user {facts.user} may write")


def _events(facts: Facts) -> Iterator[Finding]:
    if facts.events:
        change = "modules.conf: load = res_http_websocket.so and res_ari_events.so; a proxy must pass websockets on"
        yield Finding("events", Level.ERROR, f"no events: the websocket was refused ({facts.events})", change)
    else:
        yield Finding("events", Level.FINE, "events come over the websocket")


def _clock(facts: Facts) -> Iterator[Finding]:
    ahead = facts.ahead_seconds
    if abs(ahead) > MOST_AHEAD:
        words = f"its clock is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} ours"
        yield Finding("clock", Level.WARNING, words, "keep both machines' time with chrony or systemd-timesyncd")
    else:
        yield Finding("clock", Level.FINE, "its clock and ours agree")


def _modules(facts: Facts) -> Iterator[Finding]:
    running = {name.removesuffix(".so") for name, state in facts.modules.items() if state == "Running"}
    if not facts.modules:
        yield Finding(
            "modules", Level.WARNING, "it does not tell which modules run", "modules.conf: load = res_ari_asterisk.so"
        )
        return
    for name in MODULES:
        if name not in running:
            change = f"modules.conf: load = {name}.so; then: asterisk -rx 'module load {name}.so'"
            yield Finding(f"module-{name}", Level.ERROR, f"the module {name} does not run", change)
    if running.issuperset(MODULES):
        yield Finding("modules", Level.FINE, "all modules that supervision needs run")
    if HEADERS not in running:
        says = f"phones that the board rings are not asked to answer by themselves without {HEADERS}"
        yield Finding("auto-answer", Level.WARNING, says, f"modules.conf: load = {HEADERS}.so")
    if MUSIC not in running:
        says = f"without {MUSIC} who is on hold hears no more music when somebody begins to listen"
        yield Finding("music", Level.WARNING, says, f"modules.conf: load = {MUSIC}.so")
    if TIMER not in running:
        change = f"modules.conf: load = {TIMER}.so, and noload = the other res_timing modules"
        yield Finding("timer", Level.WARNING, f"sound is not timed by {TIMER}, which is the finest", change)


def _settings(facts: Facts) -> Iterator[Finding]:
    if not facts.settings:
        yield Finding(
            "settings",
            Level.NOTE,
            "its configuration files cannot be looked at from here",
            "modules.conf: load = func_config.so; then ask again",
        )
        return
    wrong = tuple(of_lines(facts))
    yield from wrong
    if not wrong:
        yield Finding("settings", Level.FINE, "its configuration is as it should be, as far as it was looked at")


def _dialplan(facts: Facts) -> Iterator[Finding]:
    file = _file(facts, "extensions.conf")
    for part, what in ((SESSION, "a supervisor's call"), (SEAT, "barge"), (TEST, "the self-test")):
        if facts.contexts.get(part) is False:
            context = part.partition(",")[0]
            change = f"{file}, at its end: #include extensions_supervise.conf; then: asterisk -rx 'dialplan reload'"
            yield Finding("dialplan", Level.ERROR, f"the dialplan has no [{context}], which {what} needs", change)
    older = [part for part in NEWEST if facts.contexts.get(part) is False]
    if older and facts.contexts.get(SEAT):
        says = f"extensions_supervise.conf is older than this program: it has no {' and no '.join(older)}"
        change = "copy it again, as of this version; then: asterisk -rx 'dialplan reload'"
        yield Finding("dialplan-older", Level.ERROR, says, change)
    reaching = [part for part, there in facts.contexts.items() if there and part.endswith(f",{DIALLED}")]
    asked = [part for part in facts.contexts if part.endswith(f",{DIALLED}")]
    if asked and not reaching:
        contexts = ", ".join(sorted(part.partition(",")[0] for part in asked)[:5])
        change = f"{file}, in the context that your supervisors dial from: include => supervise-features"
        yield Finding("features", Level.ERROR, f"no phone can dial {DIALLED}: {contexts} do not include it", change)
    elif reaching and facts.contexts.get(SESSION) and facts.contexts.get(SEAT):
        names = ", ".join(sorted(part.partition(",")[0] for part in reaching)[:5])
        yield Finding("dialplan", Level.FINE, f"the dialplan is there; {DIALLED} can be dialled from {names}")


def _controller(facts: Facts) -> Iterator[Finding]:
    if facts.app not in facts.apps:
        yield Finding("controller", Level.NOTE, f"no controller is connected as {facts.app}", "start: supervise serve")
    else:
        yield Finding("controller", Level.FINE, f"a controller is connected as {facts.app}")


def _file(facts: Facts, name: str) -> str:
    return file_for(name, freepbx=facts.freepbx)
