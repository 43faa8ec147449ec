"""Processor time by step, so that the cost of a page can be split."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager


def processor_seconds() -> float:
    """Processor time of this process and of those it waited for (Tesseract is one), in seconds."""
    spent = os.times()
    return time.process_time() + spent.children_user + spent.children_system


class StepClock:
    """Processor seconds by step; wall seconds would count what other workers do."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Add the processor time of the block to `name`."""
        start = processor_seconds()
        try:
            yield
        finally:
            self.add(name, processor_seconds() - start)

    def add(self, name: str, seconds: float) -> None:
        """Add seconds measured elsewhere."""
        self.seconds[name] = round(self.seconds.get(name, 0.0) + seconds, 4)
