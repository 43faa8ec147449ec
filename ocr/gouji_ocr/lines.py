"""Reads lines of text with PP-OCRv6 on onnxruntime, and figures with the same network restricted to them.

Strips are batched by their own width; padding all of them to 320 pixels, as is usual, costs six times
the work for nothing (`docs/measured/reading.md`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from gouji_layout.page import Gray
from gouji_models.sessions import session
from gouji_ocr import alphabet
from gouji_ocr.ctc import CtcEvidence, best_path, frames_of
from gouji_ocr.script import Scripts
from gouji_ocr.strips import LINE_HEIGHT, batches, stacked
from gouji_ocr.text_evidence import NARROW, text_evidence

WORN = "worn-lines-v1"
"""What further training on worn print changed in the network."""

_MOST_PIXELS = 4096  # width of all strips of a batch together: what fits the processor's cache
_BELIEVED = 1e-3  # least probability at which a frame's class is kept as evidence for text
_TWIN = 0.01  # least probability of a simplified character to take the place of its traditional form
_TINY = 1e-7


@dataclass(frozen=True, slots=True)
class LineText:
    """What one strip says: the text, the log-probability of each character, and where it stands."""

    text: str
    character_log_probabilities: tuple[float, ...]
    positions: tuple[float, ...]  # of each character, 0 to 1 along the strip
    evidence: CtcEvidence
    figures: CtcEvidence  # the same frames when only figures were possible

    @property
    def log_probability(self) -> float:
        """Log-probability of all characters; whether two of them stand apart is no part of a text."""
        known = zip(self.text, self.character_log_probabilities, strict=True)
        return sum(p for char, p in known if not char.isspace())

    @property
    def mean_log_probability(self) -> float:
        """Mean over the characters; minus infinity for no text."""
        known = self.character_log_probabilities
        return sum(known) / len(known) if known else float("-inf")


@dataclass(frozen=True, eq=False)
class LineReader:
    """PP-OCRv6 small: Chinese, Latin and figures."""

    network: ort.InferenceSession
    characters: tuple[str, ...]  # of class 1 and up
    temperature: float = 1.0
    name: str = "ppocr-v6"
    _figures: tuple[NDArray[np.intp], NDArray[np.intp]] = field(init=False, repr=False)
    _narrow: tuple[str, ...] = field(init=False, repr=False)
    _widths: dict[str, list[int]] = field(init=False, repr=False)  # the classes of each narrow form
    _scripts: Scripts = field(init=False, repr=False)

    def __post_init__(self) -> None:
        pairs = [
            (position + 1, alphabet.INDEX[folded])
            for position, char in enumerate(self.characters)
            if (folded := alphabet.fold(char) or char) in alphabet.INDEX and folded != alphabet.REJECT
        ]
        # PP-OCR takes a long dash for the ideograph one, which no figure holds.
        pairs += [(self.characters.index("一") + 1, alphabet.INDEX["-"])]
        columns = np.array([0] + [p[0] for p in pairs], dtype=np.intp)
        targets = np.array([0] + [p[1] for p in pairs], dtype=np.intp)
        object.__setattr__(self, "_figures", (columns, targets))
        narrow = tuple(NARROW.get(char, char) for char in self.characters)
        widths: dict[str, list[int]] = {}
        for number, char in enumerate(narrow, 1):
            widths.setdefault(char, []).append(number)
        object.__setattr__(self, "_narrow", narrow)
        object.__setattr__(self, "_widths", widths)
        object.__setattr__(self, "_scripts", Scripts.of(self.characters))

    @classmethod
    def load(cls, threads: int = 1) -> LineReader:
        """Open the network; its characters are stored inside the file.

        Raises:
            ModelMissingError: see `gouji_models.weights`.
        """
        return cls._of(session("ppocr-v6-rec", threads))

    @classmethod
    def load_worn(cls, threads: int = 1) -> LineReader:
        """Open the network as it is after further training on worn print (`gouji_ocr.worn_words`).

        Raises:
            ModelMissingError: see `gouji_models.weights`.
        """
        return cls._of(session("ppocr-v6-rec", threads, further=WORN))

    @classmethod
    def _of(cls, network: ort.InferenceSession) -> LineReader:
        characters = tuple(network.get_modelmeta().custom_metadata_map["character"].split("\n"))
        classes = network.get_outputs()[0].shape[-1]
        return cls(network, (*characters, " ")[: int(classes) - 1])

    def read(self, strips: Sequence[Gray]) -> list[LineText]:
        """The text of each strip (48 high, on `ink.PAPER`), in the same order.

        Strips read together are one text: where it is in simplified script, a character that is likeliest
        in its traditional form, but may be the simplified one, is read as that.
        """
        frames: dict[int, NDArray[np.float32]] = {}
        for group in batches([strip.shape[1] for strip in strips], most_pixels=_MOST_PIXELS):
            frames |= zip(group, self._run([strips[i] for i in group]), strict=True)
        texts = {i: self._text(frames[i]) for i in range(len(strips))}
        if self._scripts.simplified(line.text for line in texts.values()):
            worn = [
                i for i, line in texts.items() if not self._scripts.simplified_of.keys().isdisjoint(line.text)
            ]
            texts |= {i: self._text(self._in_simplified(frames[i])) for i in worn}
        return list(texts.values())

    def read_figures(self, strips: Sequence[Gray]) -> list[CtcEvidence]:
        """Evidence of each strip over the alphabet of figures, as if nothing else could be printed."""
        found: dict[int, CtcEvidence] = {}
        for group in batches([strip.shape[1] for strip in strips], most_pixels=_MOST_PIXELS):
            for position, frames in zip(group, self._run([strips[i] for i in group]), strict=True):
                found[position] = self._as_figures(frames)
        return [found[i] for i in range(len(strips))]

    def _as_figures(self, probabilities: NDArray[np.float32]) -> CtcEvidence:
        columns, targets = self._figures
        folded = np.full((len(alphabet.SYMBOLS) + 1, len(probabilities)), _TINY, dtype=np.float32)
        np.add.at(folded, targets, probabilities[:, columns].T)
        logs = np.log(folded / folded.sum(axis=0)).T
        return alphabet.evidence(frames_of(logs))

    def _run(self, strips: Sequence[Gray]) -> list[NDArray[np.float32]]:
        """Probabilities (steps, classes) of each strip; the steps of the padding are left out."""
        strips = [_as_high(strip) for strip in strips]
        batch = stacked(strips).astype(np.float32) / 127.5 - 1.0
        (output,) = self.network.run(None, {"x": np.repeat(batch[:, None], 3, axis=1)})
        steps = output.shape[1]
        return [
            rows[: max(1, -(-steps * strip.shape[1] // batch.shape[2]))]
            for rows, strip in zip(output, strips, strict=True)
        ]

    def _text(self, probabilities: NDArray[np.float32]) -> LineText:
        classes, at = best_path(probabilities)
        steps = len(probabilities)
        seen = (
            probabilities[t, self._widths[self._narrow[c - 1]]].sum()
            for c, t in zip(classes, at, strict=True)
        )
        logs = tuple(float(np.log(min(max(share, _TINY), 1.0))) for share in seen)
        text = "".join(self.characters[c - 1] for c in classes)
        places = tuple((t + 0.5) / steps for t in at)
        return LineText(text, logs, places, self._evidence(probabilities), self._as_figures(probabilities))

    def _in_simplified(self, probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
        """The frames with what traditional forms have given to simplified ones that are believed in there."""
        changed = probabilities.copy()
        for old, at in zip(*best_path(probabilities), strict=True):
            form = self._scripts.simplified_of.get(self.characters[old - 1])
            new = self.characters.index(form) + 1 if form else 0
            if form and probabilities[at, new] >= _TWIN:
                changed[:, new] += changed[:, old]
                changed[:, old] = 0.0
        return changed

    def _evidence(self, probabilities: NDArray[np.float32]) -> CtcEvidence:
        """The few classes any frame believes in; everything else is one reject class at the end."""
        believed = np.flatnonzero(probabilities.max(axis=0) > _BELIEVED)
        names = list(dict.fromkeys(self._narrow[c - 1] for c in believed if c))
        kept = np.stack(
            [probabilities[:, 0], *(probabilities[:, self._widths[name]].sum(axis=1) for name in names)],
            axis=1,
        )
        rest = np.maximum(1.0 - kept.sum(axis=1, keepdims=True), _TINY)
        frames = frames_of(np.log(np.maximum(np.concatenate([kept, rest], axis=1), _TINY)))
        return text_evidence(frames, (*names, alphabet.REJECT))


def _as_high(strip: Gray) -> Gray:
    """The strip at the height this network reads at."""
    if strip.shape[0] == LINE_HEIGHT:
        return strip
    width = max(8, round(strip.shape[1] * LINE_HEIGHT / strip.shape[0]))
    return np.asarray(cv2.resize(strip, (width, LINE_HEIGHT), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
