"""`document.json`: the decided layer of one document, the one source of every export and of the review page.

Changing a field here changes a public format: raise `SCHEMA`, note it in CHANGELOG.md, and renew
`docs/document.schema.json` with `gouji schema`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from gouji_layout.table import CellMark, TableKind
from gouji_ocr.reading import ReadingKind
from gouji_postprocess.decision import Outcome, Protection, State
from gouji_postprocess.rule import RuleSource, Verdict

SCHEMA = "gouji/document/1"

BoxList = Annotated[
    tuple[float, float, float, float], Field(description="left, top, right, bottom in page pixels")
]
Probability = Annotated[float, Field(ge=0, le=1)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceRecord(_Record):
    """The scan file the document came from."""

    path: str = Field(description="as found below the folder that was read")
    sha256: str


class ErrorRecord(_Record):
    """A page or file that failed; the rest of the document is unaffected."""

    page: int | None = None
    kind: str = Field(description="class of the error")
    message: str


class TextRecord(_Record):
    """One line of text outside tables, in reading order."""

    box: BoxList
    text: str
    confidence: Probability


class RegionRecord(_Record):
    """One region of the page: table, text, title, figure or seal."""

    kind: str
    box: BoxList
    confidence: Probability | None = None


class StraighteningRecord(_Record):
    """How the page came out of the scan; `page_to_turned` takes page pixels to turned-scan pixels."""

    scan_size: tuple[int, int]
    page_to_turned: tuple[tuple[float, float, float], ...] | None = None
    mesh: tuple[tuple[tuple[float, float], ...], ...] | None = None


class PageRecord(_Record):
    """One upright page."""

    number: int
    width: int
    height: int
    dpi: float
    quarter_turns: int
    degrees: float
    key: str = Field("", description="content hash under which the page's readings are kept")
    straightening: StraighteningRecord
    facts: dict[str, bool | float | str] = {}
    regions: tuple[RegionRecord, ...] = ()
    text: tuple[TextRecord, ...] = ()
    seconds: dict[str, float] = Field({}, description="processor seconds by step")


class CandidateRecord(_Record):
    """One possible text of a cell."""

    text: str
    probability: Probability


class OpinionRecord(_Record):
    """What one reader said."""

    reader: str
    candidates: tuple[CandidateRecord, ...]


class SuggestionRecord(_Record):
    """A value offered to a person."""

    text: str
    probability: Probability
    why: str


class CellRecord(_Record):
    """One cell: `text` is what is decided to stand on the paper, `read` what the engine said first."""

    ref: str
    row: int
    col: int
    rowspan: int = 1
    colspan: int = 1
    box: BoxList
    kind: ReadingKind
    text: str
    read: str
    state: State
    confidence: Probability
    candidates: tuple[CandidateRecord, ...] = ()
    reason: str
    quantity: str | None = Field(None, description="key of the form's quantity, where the form is known")
    marks: tuple[CellMark, ...] = ()
    opinions: tuple[OpinionRecord, ...] = ()
    suggestions: tuple[SuggestionRecord, ...] = ()
    rules: tuple[str, ...] = ()
    protection: Protection = Protection.UNCHECKED
    source_suspect: bool = False
    decided_by: str = "gouji"
    provenance: dict[str, object] = {}

    @property
    def counts_as_figure(self) -> bool:
        """Whether it is counted among the figures: no text, and no blank where nothing was expected."""
        if self.kind is ReadingKind.BLANK:
            return bool(self.quantity or self.rules) or self.state is not State.ACCEPTED
        return self.kind is not ReadingKind.TEXT


class RuleRecord(_Record):
    """One rule and its verdict."""

    id: str
    formula: str
    source: RuleSource
    verdict: Verdict
    cells: tuple[str, ...]
    coefficients: tuple[int, ...] = ()
    relation: Literal["=", "<="] | None = Field("=", description="null for rules that are not linear")
    slack: int = 0
    scale: int = 0
    residual_before: int | None = None
    residual_after: int | None = None
    reason: str = ""


class StructureCheckRecord(_Record):
    """Something about the structure a person may want to look at."""

    code: str
    detail: str
    cells: tuple[str, ...] = ()


class TableRecord(_Record):
    """One table on one page."""

    page: int
    index: int
    box: BoxList
    form: str | None = Field(None, description="form and table, e.g. 2021/T3")
    kind: TableKind
    rows: int
    cols: int
    quarter_turns: int = 0
    outcome: Outcome = Outcome.CONSISTENT
    cells: tuple[CellRecord, ...]
    rules: tuple[RuleRecord, ...] = ()
    checks: tuple[StructureCheckRecord, ...] = ()
    unmatched_labels: tuple[str, ...] = ()
    missing_labels: tuple[str, ...] = ()
    continues: tuple[int, int] | None = Field(default=None, description="page and index of the part before")


class ChartSeriesRecord(_Record):
    """One series of a chart's embedded sheet."""

    name: str
    categories: tuple[str, ...]
    values: tuple[str, ...]
    filler: bool = Field(False, description="Word's own example numbers, not the report's")


SWITCHED_OFF = "switched_off"
"""Code of the note on a rule that is off by a setting; its quote is the setting."""


class NoteRecord(_Record):
    """Something about the whole report that a person should know; nothing is changed because of it."""

    code: str
    verdict: Verdict
    detail: str = Field(description="one sentence, in Chinese")
    quote: str = ""
    cells: tuple[str, ...] = ()


class Document(_Record):
    """Everything gouji decided about one document."""

    schema_: str = Field(default=SCHEMA, alias="schema")
    gouji: str = Field("", description="version that wrote the file")
    name: str
    source: SourceRecord
    organ: str | None = None
    year: int | None = None
    settings: dict[str, object] = {}
    pages: tuple[PageRecord, ...]
    tables: tuple[TableRecord, ...]
    rules: tuple[RuleRecord, ...] = Field((), description="rules between tables, pages and prose")
    charts: tuple[ChartSeriesRecord, ...] = ()
    errors: tuple[ErrorRecord, ...] = ()
    notes: tuple[NoteRecord, ...] = ()

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
