"""The OpenAPI document as values: as much of it as a page for people shows."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, JsonValue


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Shape(_Part):
    """What a value looks like."""

    ref: str | None = Field(None, alias="$ref")
    type: str | None = None
    any_of: tuple[Shape, ...] = Field((), alias="anyOf")
    one_of: tuple[Shape, ...] = Field((), alias="oneOf")
    items: Shape | None = None
    prefix_items: tuple[Shape, ...] = Field((), alias="prefixItems")
    properties: Mapping[str, Shape] = {}
    required: tuple[str, ...] = ()
    others: Shape | bool = Field(default=True, alias="additionalProperties")
    enum: tuple[JsonValue, ...] = ()
    const: JsonValue = None
    format: str | None = None
    description: str = ""
    examples: tuple[JsonValue, ...] = ()
    default: JsonValue = None
    minimum: float | None = None
    maximum: float | None = None
    least_length: int | None = Field(None, alias="minLength")
    greatest_length: int | None = Field(None, alias="maxLength")

    @property
    def thing(self) -> str | None:
        """The name under which it is described, where it is only named here."""
        return self.ref.rpartition("/")[2] if self.ref else None


class Parameter(_Part):
    """A part of the address."""

    name: str
    place: str = Field(alias="in")
    required: bool = False
    description: str = ""
    shape: Shape = Field(alias="schema")


class Content(_Part):
    """What is sent in one form."""

    shape: Shape = Field(Shape(), alias="schema")


class Body(_Part):
    """What a request sends."""

    required: bool = False
    content: Mapping[str, Content]


class Answer(_Part):
    """What comes back under one status."""

    description: str
    content: Mapping[str, Content] = {}


class Operation(_Part):
    """One route."""

    tags: tuple[str, ...] = ()
    summary: str
    description: str
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = Field(None, alias="requestBody")
    answers: Mapping[str, Answer] = Field(alias="responses")
    needs: str = Field(alias="x-permission")


class Components(_Part):
    """What the routes name."""

    things: Mapping[str, Shape] = Field(alias="schemas")


class Document(_Part):
    """Every route by path and method, and the things they speak of."""

    paths: Mapping[str, Mapping[str, Operation]]
    components: Components
