"""Who can be reached and who wants calls, from a fake Asterisk's endpoints and devices to the board."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.whole_board import WholeBoard

pytestmark = pytest.mark.unit


async def test_endpoints_and_devices_are_read_at_the_start_and_followed(tmp_path: Path) -> None:
    """What stood before us is asked for by name; what changes is told by events."""
    at = WholeBoard(tmp_path)
    at.asterisk.switch.device_states["Custom:DND301"] = "INUSE"
    async with at, (await at.browser("hilda")).live() as socket:

        def stands(why: str) -> Any:
            return lambda message: any(row["id"] == "hilda" and row["why"] == why for row in _rows(message))

        snapshot = await socket.until("snapshot")
        if not stands("do-not-disturb")(snapshot):
            await socket.until("rows", stands("do-not-disturb"))
        switch = at.asterisk.switch
        switch.event("DeviceStateChanged", device_state={"name": "Custom:DND301", "state": "NOT_INUSE"})
        await socket.until("rows", stands(""))
        endpoint = {"technology": "PJSIP", "resource": "301", "state": "offline", "channel_ids": []}
        contact = {"uri": "sip:301@127.0.0.1", "contact_status": "Removed", "aor": "301"}
        switch.event("ContactStatusChange", endpoint=endpoint, contact_info=contact)
        await socket.until("rows", stands("not-registered"))


def _rows(message: dict[str, Any]) -> list[dict[str, Any]]:
    return list(message["rows"] if message["type"] == "snapshot" else message["set"])
