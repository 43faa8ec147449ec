"""Writes the words that decide between characters in doubt, from the dictionary of jieba.

    python models/training/count_words.py DICTIONARY OUT.txt.gz

DICTIONARY is `dict.txt` of jieba (word, count, kind). Kept are the commonest words of one to four Chinese
characters, each with its count.
"""

from __future__ import annotations

import gzip
import re
import sys
from pathlib import Path

_MOST = 100_000
_WORD = re.compile(r"[\u4e00-\u9fff]{1,4}")


def main() -> None:
    """Command line."""
    dictionary, out = map(Path, sys.argv[1:3])
    entries = (line.split(" ") for line in dictionary.read_text("utf-8").splitlines())
    counts = {word: int(count) for word, count, _ in entries if _WORD.fullmatch(word) and int(count)}
    kept = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_MOST]
    text = "".join(f"{word} {count}\n" for word, count in kept)
    out.write_bytes(gzip.compress(text.encode("utf-8"), 9, mtime=0))


if __name__ == "__main__":
    main()
