"""What the journal writes about itself: the reasons of its `Deed.JOURNAL` records."""

TORN = "torn-tail"
"""Promised records are missing here, after a power loss or by somebody's hand: ``first`` to ``last``."""
RETIRED = "retired"
"""Retention has taken a segment; the details say which."""
RETIREMENT = ("first", "last", "base", "seal")
"""The details of a retirement: the segment's ends, the seal that it followed, and the seal that it ended with."""
WITHDRAWN = "withdrawn"
"""The record named by ``withdrawn`` came too late for its caller: what it announces was not done."""
