"""How values travel between programs and Temporal: the SDK's pydantic converter, made once.

The SDK makes a converter anew for each task; ours shares its parts, and with them what it has learnt of our types.
"""

from __future__ import annotations

from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import CompositePayloadConverter, DataConverter

MOST_TYPES = 64
"""Types that are remembered; a run of a workflow brings its own copy of a few."""

_PARTS = tuple(PydanticPayloadConverter(max_cached_type_adapters=MOST_TYPES).converters.values())


class SharedConverter(CompositePayloadConverter):
    """The same parts, each time that it is made."""

    def __init__(self) -> None:
        super().__init__(*_PARTS)


CONVERTER = DataConverter(payload_converter_class=SharedConverter)
