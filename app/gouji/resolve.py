"""The readings a stored document was decided from, so that it can be decided again without pictures."""

from __future__ import annotations

from gouji.document import Document
from gouji.exits import OutputError
from gouji.inputs import DocumentInput
from gouji.store import Store
from gouji_postprocess.charts import ChartSeries


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
