"""What baresip reads at its start, and how its accounts are written.

Facts of Debian's baresip 1.0.0 (read in its source, or found by running it):
* `net_interface` also takes an address, though the manual says interface; a loopback one must be given so, as baresip
  skips loopback when it looks by name, and would then offer the machine's outer address in its SDP.
* SIP over TLS is opened one port above the configured one.
* An audio file that ends hangs up the call, and is read into memory whole at the start of every call.
* The path of an audio file may have no more than 127 characters.
* By itself it asks for stereo in opus (`stereo=1`). Debian's codec_opus_open_source (13.7) then takes mono for stereo
  wherever Asterisk encodes: an agent who is coached hears everything at twice the pitch. Telephones do not ask for it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from supervise.lab.wire.rtp import Address
from supervise.lab.wire.sniffer import RTP_PORTS

MODULES: Final = Path("/usr/lib/baresip/modules")

_CODEC_MODULES: Final = {"PCMU": "g711", "PCMA": "g711", "G722": "g722", "OPUS": "opus"}
_RATES: Final = {"PCMU": 8000, "PCMA": 8000, "G722": 16000, "OPUS": 16000}


@dataclass(frozen=True, slots=True)
class Ports:
    """Where a phone listens."""

    host: str
    """The one address that it uses."""
    sip: int
    control: int
    rtp: range = RTP_PORTS


def source_rate(codecs: tuple[str, ...]) -> int:
    """Samples per second of the recording that a phone speaks: the rate of the codec it likes best."""
    return _RATES[codecs[0].upper()]


def config(ports: Ports, codecs: tuple[str, ...], recording: Path, authority: Path | None = None) -> str:
    """The file `config` of one phone; its player is a bridge to nowhere, for what it hears is taken off the wire.

    With an `authority`, the certificate by which it knows a registrar over TLS, it can seal its sound.
    """
    modules = [*dict.fromkeys(_CODEC_MODULES[codec.upper()] for codec in codecs), "aufile", "aubridge"]
    modules += ["srtp"] if authority else []
    rate = source_rate(codecs)
    lines = {
        "sip_listen": f"{ports.host}:{ports.sip}",
        "net_interface": ports.host,
        "ctrl_tcp_listen": f"{ports.host}:{ports.control}",
        "call_max_calls": "8",
        "audio_source": f"aufile,{recording}",
        "audio_player": "aubridge,ear",
        "audio_alert": "aubridge,bell",
        "ausrc_srate": str(rate),
        "ausrc_channels": "1",
        "audio_buffer": "20-160",
        "rtp_ports": f"{ports.rtp.start}-{ports.rtp.stop - 1}",
        "module_path": str(MODULES),
        "opus_stereo": "no",
        "opus_sprop_stereo": "no",
        "menu_bell": "no",
        "ringback_disabled": "yes",
        "statmode_default": "off",
    }
    if authority:
        lines["sip_cafile"] = str(authority)
    text = [f"{name}\t{value}" for name, value in lines.items()]
    text += [f"module\t{name}.so" for name in modules]
    text += [f"module_app\t{name}.so" for name in ("menu", "ctrl_tcp")]
    return "\n".join(text) + "\n"


@dataclass(frozen=True, slots=True)
class Account:
    """The SIP account of a phone."""

    user: str
    secret: str
    registrar: Address | None
    """None: no registration; the phone dials ``sip:user@host:port``."""
    codecs: tuple[str, ...]
    answers: bool
    secure: bool = False
    """SIP over TLS, and no sound but SRTP."""

    def line(self, ports: Ports) -> str:
        """The account as baresip's command ``uanew`` takes it."""
        host, port = self.registrar or (ports.host, ports.sip)
        parts = {
            "regint": "300" if self.registrar else "0",
            "auth_user": self.user,
            "auth_pass": self.secret,
            "answermode": "auto" if self.answers else "manual",
            "audio_codecs": ",".join(self.codecs),
        }
        if self.secure:
            parts |= {"mediaenc": "srtp-mand", "outbound": f'"sip:{host}:{port};transport=tls"'}
        given = ";".join(f"{name}={value}" for name, value in parts.items() if value)
        tls = ";transport=tls" if self.secure else ""
        return f"<sip:{self.user}@{host}:{port}{tls}>;{given}"
