"""A private Asterisk, however one can be run here."""

from supervise.lab.asterisk.accounts import Account
from supervise.lab.asterisk.finding import find_asterisk
from supervise.lab.asterisk.server import Asterisk
from supervise.lab.asterisk.ways import Way

__all__ = ["Account", "Asterisk", "Way", "find_asterisk"]
