"""What all tests share."""

import sys
from collections.abc import Iterable

import pytest
import structlog
from hypothesis import HealthCheck, Phase, settings

# As the program does: what is logged is not what is printed.
structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=sys.stderr))

# A failing story is shown as it was found: shrinking forty steps takes minutes and seldom makes it clearer.
settings.register_profile(
    "stories",
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=(HealthCheck.too_slow,),
)
settings.load_profile("stories")

PLACES = {
    "telephony": ("tests/telephony", "tests/lab"),
    "steady": ("tests/telephony", "tests/lab"),
    "browser": ("tests/browser",),
}
"""Where the Makefile looks for the tests of a kind."""


def pytest_collection_modifyitems(config: pytest.Config, items: Iterable[pytest.Item]) -> None:
    """A test where `make` does not look for it would never run: that is an error."""
    for item in items:
        for marker in PLACES.keys() & {mark.name for mark in item.iter_markers()}:
            if not any(item.path.is_relative_to(config.rootpath / place) for place in PLACES[marker]):
                raise pytest.UsageError(f"{item.nodeid}: tests marked {marker} belong into {PLACES[marker]}")
