"""What all tests share."""

import sys

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
