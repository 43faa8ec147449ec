"""Where results live below OUT: page readings by content, documents by name; every write is atomic.

OUT/documents/<name>/document.json   the decided layer
OUT/documents/<name>/tables.xlsx
OUT/pages/<ab>/<key>.json.gz         readings of one page with their evidence, by content key
OUT/renamed/<name>/                  what stood under the old name of a scan that was renamed
OUT/summary.json
OUT/ledger.json                      which ledger has the answers (`gouji.ledger_of_folder`)
"""

from __future__ import annotations

import gzip
import json
import os
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from gouji.document import Document
from gouji.exits import OutputError
from gouji.export_xlsx import tables_workbook
from gouji.ledger import LEDGER_FILE
from gouji.records import PageReading, page_from_json, page_to_json

LEDGER_MARK = "ledger.json"
RENAMED_FOLDER = "renamed"
_OWN_FOLDERS = frozenset({"documents", "pages"})
_OF_THE_DISK = frozenset({"lost+found"})  # an archive often gives results a disk of their own
_DAMAGE = (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, OverflowError, RecursionError)
"""What a page file that is not whole, or not one of ours, makes its readers raise."""


@dataclass(frozen=True, slots=True)
class Store:
    """The output folder of a run."""

    out: Path

    def prepare(self) -> None:
        """Make the folder.

        Raises:
            OutputError: it cannot be made or written, or holds something else.
        """
        try:
            self._refuse_others_folder()
            for name in _OWN_FOLDERS:
                (self.out / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot write to {self.out}: {error.strerror or error}") from error

    def _refuse_others_folder(self) -> None:
        if not isinstance(self.out, Path) or not self.out.exists():
            return  # an object store has no folders, only names that begin alike
        inside = {path.name for path in self.out.iterdir() if not path.name.startswith(".")} - _OF_THE_DISK
        if inside and LEDGER_FILE not in inside and not inside >= _OWN_FOLDERS:
            raise OutputError(
                f"{self.out} holds something else ({min(inside)}) and no results of gouji; "
                "give a new or empty folder"
            )

    def folder(self, name: str) -> Path:
        """The folder of one document; `name` is a relative path that stays inside.

        Raises:
            OutputError: the name leads outside.
        """
        documents = (self.out / "documents").resolve()
        folder = (documents / name).resolve()
        if documents not in folder.parents:
            raise OutputError(f"document name leads outside the output folder: {name!r}")
        return folder

    def load_page(self, key: str) -> PageReading | None:
        """The readings kept under this content key; None when there are none, or not whole."""
        path = self._page_path(key)
        try:
            return page_from_json(json.loads(gzip.decompress(path.read_bytes())))
        except FileNotFoundError:
            return None
        except _DAMAGE:
            return None  # a damaged file is read again, never trusted

    def save_page(self, key: str, page: PageReading) -> None:
        """Keep the readings of a page.

        Raises:
            OutputError: the disk is full or the folder gone.
        """
        plain = json.dumps(page_to_json(page), ensure_ascii=False, separators=(",", ":"))
        self._write(self._page_path(key), gzip.compress(plain.encode(), compresslevel=4, mtime=0))

    def save_document(self, document: Document) -> Path:
        """Write `document.json` and `tables.xlsx`, and return the folder."""
        folder = self.folder(document.name)
        self._write(folder / "tables.xlsx", tables_workbook(document))
        # The JSON comes last: where it stands, the document is whole.
        self._write(folder / "document.json", (dump_document(document) + "\n").encode())
        return folder

    def put_aside(self, name: str) -> None:
        """Move the files of a document out of the way, to be found but not counted.

        Raises:
            OutputError: they cannot be moved.
        """
        folder = self.folder(name)
        try:
            # document.json goes last: as long as it stands, the document is whole.
            files = sorted(path for path in folder.iterdir() if path.is_file())
            for path in sorted(files, key=lambda path: path.name == "document.json"):
                self._write(self.out / RENAMED_FOLDER / name / path.name, path.read_bytes())
            for path in sorted(files, key=lambda path: path.name != "document.json"):
                path.unlink()
            root = (self.out / "documents").resolve()
            while isinstance(folder, Path) and folder != root and not any(folder.iterdir()):
                folder.rmdir()
                folder = folder.parent
        except FileNotFoundError:
            return  # put aside before
        except OSError as error:
            raise OutputError(f"cannot move {folder}: {error.strerror or error}") from error

    def load_document(self, name: str) -> Document:
        """Read a document back.

        Raises:
            OutputError: there is none of this name, or it does not follow the schema.
        """
        path = self.folder(name) / "document.json"
        try:
            return Document.model_validate_json(path.read_bytes())
        except OSError as error:
            raise OutputError(f"no document {name!r} in {self.out}: {error.strerror or error}") from error
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise OutputError(f"{path} does not follow the schema at {where}: {first['msg']}") from error

    def documents(self) -> Iterator[str]:
        """Names of all documents that are whole, sorted."""
        root = self.out / "documents"
        for path in sorted(root.rglob("document.json")):
            yield path.parent.relative_to(root).as_posix()

    def write_json(self, name: str, value: object) -> Path:
        """Write a JSON file at the top of the output folder."""
        path = self.out / name
        self._write(path, (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode())
        return path

    def write_text(self, name: str, text: str) -> Path:
        """Write a text file at the top of the output folder."""
        path = self.out / name
        self._write(path, text.encode())
        return path

    def _page_path(self, key: str) -> Path:
        return self.out / "pages" / key[:2] / f"{key}.json.gz"

    def _write(self, path: Path, content: bytes) -> None:
        try:
            if isinstance(path, Path):
                path.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(path, content)
            else:
                path.write_bytes(content)  # an object store shows the old object or the whole new one
        except OSError as error:
            raise OutputError(
                f"cannot write {path.relative_to(self.out)}: {error.strerror or error}; "
                "free some space or mend the folder, then run the same command again"
            ) from error


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that readers see the old one or the whole new one, also after a power cut."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def dump_document(document: Document) -> str:
    """The document as JSON text, readable and stable."""
    return json.dumps(document.model_dump(mode="json", by_alias=True), ensure_ascii=False, indent=1)
