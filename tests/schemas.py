"""The JSON Schemas in docs/schema, and whether a document that a command printed is as they say."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

FOLDER = Path(__file__).parents[1] / "docs" / "schema"
ENVELOPE = "envelope"


@cache
def schemas() -> dict[str, Any]:
    """Return each schema by the name of its command; and that of the envelope."""
    return {path.stem: json.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.json")}


@cache
def validator(name: str) -> Draft202012Validator:
    """Return what compares a document with a schema."""
    resources = {f"{key}.json": Resource.from_contents(each) for key, each in schemas().items()}
    return Draft202012Validator(
        schemas()[name], registry=Registry().with_resources(resources.items())
    )


def described(document: Any) -> Any:
    """Return a document that is as the schema of its command says, and fail of any other."""
    command = document["command"]
    validator(command if command in schemas() else ENVELOPE).validate(document)
    return document
