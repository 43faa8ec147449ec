"""The made pages: the truth says what is printed and where, at every level of damage."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.make import FORMS, Damage, MadePage, draw_damage, make_page
from fixtures.make.__main__ import main
from fixtures.make.figures import residual
from fixtures.make.plan import PlannedTable
from fixtures.make.published import REPORTS

SCANS = Path(__file__).parents[1] / "fixtures" / "scans"
TRUTH = SCANS.parent / "truth"
CLEAN = Damage()


def grid_places(table: PlannedTable) -> Iterator[tuple[int, int]]:
    for cell in table.cells:
        for row in range(cell.row, cell.row + cell.rowspan):
            for col in range(cell.col, cell.col + cell.colspan):
                yield row, col


def darkness(page: MadePage, points: np.ndarray, reach: int = 3) -> np.ndarray:
    """How much darker than the paper the picture is at or beside each point of the page, 0 to 255."""
    gray = cv2.erode(cv2.cvtColor(page.image, cv2.COLOR_RGB2GRAY), np.ones((reach, reach), np.uint8))
    x, y = np.rint(page.scan.to_image(points)).astype(int).T
    inside = (x >= 0) & (y >= 0) & (x < gray.shape[1]) & (y < gray.shape[0])
    return float(np.percentile(gray, 90)) - gray[y[inside], x[inside]].astype(float)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(4))
def test_cells_tile_the_grid_once(form: str, seed: int) -> None:
    for table in make_page(seed, 0, 100, form).plan:
        places = list(grid_places(table))
        assert len(places) == len(set(places)) == table.rows * table.cols


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(FORMS))
def test_all_rules_hold_unless_a_misprint_is_named(seed: int, form: str) -> None:
    for table in make_page(seed, 0, 60, form, source_error=False).plan:
        if table.source_error is None:
            assert [residual(table, rule) for rule in table.rules] == [0] * len(table.rules)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(FORMS))
def test_a_named_misprint_breaks_exactly_the_rules_that_bind_it(seed: int, form: str) -> None:
    page = make_page(seed, 0, 60, form, source_error=True, published="")
    if page.truth["source_error"] is None:  # every zero is blank or a dash, and there is nothing but zeros
        ruled = {(at, r, c) for at, t in enumerate(page.plan) for rule in t.rules for _, r, c in rule}
        texts = {(at, c.row, c.col): c.text for at, t in enumerate(page.plan) for c in t.cells}
        assert {texts[place] for place in ruled} <= {"", "—", "-", "/"}
        return
    row, col, right = page.truth["source_error"]
    table = page.plan[page.truth["source_error_table"]]
    printed = next(cell.text for cell in table.cells if (cell.row, cell.col) == (row, col))
    assert printed != right
    for rule in table.rules:
        bound = (row, col) in {(r, c) for _, r, c in rule}
        assert (residual(table, rule) != 0) == bound


def test_published_figures_obey_their_rules_but_for_the_misprint_named_there() -> None:
    for report in REPORTS:
        parts = [part for part, held in (("T3", report.three), ("T4", report.four)) if held]
        page = make_page(1, 0, 60, parts=parts, published=report.key, source_error=False)
        for table in page.plan:
            broken = [rule for rule in table.rules if residual(table, rule) != 0]
            assert len(broken) == (1 if table.source_error else 0), report.key


def test_a_published_page_prints_the_published_figures() -> None:
    page = make_page(1, 0, 100, parts=("T3", "T4"), published="wendeng2020", source_error=False)
    texts = {
        (at, c.row, c.col): c.text for at, table in enumerate(page.plan) for c in table.cells if c.numeric
    }
    assert len(texts) == 176
    assert [texts[0, 3, col] for col in range(3, 10)] == ["39", "0", "0", "0", "2", "1", "42"]
    assert [texts[1, 3, col] for col in range(5, 10)] == ["1", "1", "0", "0", "2"]
    assert page.truth["form"] == "2019"


def test_the_same_seed_gives_the_same_bytes_and_another_does_not() -> None:
    first, again, other = (make_page(seed, 3, 100, "2019") for seed in (5, 5, 6))
    assert np.array_equal(first.image, again.image)
    assert first.truth == again.truth
    assert first.truth["tables"] != other.truth["tables"]


def test_the_print_does_not_depend_on_the_damage() -> None:
    texts = [
        [cell.text for table in make_page(9, level, dpi).plan for cell in table.cells]
        for level, dpi in ((0, 100), (5, 100), (2, 150))
    ]
    assert texts[0] == texts[1] == texts[2]


@pytest.mark.parametrize(
    "damage",
    [
        CLEAN,
        Damage(angle=7.5),
        Damage(angle=-3.0, perspective=0.03),
        Damage(curl=4.0, curl_shape="spine_left", angle=1.0),
        Damage(curl=3.0, curl_shape="bow", quarter_turns=1),
        Damage(angle=2.0, quarter_turns=2),
        Damage(angle=-2.0, perspective=0.02, curl=3.0, curl_shape="spine_right", quarter_turns=3),
    ],
)
def test_rules_lie_where_the_truth_says_however_the_page_lay(damage: Damage) -> None:
    page = make_page(3, 0, 150, "2019", parts=("T3",), published="", damage=damage)
    share = np.linspace(0.05, 0.95, 15)
    edges = []
    for cell in page.truth["tables"][0]["cells"]:
        left, top, right, bottom = cell["box"]
        edges.append(np.stack([left + (right - left) * share, np.full(15, top)], axis=1))
        edges.append(np.stack([np.full(15, left), top + (bottom - top) * share], axis=1))
    points = np.concatenate(edges)
    assert np.mean(darkness(page, points) > 45) > 0.99
    assert np.mean(darkness(page, points + 5.0) > 45) < 0.5


@pytest.mark.parametrize("level", range(6))
def test_figures_stand_in_their_boxes_and_blanks_are_bare(level: int) -> None:
    page = make_page(17, level, 200, "2021", parts=("T3",), published="shuyang_drc2023", source_error=False)
    middle, bare = [], []
    for cell in page.truth["tables"][0]["cells"]:
        left, top, right, bottom = cell["box"]
        x, y = np.meshgrid(np.linspace(0.3, 0.7, 40), np.linspace(0.25, 0.75, 30))
        spots = np.stack([left + (right - left) * x.ravel(), top + (bottom - top) * y.ravel()], axis=1)
        if cell["numeric"]:
            (middle if cell["text"] else bare).append(np.mean(darkness(page, spots, 1)))
    # 50 of the 175 figures of this report are written; the rest is blank. Bad levels fade ink and add specks.
    assert (len(middle), len(bare)) == (50, 125)
    assert np.mean(middle) > 1.3 * np.mean(bare)


def test_a_strong_skew_pushes_no_print_off_the_picture() -> None:
    page = make_page(3, 0, 100, "2019", damage=Damage(angle=10))
    height, width = page.image.shape[:2]
    boxes = [cell["box"] for table in page.truth["tables"] for cell in table["cells"]]
    boxes += [line["box"] for line in page.truth["text"]]
    corners = [(x, y) for left, top, right, bottom in boxes for x in (left, right) for y in (top, bottom)]
    x, y = page.scan.to_image(np.array(corners)).T
    assert min(x.min(), y.min()) >= 0
    assert x.max() < width
    assert y.max() < height


def test_levels_get_worse() -> None:
    drawn = [[draw_damage(level, np.random.default_rng(seed)) for seed in range(60)] for level in range(6)]
    for name in ("blur", "noise", "shade", "texture"):
        means = [np.mean([getattr(damage, name) for damage in level]) for level in drawn]
        assert means == sorted(means), name
    inks = [np.mean([damage.ink_strength for damage in level]) for level in drawn]
    assert inks == sorted(inks, reverse=True)
    assert all(damage == CLEAN for damage in (draw_damage(0, np.random.default_rng(s)) for s in range(9)))
    with pytest.raises(ValueError, match="0 to 5"):
        draw_damage(6, np.random.default_rng(0))


def test_every_kind_of_damage_is_met_in_a_large_set() -> None:
    drawn = [draw_damage(level, np.random.default_rng([level, s])) for level in range(6) for s in range(150)]
    for name in (
        "perspective",
        "curl",
        "quarter_turns",
        "dark_bed",
        "bleed",
        "stains",
        "rule_breaks",
        "seal",
    ):
        assert any(getattr(damage, name) for damage in drawn), name
    for name in ("speckle", "fax", "bilevel", "jpeg"):
        assert any(getattr(damage, name) for damage in drawn), name
    assert max(abs(damage.angle) for damage in drawn) > 8


@pytest.mark.parametrize("dpi", [100, 300])
def test_boxes_and_picture_grow_with_the_resolution(dpi: int) -> None:
    page, usual = make_page(4, 0, dpi, "2021"), make_page(4, 0, 200, "2021")
    assert page.image.shape[1] == pytest.approx(usual.image.shape[1] * dpi / 200, rel=0.01)
    box, other = page.truth["tables"][0]["box"], usual.truth["tables"][0]["box"]
    assert np.allclose(np.array(box) * 200 / dpi, other, atol=0.03 * other[3])


def test_two_level_pages_have_two_levels() -> None:
    for damage in (Damage(bilevel=True, noise=4.0), Damage(fax=True)):
        assert set(np.unique(make_page(2, 0, 100, "2019", damage=damage).image)) == {0, 255}


def test_the_command_writes_pages_and_truth(tmp_path: Path) -> None:
    assert (
        main(["--out", str(tmp_path), "--pages", "3", "--levels", "0-1", "--dpi", "60", "--seed", "1"]) == 0
    )
    truths = sorted((tmp_path / "truth").glob("*.json"))
    assert len(truths) == 3
    for path in truths:
        truth = json.loads(path.read_text(encoding="utf-8"))
        assert (tmp_path / truth["image"]).is_file()
        assert truth["dpi"] == 60


def test_every_bundled_scan_has_a_truth_and_every_truth_a_scan() -> None:
    scans = {path.relative_to(SCANS).as_posix() for path in SCANS.rglob("*") if path.is_file()}
    truths = [json.loads(path.read_text(encoding="utf-8")) for path in TRUTH.rglob("*.json")]
    assert {truth["image"] for truth in truths} == scans
    assert sum(path.stat().st_size for path in SCANS.rglob("*") if path.is_file()) < 5_000_000


def test_the_bundled_scans_hold_what_the_demo_promises() -> None:
    truths = [json.loads(path.read_text(encoding="utf-8")) for path in TRUTH.rglob("*.json")]
    seed_report = [truth for truth in truths if truth["published"] == "wendeng2020"]
    figures = [c for truth in seed_report for t in truth["tables"] for c in t["cells"] if c["numeric"]]
    assert len(figures) == 176
    assert {table["kind"] for truth in seed_report for table in truth["tables"]} == {"T3", "T4"}
    assert any(truth["source_error"] and truth["form"] == "2021" for truth in truths)
    assert any(truth["quarter_turns"] for truth in truths)
    assert any(truth.get("page") == 2 and truth["image"].endswith(".tif") for truth in truths)
    assert any(truth["form"] == "census" for truth in truths)
