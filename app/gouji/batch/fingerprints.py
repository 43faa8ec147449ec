"""What results depend on beside the bytes of a file, boiled down so that a change is noticed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import version
from importlib.resources import files

from gouji.batch.settings import Limits
from gouji.exits import SettingsError
from gouji.ledger_enlist import Fingerprints
from gouji.options import ReadOptions, reading_key
from gouji_models.registry import CARDS
from gouji_postprocess.calibration import Calibration
from gouji_postprocess.packs import BUNDLED, load_packs


def fingerprints(options: ReadOptions, limits: Limits) -> Fingerprints:
    """The fingerprints of a run, after its settings were found to make sense.

    Raises:
        PackError: a form pack does not make sense.
        SettingsError: the calibration does not.
    """
    load_packs(options.form_packs)
    if options.calibration:
        try:
            Calibration.load(options.calibration)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SettingsError(f"{options.calibration} is not a calibration: {error}") from error
    guards = {"max_pixels": options.max_pixels, "max_pages": options.max_pages}
    plain = {name: value for name, value in options.as_record().items() if name not in guards}
    deciding = hashlib.sha256(json.dumps([version("gouji"), plain], sort_keys=True).encode())
    for content in _files(options):
        deciding.update(hashlib.sha256(content).digest())
    weights = ",".join(sorted(card.sha256 for card in CARDS.values()))
    return Fingerprints(
        # Cut short: they stand in every row of the ledger, and tell versions apart, not files.
        reading=reading_key("", 0, weights)[:16],
        deciding=deciding.hexdigest()[:16],
        limits=hashlib.sha256(json.dumps({**guards, **asdict(limits)}).encode()).hexdigest()[:16],
    )


def _files(options: ReadOptions) -> Iterator[bytes]:
    """Content, not names: a pack that was edited is another pack."""
    yield files("gouji_postprocess").joinpath("calibration.json").read_bytes()
    for place in (BUNDLED, *options.form_packs):
        for path in sorted(place.rglob("*.y*ml")) if place.is_dir() else [place]:
            yield path.read_bytes()
    if options.calibration:
        yield options.calibration.read_bytes()
