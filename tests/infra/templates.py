"""A stage's templates, and how tests look into them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Synthesised:
    """The templates of one stage, by the part of the stack's name behind the stage."""

    name: str
    templates: Mapping[str, dict[str, Any]] = field(repr=False)

    def of_type(self, kind: str, part: str | None = None) -> dict[str, dict[str, Any]]:
        """Properties by logical id of all resources of a type, in one stack or in all."""
        return {
            logical_id: resource.get("Properties", {})
            for stack, template in self.templates.items()
            if part in (None, stack)
            for logical_id, resource in template["Resources"].items()
            if resource["Type"] == kind
        }

    def resources(self) -> list[tuple[str, dict[str, Any]]]:
        """Every resource with its logical id."""
        return [
            item for template in self.templates.values() for item in template["Resources"].items()
        ]

    def one(self, kind: str, part: str | None = None) -> dict[str, Any]:
        """The properties of the only resource of a type."""
        (found,) = self.of_type(kind, part).values()
        return found

    def function(self, name: str) -> dict[str, Any]:
        """The properties of a Lambda function by its name in the table."""
        wanted = f"baobab-{self.name}-{name.replace('_', '-')}"
        functions = self.of_type("AWS::Lambda::Function").values()
        (found,) = [each for each in functions if each["FunctionName"] == wanted]
        return found

    def statements(self, name: str) -> list[dict[str, Any]]:
        """All statements of a function's role, actions and resources as lists."""
        role = self.function(name)["Role"]["Fn::GetAtt"][0]
        return [
            statement
            for policy in self.of_type("AWS::IAM::Policy").values()
            if {"Ref": role} in policy["Roles"]
            for statement in map(normal, policy["PolicyDocument"]["Statement"])
        ]


def normal(statement: dict[str, Any]) -> dict[str, Any]:
    """A statement whose actions and resources are lists."""
    listed = {
        key: value if isinstance(value, list) else [value]
        for key, value in statement.items()
        if key in ("Action", "Resource")
    }
    return statement | listed


def text(value: object) -> str:
    """A template's value as one line, for looking into intrinsic functions."""
    return json.dumps(value, sort_keys=True)
