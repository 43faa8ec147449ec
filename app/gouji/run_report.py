"""What a run did, gathered from the ledger: for `summary.json`, `report.html` and the screen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import and_, func, select

from gouji.batch.archive_numbers import Gap, missing_numbers
from gouji.batch.journal import Standing
from gouji.batch.same_sheets import Sheet, TellingFigures, same_sheets, telling_figures
from gouji.last_summary import last_summary
from gouji.ledger import Ledger
from gouji.ledger_progress import GivenUp, Progress, SlowPage, given_up, progress, slowest
from gouji.ledger_tables import PageState, documents, pages
from gouji.options import ReadOptions
from gouji.store import Store
from gouji.summary import BrokenRule, Failure, Tally
from gouji_postprocess.decision import State
from gouji_postprocess.rule import Verdict

SAME_SHEETS_UP_TO = 200_000
"""Pages compared with each other; beyond that the report says that they were not."""
_FIGURES_UP_TO = 1_000  # pages that look alike whose figures are compared too: about a minute
_UNREADABLE_PATH = "UnreadablePath"


@dataclass(frozen=True, eq=False)
class RunReport:
    """Everything the report shows; counts are of the whole output folder, `now` of this run."""

    tally: Tally
    progress: Progress
    inputs: tuple[str, ...]
    settings: Mapping[str, object]
    seconds: float
    now: Standing
    workers: int
    slow: tuple[SlowPage, ...]
    page_seconds: tuple[float, ...]
    duplicates: tuple[tuple[str, ...], ...]  # documents with the same bytes
    sheets: tuple[tuple[Sheet, ...], ...] | None  # pages that seem to show one sheet; None: not compared
    blank: tuple[Sheet, ...]
    gaps: tuple[Gap, ...]
    archive_numbers: Mapping[str, str]  # document -> 档号
    gone: tuple[str, ...]  # scans that are no longer where they were read
    passed_over: Mapping[str, int]  # suffix -> files that are no scans by their names
    unused: tuple[str, ...]  # sentences on settings that nothing came under

    def as_record(self) -> dict[str, object]:
        """The content of `summary.json`."""
        record = self.tally.as_record(inputs=self.inputs, settings=self.settings, seconds=self.seconds)
        return record | {
            "questions": self.progress.questions,
            "documents_by_step": self.progress.documents,
            "pages_by_state": self.progress.pages,
            "run": {
                "workers": self.workers,
                "pages_read": self.now.pages,
                "documents_decided": self.now.documents,
                "tried_again": self.now.retries,
                "given_up": self.now.failures,
                "pages_a_second": round(self.now.pages / self.seconds, 3) if self.seconds else 0.0,
                "most_megabytes": self.now.most_megabytes,
            },
            "slowest_pages": [asdict(page) for page in self.slow],
            "duplicate_files": [list(group) for group in self.duplicates],
            "same_sheets": None
            if self.sheets is None
            else [[asdict(sheet) for sheet in group] for group in self.sheets],
            "blank_pages": [asdict(sheet) for sheet in self.blank],
            "missing_numbers": [asdict(gap) for gap in self.gaps],
            "archive_numbers": dict(self.archive_numbers),
            "scans_gone": list(self.gone),
            "passed_over": dict(self.passed_over),
            "settings_without_effect": list(self.unused),
        }


def collect_report(
    ledger: Ledger,
    store: Store,
    *,
    inputs: Sequence[str],
    options: ReadOptions,
    seconds: float,
    unreadable: Mapping[str, str],
    passed_over: Mapping[str, int],
    gone: Sequence[str],
    standing: Standing,
    workers: int,
) -> RunReport:
    """Ask the ledger for everything the report shows.

    Raises:
        OutputError: the ledger cannot be read.
    """
    tally = _tally(ledger)
    tally.failures += [Failure(path, None, _UNREADABLE_PATH, why) for path, why in unreadable.items()]
    tally.failures += [_failure(item) for item in given_up(ledger)]
    names = _names(ledger)
    return RunReport(
        tally=tally,
        progress=progress(ledger),
        inputs=tuple(inputs),
        settings=options.as_record(),
        seconds=seconds,
        now=standing,
        workers=workers,
        slow=tuple(slowest(ledger)),
        page_seconds=_page_seconds(ledger),
        duplicates=_duplicates(ledger),
        sheets=_sheets(ledger, store),
        blank=_blank(ledger),
        gaps=tuple(missing_numbers(shown for _, shown, _ in names)),
        archive_numbers={name: number for name, _, number in names if number},
        gone=tuple(gone),
        passed_over=passed_over,
        unused=tuple(options.without_effect([name for name, _, _ in names], tally.switched_off)),
    )


def write_report(store: Store, report: RunReport) -> None:
    """Write `summary.json` and `report.html`.

    Raises:
        OutputError: they cannot be written.
    """
    from gouji.run_report_page import report_page  # noqa: PLC0415 - only runs draw pages

    store.write_json("summary.json", report.as_record())
    store.write_text("report.html", report_page(report))


def refresh_report(store: Store, ledger: Ledger, options: ReadOptions) -> RunReport:
    """Write `summary.json` and `report.html` anew after documents were decided again without a run.

    What only a run can know (its time, its workers, folders it could not read, files it passed over, scans
    that are gone) is kept from the last one.

    Raises:
        OutputError: they cannot be written, or the ledger cannot be read.
    """
    last = last_summary(store.out)
    run: dict[str, Any] = last.get("run", {})
    standing = Standing(
        pages=run.get("pages_read", 0),
        documents=run.get("documents_decided", 0),
        failures=run.get("given_up", 0),
        retries=run.get("tried_again", 0),
        most_megabytes=run.get("most_megabytes", 0),
    )
    unreadable = {
        failure["path"]: failure["message"]
        for failure in last.get("failures", ())
        if failure["kind"] == _UNREADABLE_PATH
    }
    report = collect_report(
        ledger,
        store,
        inputs=last.get("inputs", ()),
        options=options,
        seconds=last.get("seconds", 0.0),
        unreadable=unreadable,
        passed_over=last.get("passed_over", {}),
        gone=last.get("scans_gone", ()),
        standing=standing,
        workers=run.get("workers", 0),
    )
    write_report(store, report)
    return report


def _tally(ledger: Ledger) -> Tally:
    """The sum of all documents' tallies as they stand in the ledger."""
    tally = Tally()
    query = select(documents.c.counts, documents.c.broken).where(documents.c.counts.is_not(None))
    with ledger.view() as connection:
        for counts, broken in connection.execute(query):
            tally.documents += 1
            tally.pages += counts["pages"]
            tally.tables += counts["tables"]
            tally.source_suspects += counts["source_suspects"]
            tally.figures.update({State(name): n for name, n in counts["figures"].items()})
            tally.labels.update({State(name): n for name, n in counts["labels"].items()})
            tally.rules.update({Verdict(name): n for name, n in counts["rules"].items()})
            tally.switched_off.update(counts.get("switched_off", {}))  # ledgers of older versions lack it
            tally.broken += [_broken(rule) for rule in broken]
    return tally


def _broken(plain: dict[str, Any]) -> BrokenRule:
    return BrokenRule(**{**plain, "verdict": Verdict(plain["verdict"])})


def _failure(item: GivenUp) -> Failure:
    return Failure(item.shown, item.page, item.kind, item.message)


def _names(ledger: Ledger) -> list[tuple[str, str, str | None]]:
    query = select(documents.c.name, documents.c.shown, documents.c.archive_number).order_by(documents.c.id)
    with ledger.view() as connection:
        return [(row.name, row.shown, row.archive_number) for row in connection.execute(query)]


def _page_seconds(ledger: Ledger) -> tuple[float, ...]:
    query = select(pages.c.seconds).where(pages.c.state == PageState.DONE).limit(SAME_SHEETS_UP_TO)
    with ledger.view() as connection:
        return tuple(float(n) for n in connection.execute(query).scalars() if n is not None)


def _duplicates(ledger: Ledger) -> tuple[tuple[str, ...], ...]:
    twice = (
        select(documents.c.sha256)
        .where(documents.c.sha256.is_not(None))
        .group_by(documents.c.sha256)
        .having(func.count() > 1)
    )
    query = select(documents.c.sha256, documents.c.name).where(documents.c.sha256.in_(twice))
    groups: dict[str, list[str]] = defaultdict(list)
    with ledger.view() as connection:
        for sha256, name in connection.execute(query.order_by(documents.c.id)):
            groups[sha256].append(name)
    return tuple(tuple(names) for names in groups.values())


def _sheets(ledger: Ledger, store: Store) -> tuple[tuple[Sheet, ...], ...] | None:
    inked = (
        select(
            pages.c.id,
            pages.c.key,
            pages.c.sha256,
            pages.c.reading,
            pages.c.number,
            pages.c.fingerprint,
        )
        .where(pages.c.state == PageState.DONE, pages.c.blank.is_(False), pages.c.fingerprint.is_not(None))
        .order_by(pages.c.id)
        .limit(SAME_SHEETS_UP_TO + 1)
        .subquery()
    )
    query = (
        select(func.min(documents.c.name), inked.c.number, inked.c.fingerprint, inked.c.key)
        .join(documents, and_(inked.c.sha256 == documents.c.sha256, inked.c.reading == documents.c.reading))
        .group_by(inked.c.id, inked.c.number, inked.c.fingerprint, inked.c.key)
        .order_by(inked.c.id)
    )
    with ledger.view() as connection:
        rows = connection.execute(query).all()
    if len(rows) > SAME_SHEETS_UP_TO:
        return None
    keys = {Sheet(name, number): key for name, number, _, key in rows}
    left = iter(range(_FIGURES_UP_TO))

    def figures(sheet: Sheet) -> TellingFigures | None:
        page = store.load_page(keys[sheet]) if next(left, None) is not None else None
        return None if page is None else telling_figures(page)

    return tuple(same_sheets(((Sheet(name, number), print_) for name, number, print_, _ in rows), figures))


def _blank(ledger: Ledger) -> tuple[Sheet, ...]:
    query = select(documents.c.name, pages.c.number).join(documents, _home())
    with ledger.view() as connection:
        found = connection.execute(
            query.where(pages.c.blank.is_(True)).order_by(documents.c.id, pages.c.number)
        )
        return tuple(Sheet(*row) for row in found)


def _home() -> Any:
    return and_(pages.c.sha256 == documents.c.sha256, pages.c.reading == documents.c.reading)
