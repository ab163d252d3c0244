"""Whether phones are there and their people want calls, folded from what Asterisk tells of devices.

A phone is the device ``PJSIP/<endpoint>``, unavailable where it cannot be reached (``chan_pjsip_devicestate`` in
``channels/chan_pjsip.c``).
Pauses and do-not-disturb are device states: ``Queue:<queue>_pause_<interface>`` is app_queue's own
(``queue_member_devstate`` in ``apps/app_queue.c``), ``Custom:DND<extension>`` and ``Custom:DEVDND<device>`` are what
FreePBX and most dialplans keep. A device that was never told of says nothing.
"""

from collections import defaultdict
from dataclasses import dataclass

MEMBERS = ("PJSIP/{endpoint}", "Local/{extension}@from-queue/n")
"""How people are members of queues: by their phones, and in FreePBX's way."""

_PAUSE = "_pause_"
_QUEUE, _DND, _DEVICE_DND = "Queue:", "Custom:DND", "Custom:DEVDND"
_PHONE = "PJSIP/"
_REACHED = {"UNAVAILABLE": "offline", "INVALID": "unknown", "UNKNOWN": "unknown"}
_OFF = frozenset({"", "NOT_INUSE", "UNKNOWN", "INVALID", "UNAVAILABLE"})


@dataclass(frozen=True, slots=True)
class Phones:
    """How the phones of one person are.

    Attributes:
        registered: one of them can be reached; None where nobody knows.
        paused: the queues that they take no calls from, in order.
        do_not_disturb: they want no calls at all.
    """

    registered: bool | None = None
    paused: tuple[str, ...] = ()
    do_not_disturb: bool = False


class PresenceBook:
    """The devices of one Asterisk."""

    def __init__(self) -> None:
        """Nothing is known."""
        self._online: dict[str, bool] = {}
        self._paused: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self._undisturbed: defaultdict[str, set[str]] = defaultdict(set)

    def clear(self) -> None:
        """Forget everything, before it is read again."""
        self._online.clear()
        self._paused.clear()
        self._undisturbed.clear()

    def see_endpoint(self, endpoint: str, state: str) -> bool:
        """A PJSIP endpoint is ``online``, ``offline`` or anything else; whether that is news."""
        before = self._online.get(endpoint)
        if state in ("online", "offline"):
            self._online[endpoint] = state == "online"
        else:
            self._online.pop(endpoint, None)
        return before is not self._online.get(endpoint)

    def see_device(self, device: str, state: str) -> str:
        """Take a device's state in; the endpoint or extension whose person it has news about, or nothing."""
        if device.startswith(_PHONE):
            phone = device.removeprefix(_PHONE)
            return phone if self.see_endpoint(phone, _REACHED.get(state, "online")) else ""
        on = state not in _OFF
        queue, pause, interface = device.removeprefix(_QUEUE).partition(_PAUSE)
        if device.startswith(_QUEUE) and pause:
            whose = interface.partition("/")[2].partition("@")[0].partition("/")[0]
            if on:
                self._paused[whose][device] = queue
            else:
                self._paused[whose].pop(device, None)
            return whose
        for prefix in (_DEVICE_DND, _DND):
            if device.startswith(prefix):
                whose = device.removeprefix(prefix)
                (self._undisturbed[whose].add if on else self._undisturbed[whose].discard)(device)
                return whose
        return ""

    def phones(self, endpoints: tuple[str, ...], extension: str) -> Phones:
        """How the phones of somebody with these endpoints and this extension are."""
        online = {self._online[endpoint] for endpoint in endpoints if endpoint in self._online}
        names = {*endpoints, extension} - {""}
        paused = set[str]().union(*(self._paused[name].values() for name in names if name in self._paused))
        return Phones(
            registered=any(online) if online else None,
            paused=tuple(sorted(paused)),
            do_not_disturb=any(self._undisturbed.get(name) for name in names),
        )


def devices_of(
    endpoints: tuple[str, ...], extension: str, queues: frozenset[str], members: tuple[str, ...] = MEMBERS
) -> list[str]:
    """The devices that say whether somebody is there and wants calls, to be told of by name.

    `members` are the interfaces by which they may be in the queues, with ``{endpoint}`` or ``{extension}`` in them.
    """
    names = sorted({*endpoints, extension} - {""})
    marks = [prefix + name for name in names for prefix in (_DND, _DEVICE_DND)]
    interfaces = {
        member.format(endpoint=phone, extension=extension)
        for member in members
        for phone in endpoints
        if extension or "{extension}" not in member
    }
    marks += [f"{_PHONE}{phone}" for phone in endpoints]
    return marks + [f"{_QUEUE}{queue}{_PAUSE}{each}" for queue in sorted(queues) for each in sorted(interfaces)]
