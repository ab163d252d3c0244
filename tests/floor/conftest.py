from collections.abc import Iterator
from unittest.mock import patch

import pytest

from supervise.ari import persist


@pytest.fixture(autouse=True)
def _tries_again_soon() -> Iterator[None]:
    """What fails is tried again sooner than in a real house; for all centres of a test, since several live at once."""
    with patch.object(persist, "RETRY_SECONDS", (0.005, 0.01, 0.02, 0.04)):
        yield
