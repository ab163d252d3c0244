"""What can go wrong in the lab.

LabError
├── MissingError          a program that the lab needs is not installed and cannot be installed from here
├── CommandError          a program of the machine failed, or took longer than it may
├── RootError             the private root file system could not be made
├── NoAsteriskError       none of the ways to run an Asterisk works here
├── ConfigurationError    an account or a value cannot stand in Asterisk's configuration
├── AsteriskError         the private Asterisk did not start, died, or did not answer
└── ControllerError       the controller did not start, or did not log what was waited for
"""

from collections.abc import Sequence


class LabError(Exception):
    """The lab cannot do what it was asked for; the message says what to do."""


class MissingError(LabError):
    """Programs are missing; the message has the command that installs them."""


class CommandError(LabError):
    """A program of this machine failed.

    Attributes:
        output: the end of what it printed.
    """

    def __init__(self, command: Sequence[str], problem: str, output: str) -> None:
        super().__init__(f"{' '.join(command)}: {problem}\n{output}".rstrip())
        self.output = output


class RootError(LabError):
    """The private root file system could not be made."""


class NoAsteriskError(LabError):
    """No Asterisk can be run here; the message lists each way and why it does not work."""


class ConfigurationError(LabError):
    """A value cannot be written into Asterisk's configuration."""


class AsteriskError(LabError):
    """The private Asterisk did not start, died, or did not answer; the message ends with its last log lines."""


class ControllerError(LabError):
    """The controller did not do what it should; the message has the end of its log."""
