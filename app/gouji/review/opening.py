"""Opens the desk of an output folder: store, ledger, form packs, and where its scans lie."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from gouji.last_summary import last_inputs, last_options
from gouji.ledger_of_folder import own_ledger
from gouji.options import ReadOptions
from gouji.review.desk import Desk
from gouji.review.pictures import Pictures
from gouji.review.resolving import ReadingsResolver
from gouji.store import Store


def open_desk(
    out: Path, *, scans: Iterable[Path] = (), url: str | None = None, options: ReadOptions | None = None
) -> Desk:
    """Everything the review pages share.

    Args:
        out: the output folder.
        scans: where scans lie now, tried before the places they were read from.
        url: address of a ledger other than OUT/gouji.db.
        options: form packs and calibration to decide with; those of the run when None.

    Raises:
        OutputError: the ledger cannot be opened, or is another folder's.
        PackError: a form pack does not make sense.
    """
    store = Store(out)
    folders = (*(path.resolve() for path in scans), *last_inputs(out))
    chosen = options or last_options(out)
    return Desk(store, own_ledger(store, url), ReadingsResolver.load(store, chosen), Pictures(folders))
