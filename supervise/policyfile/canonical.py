"""The policy's hash: the same for two texts exactly when they say the same."""

import hashlib
import json
from typing import Any

from supervise.policyfile.schema.policy import PolicyPart

_IN_ORDER = frozenset({"endpoint"})
"""Lists in which the order means something."""


def digest(policy: PolicyPart) -> str:
    """The sha256 of what a policy says, in hexadecimal: comments, order and ways of writing make no difference."""
    content = policy.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return hashlib.sha256(_text(_sorted(content)).encode()).hexdigest()


def _sorted(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _sorted(item, name) for name, item in value.items()}
    if not isinstance(value, list):
        return value
    if key in _IN_ORDER:
        return value
    if all(isinstance(item, str) for item in value):
        return sorted(set(value))  # nearly every list is one of names, and there are ten thousand
    items = {_text(item): item for item in map(_sorted, value)}
    return [items[text] for text in sorted(items)]


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
