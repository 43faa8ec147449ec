"""Decides a stored document again, without pictures: new rules, a new calibration, a person's answers."""

from __future__ import annotations

from collections.abc import Mapping

from gouji.decide_document import Decided, decide_document
from gouji.document import Document
from gouji.exits import OutputError
from gouji.inputs import Answer, DocumentInput
from gouji.options import ReadOptions
from gouji.store import Store
from gouji_layout.geometry import CellRef
from gouji_postprocess.calibration import Calibration
from gouji_postprocess.charts import ChartSeries
from gouji_postprocess.form import Packs


def stored_input(store: Store, document: Document) -> DocumentInput:
    """The readings a document was decided from.

    Raises:
        OutputError: the readings of a page are gone or damaged; reading the folder again renews them.
    """
    pages = []
    for record in document.pages:
        page = store.load_page(record.key)
        if page is None:
            raise OutputError(
                f"the readings of {document.name}, page {record.number}, are not in {store.out / 'pages'}; "
                "run gouji read again"
            )
        pages.append(page)
    return DocumentInput(
        name=document.name,
        path=document.source.path,
        sha256=document.source.sha256,
        pages=tuple(pages),
        keys={record.number: record.key for record in document.pages},
        errors=document.errors,
        charts=tuple(ChartSeries(c.name, c.categories, c.values) for c in document.charts),
    )


def decide_again(
    store: Store,
    document: Document,
    *,
    packs: Packs,
    calibration: Calibration,
    options: ReadOptions,
    answers: Mapping[CellRef, Answer],
) -> Decided:
    """Decide a stored document from its readings and everything persons have answered.

    Raises:
        OutputError: its readings are gone.
    """
    return decide_document(
        stored_input(store, document),
        packs=packs,
        calibration=calibration,
        options=options,
        answers=answers,
    )
