"""The JSON Schema of the policy, by which editors complete, explain and check it while it is written."""

import json
from typing import Any

from supervise.policyfile.schema.policy import PolicyPart


def json_schema() -> str:
    """The schema as text, always the same for the same model."""
    schema: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema |= PolicyPart.model_json_schema(by_alias=True)
    schema["title"] = "The policy of supervise"
    for part in (schema, *schema["$defs"].values()):
        _admit_nothing(part, schema["$defs"])
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _admit_nothing(part: dict[str, Any], parts: dict[str, Any]) -> None:
    """Let nothing stand after each key that may be left out, as the language does."""
    properties = part.get("properties", {})
    for name in properties.keys() - set(part.get("required", ())):
        properties[name] = _or_nothing(properties[name])
        for key, entry in (entries := properties[name].get("patternProperties", {})).items():
            if "required" not in parts.get(entry.get("$ref", "").rpartition("/")[2], {"required": []}):
                entries[key] = _or_nothing(entry)


def _or_nothing(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema that admits null as well; what an editor shows beside it stays."""
    if schema.get("type") in ("object", "array"):
        return schema | {"type": [schema["type"], "null"]}
    kinds = schema.get("anyOf", [{key: value for key, value in schema.items() if key not in _SHOWN}])
    if {"type": "null"} in kinds:
        return schema
    return {key: value for key, value in schema.items() if key in _SHOWN} | {"anyOf": [*kinds, {"type": "null"}]}


_SHOWN = frozenset({"title", "description", "default"})
