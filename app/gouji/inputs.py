"""What is given to the decision of a document: its readings, and what persons answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gouji.document import ErrorRecord
from gouji.records import PageReading
from gouji_postprocess.charts import ChartSeries


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person decided about one cell."""

    text: str
    by: str
    source_suspect: bool = False  # the person says that the paper itself is wrong here


@dataclass(frozen=True, eq=False)
class DocumentInput:
    """The readings of one document and where they come from."""

    name: str
    path: str
    sha256: str
    pages: tuple[PageReading, ...]
    keys: Mapping[int, str] = field(default_factory=dict)  # page number -> content key
    errors: tuple[ErrorRecord, ...] = ()
    charts: tuple[ChartSeries, ...] = ()
