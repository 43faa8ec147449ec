"""Every word of the review page, in Chinese and English: `words.json`, a pair for each key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

LANGUAGES = ("zh", "en")


@cache
def words() -> Mapping[str, tuple[str, str]]:
    """All words by key, one in each language."""
    plain = json.loads((Path(__file__).parent / "words.json").read_text(encoding="utf-8"))
    return {key: (pair[0], pair[1]) for key, pair in plain.items()}


def say(language: str, key: str, **values: object) -> str:
    """A word in a language, with values filled in.

    Raises:
        KeyError: there is no such word.
    """
    word = words()[key][LANGUAGES.index(language)]
    return word.format(**values) if values else word
