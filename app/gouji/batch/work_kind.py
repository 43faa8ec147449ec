"""What can be done with a claim: the seam between a worker process and the work itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from gouji.document import Document
from gouji.ledger_claims import Claim
from gouji_layout.scan import ScanError


class FileChangedError(ScanError):
    """The file is not the one that was opened before: its bytes are others."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that was hashed: the content key of each of its pages, in order."""

    sha256: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unread:
    """A document that cannot be decided, because readings that should be kept are gone."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """A document that was decided and written; `whole` where its scan could be looked at again."""

    document: Document
    whole: bool = True


class WorkKind(Protocol):
    """Loads its engines when made, then does one claim at a time; `PageWork` is the real one."""

    def open(self, claim: Claim) -> Opened:
        """Hash a file and count its pages.

        Raises:
            ScanError: it cannot be used.
        """
        ...

    def read(self, claim: Claim) -> dict[str, object]:
        """Read one page and keep its readings; returns columns of `pages`.

        Raises:
            ScanError: the page cannot be used.
            FileChangedError: the file is another one by now.
            OutputError: the readings cannot be kept.
        """
        ...

    def decide(self, claim: Claim) -> Made | Unread:
        """Decide a document and write it.

        Raises:
            OutputError: the document cannot be written.
        """
        ...


@runtime_checkable
class Timed(Protocol):
    """Work that also says what it cost."""

    def spent(self) -> Mapping[str, float]:
        """Processor seconds by step since this was asked last."""
        ...
