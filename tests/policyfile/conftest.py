"""What the tests of the policy's file share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from supervise.policyfile.errors import PolicyFileError, Problem
from supervise.policyfile.load import load


@pytest.fixture
def problems_of(tmp_path: Path) -> Callable[[str | bytes], list[Problem]]:
    """Give all that is wrong with a text; nothing where it is right."""

    def found(text: str | bytes) -> list[Problem]:
        file = tmp_path / "policy.yaml"
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        try:
            load(file)
        except PolicyFileError as error:
            return list(error.problems)
        return []

    return found
