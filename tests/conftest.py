"""What all tests share."""

import gc
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

NOT_UNIT = ("tests/telephony", "tests/browser")
"""Where it does not look for those that need neither."""


def pytest_collection_finish() -> None:
    """What the tests are made of stays until the end: the collector need not walk over it again and again."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The long ones first; and a test where `make` does not look for it would never run: that is an error."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
    for item in items:
        markers = {mark.name for mark in item.iter_markers()}
        for marker in PLACES.keys() & markers:
            if not _is_in(item, config, PLACES[marker]):
                raise pytest.UsageError(f"{item.nodeid}: tests marked {marker} belong into {PLACES[marker]}")
        if markers & {"unit", "postgres"} and _is_in(item, config, NOT_UNIT):
            raise pytest.UsageError(f"{item.nodeid}: tests without a telephone or a browser belong elsewhere")


def _is_in(item: pytest.Item, config: pytest.Config, places: Iterable[str]) -> bool:
    return any(item.path.is_relative_to(config.rootpath / place) for place in places)
