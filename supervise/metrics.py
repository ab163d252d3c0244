"""Figures for Prometheus, and whether the controller lives and is ready.

What can be counted from the journal's records is counted there, by `Counting`, so that no other part has to think of
it; the rest is told by whoever sees it happen.
"""

from collections.abc import Callable
from datetime import datetime

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from supervise.domain.ports import Journal
from supervise.domain.records import Deed, Record
from supervise.domain.rights.decisions import Refusal
from supervise.domain.sessions.session import Ending
from supervise.domain.words import Mode
from supervise.history.journal import HistoryJournal
from supervise.history.telling.dispatch import Dispatcher

# Anything else would let whoever makes up reasons make up time series without end.
_REASONS = frozenset(Refusal) | frozenset(Ending)
_LATENCIES = (0.02, 0.04, 0.06, 0.08, 0.12, 0.2, 0.4, 0.8, 1.6, 3.2)


class Metrics:
    """All figures of one controller.

    Attributes:
        refusals: refused attempts, by reason.
        deeds: records, by deed.
        joining: seconds from the last that a supervisor did for a session to its first sound.
        switching: seconds from a key or click to the sound that it asked for, by the mode.
        orphans: channels and bridges of ours that were found without a session and taken down.
        leases: sessions that ended while nobody could renew their lease.
        reconnects: times that a node was found again, by node.
    """

    def __init__(self) -> None:
        """Everything is zero."""
        self.registry = here = CollectorRegistry()
        self._modes: dict[str, Mode] = {}
        self.refusals = Counter("supervise_refusals", "Refused attempts.", ["reason"], registry=here)
        self.deeds = Counter("supervise_records", "Records written to the journal.", ["deed"], registry=here)
        self.joining = Histogram("supervise_join_seconds", "Asked for to heard.", buckets=_LATENCIES, registry=here)
        self.switching = Histogram(
            "supervise_switch_seconds", "Asked to heard, by the new mode.", ["mode"], buckets=_LATENCIES, registry=here
        )
        self.orphans = Counter("supervise_orphans", "Channels and bridges of ours without a session.", registry=here)
        self.leases = Counter("supervise_lease_expiries", "Sessions that their lease has ended.", registry=here)
        self.reconnects = Counter(
            "supervise_reconnects", "Connections to Asterisk made again.", ["node"], registry=here
        )
        self._undelivered = Gauge(
            "supervise_webhook_waiting", "Records that a receiver has not taken yet.", ["hook"], registry=here
        )
        sessions = Gauge("supervise_sessions", "Sessions that go on, by mode.", ["mode"], registry=here)
        for mode in Mode:
            sessions.labels(mode.value).set_function(self._count_of(mode))

    # --- what the floor tells (`supervise.domain.ports.Figures`)

    def joined(self, seconds: float) -> None:
        """A session has begun."""
        self.joining.observe(seconds)

    def switched(self, mode: Mode, seconds: float) -> None:
        """A session stands as its supervisor wished it to."""
        self.switching.labels(mode.value).observe(seconds)

    def orphaned(self) -> None:
        """Something of ours was found without a session."""
        self.orphans.inc()

    def lapsed(self) -> None:
        """A session has ended since nobody renewed its lease."""
        self.leases.inc()

    def reconnected(self, node: str) -> None:
        """A node was found again."""
        self.reconnects.labels(node).inc()

    # --- what is looked at

    def watch(self, journal: HistoryJournal) -> None:
        """Show how the journal is."""
        lag = Gauge(
            "supervise_journal_lag_seconds", "Age of the oldest record not yet durable.", registry=self.registry
        )
        lag.set_function(lambda: journal.lag)
        healthy = Gauge("supervise_journal_healthy", "1 while the journal can be written.", registry=self.registry)
        healthy.set_function(lambda: float(journal.healthy))

    def watch_policy(self, healthy: Callable[[], bool]) -> None:
        """Show whether the policy in force is what stands in the file."""
        gauge = Gauge(
            "supervise_policy_healthy", "1 while the policy's file is the one in force.", registry=self.registry
        )
        gauge.set_function(lambda: float(healthy()))

    def watch_hook(self, name: str, dispatcher: Dispatcher) -> None:
        """Show how many records a webhook's receiver has not taken yet."""
        self._undelivered.labels(name).set_function(lambda: dispatcher.waiting)

    def count(self, record: Record) -> None:
        """Count what a record says."""
        self.deeds.labels(record.deed.value).inc()
        if record.deed is Deed.REFUSED:
            self.refusals.labels(record.reason if record.reason in _REASONS else "other").inc()
        elif record.deed is Deed.CLOSED:
            self._modes.pop(record.session, None)
        elif record.mode is not None and (record.deed is Deed.OPENED or record.session in self._modes):
            self._modes[record.session] = record.mode

    def _count_of(self, mode: Mode) -> Callable[[], float]:
        return lambda: float(sum(each is mode for each in self._modes.values()))


class Counting:
    """A journal that also counts; to be put between the floor and the journal."""

    def __init__(self, journal: Journal, metrics: Metrics) -> None:
        """Count in `metrics` what goes to `journal`."""
        self._journal = journal
        self._metrics = metrics

    async def write(self, record: Record) -> None:
        """As `Journal.write`; what was not recorded is not counted, but an end is an end."""
        try:
            await self._journal.write(record)
        finally:
            if record.deed is Deed.CLOSED:
                self._metrics.count(record)
        if record.deed is not Deed.CLOSED:
            self._metrics.count(record)

    def note(self, record: Record) -> None:
        """As `Journal.note`."""
        self._metrics.count(record)
        self._journal.note(record)

    async def sessions(self, *, since: datetime, agent: str) -> int:
        """As `Journal.sessions`."""
        return await self._journal.sessions(since=since, agent=agent)


Reasons = Callable[[], list[str]]


def health_routes(metrics: Metrics, unready: Reasons, alarms: Reasons) -> list[web.RouteDef]:
    """``/metrics``, ``/healthz`` (the event loop turns) and ``/readyz`` (new sessions are possible, or why not).

    Args:
        metrics: the figures.
        unready: what keeps new sessions from being possible; empty for nothing.
        alarms: what somebody has to look at all the same.
    """

    async def figures(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def alive(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def ready(_: web.Request) -> web.Response:
        reasons = unready()
        lines = [*(reasons or ["ok"]), *(f"alarm: {alarm}" for alarm in alarms())]
        return web.Response(status=503 if reasons else 200, text="\n".join(lines) + "\n")

    return [web.get("/metrics", figures), web.get("/healthz", alive), web.get("/readyz", ready)]
