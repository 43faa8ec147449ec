"""Numbers that come with a request, kept within what a column of the database can hold.

Anything beyond is answered with 422 before a database, which would fail on it, is asked. SQLite gives
the number of a row that was taken out to the next one; so pages say with a number what it stood for.
"""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import Form, Path, Query

MOST = 2**31 - 1  # of an INTEGER in PostgreSQL, the narrower of our databases

InPath = Annotated[int, Path(ge=0, le=MOST)]
InQuery = Annotated[int, Query(ge=0, le=MOST)]
InForm = Annotated[int, Form(ge=0, le=MOST)]


def meaning(*what: object) -> str:
    """A short word for what a number stands for, the same in every process."""
    return hashlib.sha256(repr(what).encode()).hexdigest()[:16]
