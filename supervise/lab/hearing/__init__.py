"""Who heard whom, measured from the RTP that arrived at each phone."""

from supervise.lab.hearing.hearing import Hearing, Listener

__all__ = ["Hearing", "Listener"]
