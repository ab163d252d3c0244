"""The client's bounds, with values that suit one site's network."""

from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Tuning:
    """Bounds in time and size.

    Attributes:
        request_seconds: for a request's answer, waiting for a free connection included.
        list_seconds: the same for the lists of all channels, bridges, endpoints.
        connect_seconds: for the websocket's handshake.
        heartbeat_seconds: quiet after which the websocket is pinged; without any sign for half of it again, the
            peer is silent: 2 finds one within 3 s.
        queue: events waiting for the consumer; one more, and the connection is given up and everything read again.
        message_bytes: the largest websocket message.
        answer_bytes: the largest answer.
        list_bytes: the largest list; a channel takes about half a kB, a device that we are told of 50 bytes.
        connections: kept to Asterisk at once; its own default bound for all clients is 100 (``sessionlimit``).
        idle_seconds: how long an idle connection is kept; shorter than Asterisk's ``session_keep_alive`` of 15 s, so
            that it does not hang up just as a request is sent.
        first_delay: the longest wait before the second attempt to connect; it doubles each time.
        longest_delay: the longest wait between two attempts: a session bears only seconds of blindness.
        stable_seconds: a connection that lasted this long was a good one: the next attempt is made at once.
    """

    request_seconds: float = 1.0
    list_seconds: float = 10.0
    connect_seconds: float = 2.0
    heartbeat_seconds: float = 2.0
    queue: int = 50_000
    message_bytes: int = MEBIBYTE
    answer_bytes: int = MEBIBYTE
    list_bytes: int = 64 * MEBIBYTE
    connections: int = 64
    idle_seconds: float = 10.0
    first_delay: float = 0.2
    longest_delay: float = 1.0
    stable_seconds: float = 5.0
