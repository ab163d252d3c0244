"""What all tests share."""

from hypothesis import HealthCheck, Phase, settings

# A failing story is shown as it was found: shrinking forty steps takes minutes and seldom makes it clearer.
settings.register_profile(
    "stories",
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=(HealthCheck.too_slow,),
)
settings.load_profile("stories")
