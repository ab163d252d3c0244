"""What the parts of the policy's language are made of."""

from typing import Annotated, Any, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    WithJsonSchema,
    model_validator,
)

from supervise.policyfile.pins import hash_problem
from supervise.policyfile.words import (
    Name,
    Some,
    wrong,
)


class Part(BaseModel):
    """What all parts of the policy have in common."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, populate_by_name=False)

    @model_validator(mode="before")
    @classmethod
    def _leave_out_the_unsaid(cls, value: Any) -> Any:
        """A part without those of its keys after which nothing stands."""
        if value is None:
            return {}
        if not isinstance(value, dict) or None not in value.values():
            return value
        keys = {field.alias or name for name, field in cls.model_fields.items()}
        return {key: item for key, item in value.items() if item is not None or key not in keys}


def _hash(text: str) -> str:
    problem = hash_problem(text)
    if problem:
        raise wrong(problem)
    return text


Hash = Annotated[
    str, AfterValidator(_hash), WithJsonSchema({"type": "string", "pattern": r"^\$argon2id\$", "maxLength": 300})
]

Names: TypeAlias = Some[Name]
