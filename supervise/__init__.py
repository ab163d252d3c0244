"""Call supervision for Asterisk: monitor, coach and barge under a policy."""

__version__ = "0.1.0"
