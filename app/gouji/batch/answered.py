"""Works what reviewers said into a document that was decided anew: a new run must not undo them."""

from __future__ import annotations

from collections.abc import Sequence

from gouji.batch.renamed import renamed_note
from gouji.batch.replaced import set_aside_note
from gouji.document import Document, NoteRecord
from gouji.ledger import Ledger
from gouji.review import journal
from gouji.review.answers import Event, settled
from gouji.review.errors import StructureError
from gouji.review.recording import edits_of
from gouji.review.resolving import ReadingsResolver
from gouji_postprocess.rule import Verdict


def with_answers(document: Document, ledger: Ledger, resolver: ReadingsResolver) -> Document:
    """The document with every answer and structure edit that stands; the same one where there are none.

    The document and its pages must be in the store already. An edit that no longer fits, because the
    table was found otherwise this time, is left out and said in the document's notes, like answers that
    were set aside because another scan had come under the same name.
    """
    with ledger.view() as connection:
        said = journal.of_document(connection, document.name)
    if not said:
        return document
    done = _worked_in(document, said, resolver)
    notes = [note for note in (set_aside_note(said), renamed_note(said)) if note is not None]
    return done.model_copy(update={"notes": (*done.notes, *notes)}) if notes else done


def _worked_in(document: Document, said: Sequence[Event], resolver: ReadingsResolver) -> Document:
    try:
        return resolver.resolve(document, settled(said), edits_of(said)).document
    except StructureError as error:
        kept = resolver.resolve(document, settled(said), ()).document
        note = NoteRecord(
            code="structure_edit_dropped",
            verdict=Verdict.NOT_ASSESSABLE,
            detail=f"复核时对表格结构的修改未能沿用：{error}",
        )
        return kept.model_copy(update={"notes": (*kept.notes, note)})
