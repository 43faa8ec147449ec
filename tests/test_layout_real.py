"""Real pictures kept outside the repository: each one that was once wrong stays right."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gouji_layout.page import ScanPage
from gouji_layout.tables import find_tables
from gouji_layout.upright import upright

REAL = Path(__file__).resolve().parents[2] / "shared" / "realdata"
EXACT = [
    "coal_020", "coal_034", "coal_035", "coal_038", "coal_042", "coal_045", "coal_063", "coal_079",
    "coal_083", "coal_092", "coal_113", "coal_single",
    "jiangnanboy_lpr", "rapiddoc_table_04", "rapiddoc_table_09a", "tsr_table6_balance",
    "tsr_wired_big_box", "wtr_ledger_crop",
]  # fmt: skip


@pytest.mark.real
@pytest.mark.skipif(not REAL.is_dir(), reason="the real scans are kept outside the repository")
@pytest.mark.parametrize("name", EXACT)
def test_the_grid_of_a_real_scan_stays_exact(name: str) -> None:
    truth = json.loads((REAL / "scans" / "truth" / f"{name}.json").read_text(encoding="utf-8"))
    image = np.asarray(Image.open(REAL / "scans" / truth["image"]).convert("RGB"))
    tables = find_tables(upright(ScanPage(1, image, None)))
    found = [{(c.row, c.col, c.rowspan, c.colspan) for c in table.cells} for table in tables]
    for table in truth["tables"]:
        assert {(c["row"], c["col"], c["rowspan"], c["colspan"]) for c in table["cells"]} in found
