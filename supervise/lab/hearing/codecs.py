"""From RTP payloads to sound.

G.711 is decoded by table (ITU-T G.711), G.722 and Opus by FFmpeg through PyAV.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import av
import numpy as np
import numpy.typing as npt

from supervise.lab.phone_errors import CodecError
from supervise.lab.sound import Samples

Table = npt.NDArray[np.float32]


def _mu_law() -> Table:
    code = ~np.arange(256) & 0xFF
    magnitude = (((code & 0x0F) * 2 + 33) << ((code >> 4) & 7)) - 33
    return (np.where(code & 0x80, -magnitude, magnitude) * 4 / 32768).astype(np.float32)


def _a_law() -> Table:
    code = np.arange(256) ^ 0x55
    exponent = (code >> 4) & 7
    mantissa = (code & 0x0F) * 2 + 1
    magnitude = np.where(exponent == 0, mantissa, (mantissa + 32) << np.maximum(exponent - 1, 0))
    return (np.where(code & 0x80, magnitude, -magnitude) * 8 / 32768).astype(np.float32)


_TABLES: Final = {"PCMU": _mu_law(), "PCMA": _a_law()}

SILENT_BYTES: Final = {"PCMU": frozenset(b"\xff\x7f"), "PCMA": frozenset(b"\xd5\x55")}
"""The two codes of G.711 that mean nothing at all (+0 and -0; A-law has no nought, so its smallest step)."""

_RATES: Final = {"PCMU": 8000, "PCMA": 8000, "G722": 16000, "OPUS": 48000}
_FFMPEG: Final = {"G722": "g722", "OPUS": "opus"}


def rate(codec: str) -> int:
    """Samples per second of decoded sound (G.722's RTP clock of 8000 is a historical error, RFC 3551 4.5.2)."""
    try:
        return _RATES[codec.upper()]
    except KeyError:
        raise CodecError(f"no decoder for {codec}: the ear knows {', '.join(_RATES)}") from None


def is_silence(codec: str, payload: bytes) -> bool:
    """Whether a G.711 payload is digital silence, bit for bit; other codecs have no such thing."""
    return bool(payload) and frozenset(payload) <= SILENT_BYTES.get(codec.upper(), frozenset())


def decode(codec: str, payloads: Sequence[bytes]) -> list[Samples]:
    """The sound of each payload of one stream, in order.

    G.722 and Opus carry state from packet to packet: hand in a few packets before those that matter.
    """
    table = _TABLES.get(codec.upper())
    if table is not None:
        return [table[np.frombuffer(payload, np.uint8)] for payload in payloads]
    rate(codec)
    return list(_by_ffmpeg(codec.upper(), payloads))


def _by_ffmpeg(codec: str, payloads: Iterable[bytes]) -> Iterable[Samples]:
    context = av.CodecContext.create(_FFMPEG[codec], "r")
    if not isinstance(context, av.AudioCodecContext):
        raise CodecError(f"FFmpeg's {codec} decoder is not one for audio")
    context.sample_rate = _RATES[codec]
    context.layout = "mono"
    for payload in payloads:
        frames = context.decode(av.Packet(payload))
        yield np.concatenate([np.zeros(0, np.float32), *(_mono(frame) for frame in frames)])


def _mono(frame: av.AudioFrame) -> Samples:
    sound = frame.to_ndarray()
    whole = np.issubdtype(sound.dtype, np.integer)
    if sound.shape[0] > 1:
        sound = sound[:1]
    return (sound.reshape(-1) / (32768 if whole else 1)).astype(np.float32)
