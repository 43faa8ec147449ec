"""One script for a text: worn simplified characters look like traditional ones to the line reader."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import opencc

# The whole path: of a bare name OpenCC would rather open a file of the folder the program was started in.
_DICTIONARY = Path(opencc.__file__).parent / "clib" / "share" / "opencc" / "t2s.json"
_FEWEST = 5  # simplified characters that show the script of a text
_RARER = 3  # times: characters of the other script are misread when there are so many fewer of them


@dataclass(frozen=True)
class Scripts:
    """Which characters of a reader are the traditional form of which simplified one."""

    simplified_of: dict[str, str]

    @classmethod
    def of(cls, characters: Sequence[str]) -> Self:
        """The pairs among these characters, by the dictionaries of OpenCC.

        >>> Scripts.of(("項", "项", "目", "龍")).simplified_of
        {'項': '项'}
        """
        convert = opencc.OpenCC(str(_DICTIONARY)).convert
        known = set(characters)
        pairs = {char: convert(char) for char in characters if len(char) == 1 and not char.isascii()}
        return cls({char: other for char, other in pairs.items() if other != char and other in known})

    def simplified(self, texts: Iterable[str]) -> bool:
        """Whether these texts, printed together, are in simplified script.

        >>> Scripts({"項": "项", "數": "数"}).simplified(["项数项数", "项目數"])
        True
        >>> Scripts({"項": "项", "數": "数"}).simplified(["項目數", "数"])
        False
        """
        printed = "".join(texts)
        forms = set(self.simplified_of.values())
        new, old = (sum(char in group for char in printed) for group in (forms, self.simplified_of))
        return new >= max(_FEWEST, _RARER * old)
