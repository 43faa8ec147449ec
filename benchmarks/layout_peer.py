"""img2table on the same pictures, in an environment of its own: its requirements are not ours."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
from benchmarks.layout_cases import Case
from benchmarks.layout_scores import Signature

# Its own rotation, no borderless tables, no reading: what it does best on ruled tables.
_SCRIPT = """
import json, sys, time
from img2table.document import Image
for line in sys.stdin:
    start = time.process_time()
    page = Image(line.strip(), detect_rotation=True)
    tables = []
    for table in page.extract_tables(implicit_rows=False, borderless_tables=False):
        places = {}
        for r, row in table.content.items():
            for c, cell in enumerate(row):
                box = (cell.bbox.x1, cell.bbox.y1, cell.bbox.x2, cell.bbox.y2)
                places.setdefault(box, []).append((r, c))
        tables.append([
            [min(r for r, _ in at), min(c for _, c in at),
             max(r for r, _ in at) - min(r for r, _ in at) + 1,
             max(c for _, c in at) - min(c for _, c in at) + 1]
            for at in places.values()
        ])
    print(json.dumps({"tables": tables, "seconds": time.process_time() - start}), flush=True)
"""


class Img2table:
    """The other program as a child process that answers one picture at a time.

    Args:
        interpreter: of an environment that has img2table.
    """

    def __init__(self, interpreter: Path) -> None:
        self.seconds, self.pages = 0.0, 0
        self._folder = tempfile.TemporaryDirectory(prefix="gouji-peer-")
        self._child = subprocess.Popen(
            [str(interpreter), "-c", _SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def tables(self, case: Case) -> list[Signature]:
        """What it finds in a picture.

        Raises:
            RuntimeError: the child has ended.
        """
        path = Path(self._folder.name) / "page.png"
        cv2.imwrite(str(path), case.image[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1])
        if self._child.stdin is None or self._child.stdout is None:
            raise RuntimeError("img2table was started without pipes")
        self._child.stdin.write(f"{path}\n")
        self._child.stdin.flush()
        line = self._child.stdout.readline()
        if not line:
            raise RuntimeError(f"img2table ended with {self._child.wait()}")
        answer = json.loads(line)
        self.seconds += answer["seconds"]
        self.pages += 1
        return [frozenset(tuple(cell) for cell in table) for table in answer["tables"]]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._child.stdin is not None:
            self._child.stdin.close()
        self._child.wait(timeout=60)
        self._folder.cleanup()
