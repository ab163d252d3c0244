"""Who hears whom in every stance, on real phones, by the sound that arrived at them."""

import pytest

from supervise.lab.callcentre import CallCentre
from tests.support.supervising import STANCES, Stance, scene

pytestmark = pytest.mark.telephony


@pytest.mark.parametrize("stance", STANCES, ids=str)
async def test_matrix(centre: CallCentre, stance: Stance) -> None:
    """In each stance exactly the right people hear the supervisor, who hears both; the call hears itself as always."""
    at = await scene(centre)
    await at.take(stance)
    await at.expect(stance)
