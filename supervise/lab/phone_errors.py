"""What can go wrong with the simulated phones and with measuring.

LabError
├── PhoneError            a simulated phone did not do what was asked of it
│   ├── PhoneStartError   baresip did not come up, or could not register
│   ├── PhoneGoneError    the phone was asked for something after it had ended
│   └── RefusedError      baresip answered a command with an error
├── WaitError             what was awaited, of a phone or in its ear, did not come in time
└── MeasuringError        a measurement cannot be made, or cannot be trusted
    ├── CaptureError      the process may not open a packet socket
    ├── PacketLossError   the kernel dropped captured packets before they were read
    ├── KeepError         more packets were kept than a sniffer may hold
    └── CodecError        audio arrived in a codec that the ear does not know
"""

from supervise.lab.errors import LabError


class PhoneError(LabError):
    """A simulated phone did not do what was asked of it."""


class PhoneStartError(PhoneError):
    """Baresip did not come up, or could not register; the message has its last words."""


class PhoneGoneError(PhoneError):
    """The phone has ended: it vanished, or its ``async with`` is over."""


class RefusedError(PhoneError):
    """Baresip answered a command with an error."""


class WaitError(LabError):
    """What was awaited did not come in time; the message says what came instead."""


class MeasuringError(LabError):
    """A measurement cannot be made, or cannot be trusted."""


class CaptureError(MeasuringError):
    """Capturing packets needs root, or the capability NET_RAW."""


class PacketLossError(MeasuringError):
    """The kernel dropped captured packets before they were read, so nothing measured from them can be trusted."""


class KeepError(MeasuringError):
    """More packets were kept than a sniffer may hold."""


class CodecError(MeasuringError):
    """Audio arrived in a codec that the ear does not know."""
