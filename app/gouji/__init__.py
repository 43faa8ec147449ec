"""Scanned Chinese report tables into figures that can be trusted (勾稽).

The public API is re-exported here, each part loaded when it is first used: most commands need little of it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gouji.document import Document
    from gouji.options import ReadOptions
    from gouji.pipeline import Pipeline
    from gouji_layout.scan import open_scan

__all__ = ["Document", "Pipeline", "ReadOptions", "open_scan"]

_HOMES = {
    "Document": "gouji.document",
    "Pipeline": "gouji.pipeline",
    "ReadOptions": "gouji.options",
    "open_scan": "gouji_layout.scan",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
