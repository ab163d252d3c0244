"""The floor: every supervisor's line, each with one task and one queue. All concurrency of the product is here."""

from supervise.floor.floor import Floor

__all__ = ["Floor"]
