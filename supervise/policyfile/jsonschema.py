"""The JSON Schema of the policy, by which editors complete, explain and check it while it is written."""

import json
from typing import Any

from supervise.policyfile.schema import PolicyPart


def json_schema() -> str:
    """The schema as text, always the same for the same model."""
    schema: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema |= PolicyPart.model_json_schema(by_alias=True)
    schema["title"] = "The policy of supervise"
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
