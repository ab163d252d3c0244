import pytest

from supervise.ari.voice import media

pytestmark = pytest.mark.unit


def test_digits_can_be_stopped() -> None:
    """Digits are sounds one after another, since what ARI's own scheme for them plays cannot be stopped by a key."""
    said = media(("menu-for", "digits:201", "sound:beep"))
    assert said[1:] == ["sound:digits/2", "sound:digits/0", "sound:digits/1", "sound:beep"]
