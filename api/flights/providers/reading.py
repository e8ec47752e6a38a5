"""What all sources' answers are read with: odd shapes cost the field, not the offer, and the offer, not the answer."""

from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator


class Read(BaseModel):
    """Fields that we do not name are ignored, and null is as if the field were not there."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _told(cls, value: Any) -> Any:  # noqa: ANN401 - whatever was in the JSON
        if isinstance(value, dict) and None in value.values():
            return {name: one for name, one in value.items() if one is not None}
        return value


M = TypeVar("M", bound=BaseModel)


def readable(model: type[M], items: Iterable[Any]) -> tuple[M, ...]:
    """The items that can be read."""
    found = []
    for item in items:
        try:
            found.append(model.model_validate(item))
        except ValidationError:
            continue
    return tuple(found)
