"""Other files in the policy's kind of YAML: each with a schema of its own, and errors at their line and column."""

from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from supervise.policyfile.errors import PolicyFileError, Problem
from supervise.policyfile.load import DEFAULT_LIMITS, read_files
from supervise.policyfile.nodes import Map, Reader, ReadLimits
from supervise.policyfile.problems import Source, details_of, schema_problems
from supervise.policyfile.reading import text_of
from supervise.policyfile.schema.base import Part

P = TypeVar("P", bound=Part)


def read_part(path: Path, model: type[P], shape: str, limits: ReadLimits = DEFAULT_LIMITS) -> tuple[P, Source]:
    """Read one file, and keep the way back to its lines; `shape` says what it should be as a whole.

    Raises:
        PolicyFileError: it cannot be used; all that is wrong is in it.
    """
    reader = Reader(limits)
    ((name, content),) = read_files(path, limits)
    text, problems = text_of(name, content)
    root = Map() if problems else reader.read(name, text)
    problems += reader.problems
    if not isinstance(root, Map):
        problems.append(Problem(name, 1, 1, "", shape))
    if problems or not isinstance(root, Map):
        raise PolicyFileError(tuple(problems))
    source = Source(reader.files, root, model)
    try:
        return model.model_validate(root), source
    except ValidationError as error:
        raise PolicyFileError(tuple(schema_problems(details_of(error), source))) from error
