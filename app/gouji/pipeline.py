"""The story of a document: scan pages are read one by one, then all its figures are decided together.

`Pipeline.read_page` needs the picture and is the expensive half; its result is kept under a content
key. `Pipeline.decide` needs no picture: new rules, a new calibration or a person's answers are worked
in by calling it again. Where pictures are at hand it may look a second time at cells in doubt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from gouji.decide_document import Decided, LookAgain, decide_document
from gouji.inputs import Answer, DocumentInput
from gouji.options import ReadOptions, reading_key
from gouji.read_page import read_page
from gouji.records import PageReading
from gouji_layout.form_grid import FormGrid
from gouji_layout.geometry import CellRef
from gouji_layout.page import Page, ScanPage
from gouji_models.registry import CARDS
from gouji_ocr.engines import Engines
from gouji_ocr.reading import Reading
from gouji_ocr.second import second_look
from gouji_ocr.steps import StepClock
from gouji_postprocess.calibration import Calibration
from gouji_postprocess.form import Packs
from gouji_postprocess.form_layout import form_grids
from gouji_postprocess.packs import load_packs


@dataclass(frozen=True, eq=False)
class Pipeline:
    """Everything that is loaded once a process: engines, form packs, calibration."""

    engines: Engines
    packs: Packs
    calibration: Calibration
    options: ReadOptions

    @classmethod
    def load(cls, options: ReadOptions | None = None, *, threads: int = 1) -> Pipeline:
        """Load weights, forms and calibration.

        Raises:
            ModelMissingError: weights are missing or are not the ones measured.
            PackError: a form pack does not make sense.
        """
        chosen = options or ReadOptions()
        return cls(
            engines=Engines.load(threads=threads),
            packs=load_packs(chosen.form_packs),
            calibration=Calibration.load(chosen.calibration) if chosen.calibration else Calibration.bundled(),
            options=chosen,
        )

    def key(self, sha256: str, number: int) -> str:
        """The content key of one page's readings."""
        return reading_key(sha256, number, ",".join(sorted(card.sha256 for card in CARDS.values())))

    def read_page(self, scan_page: ScanPage) -> tuple[Page, PageReading]:
        """Read one page; the upright picture comes back beside the readings."""
        return read_page(scan_page, self.engines, self.form_grids)

    @cached_property
    def form_grids(self) -> tuple[FormGrid, ...]:
        """How the tables of all known forms are ruled."""
        return form_grids(self.packs.tables)

    def decide(
        self,
        document: DocumentInput,
        *,
        open_page: Callable[[int], Page] | None = None,
        answers: Mapping[CellRef, Answer] | None = None,
        clock: StepClock | None = None,
    ) -> Decided:
        """Decide every figure of a document.

        Args:
            document: its readings and where they come from.
            open_page: gives the upright picture of a page for a second look; None forbids one.
            answers: what persons decided before.
            clock: is told what deciding and second looks cost.
        """
        clock = clock or StepClock()
        looks = StepClock()
        look = self._look_again(open_page, looks) if open_page and self.options.second_look else None
        with clock.step("reconcile"):
            decided = decide_document(
                document,
                packs=self.packs,
                calibration=self.calibration,
                options=self.options,
                second_look=look,
                answers=answers or {},
            )
        for step, seconds in looks.seconds.items():  # were spent inside
            clock.add(step, seconds)
            clock.add("reconcile", -seconds)
        return decided

    def _look_again(self, open_page: Callable[[int], Page], clock: StepClock) -> LookAgain:
        def look(page: PageReading, table: int, refs: Sequence[CellRef]) -> Sequence[Reading]:
            with clock.step("second"):
                picture = open_page(page.number)
                return second_look(picture, page.tables[table], page.readings[table], refs, self.engines)

        return look
