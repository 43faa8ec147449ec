"""What is done when the review page is closed: the report of the last run counts the answers, too."""

from __future__ import annotations

import logging

from gouji.exits import OutputError
from gouji.last_summary import last_options
from gouji.review.desk import Desk

_log = logging.getLogger(__name__)


def refresh_report_if_changed(desk: Desk) -> None:
    """Write `summary.json` and `report.html` anew where documents were decided again since the start."""
    if not desk.changed:
        return
    from gouji.run_report import refresh_report  # noqa: PLC0415 - draws plots

    try:
        refresh_report(desk.store, desk.ledger, last_options(desk.store.out))
    except OutputError as error:
        _log.warning("summary.json and report.html are as they were before the review: %s", error)
