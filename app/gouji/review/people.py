"""Who may review: accounts with roles and argon2 passwords, or names that a trusted proxy vouches for."""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, insert, select, update

from gouji.exits import SettingsError
from gouji.ledger import Ledger
from gouji.review.journal import now
from gouji.review.schema import keys, people

SHORTEST_PASSWORD = 10
_NAME = re.compile(r"[\w.@\-·]{1,60}")


class Role(StrEnum):
    """What a person may do; each role may do what the one before it may."""

    REVIEWER = "reviewer"
    SECOND = "second"  # also takes second and third looks
    ADMIN = "admin"  # also people, samples, audit


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may review."""

    name: str
    role: Role
    active: bool = True


@dataclass(frozen=True, eq=False)
class People:
    """The accounts of one ledger."""

    ledger: Ledger
    hasher: PasswordHasher = field(default_factory=PasswordHasher)

    def everybody(self) -> list[Person]:
        """All accounts, by name."""
        with self.ledger.view() as connection:
            rows = connection.execute(select(people).order_by(people.c.name)).all()
        return [Person(row.name, Role(row.role), row.active) for row in rows]

    def find(self, name: str) -> Person | None:
        """An active account."""
        with self.ledger.view() as connection:
            row = connection.execute(select(people).where(people.c.name == name, people.c.active)).first()
        return None if row is None else Person(row.name, Role(row.role))

    def add(self, name: str, role: Role, password: str | None) -> None:
        """Make an account, or give an existing one a new role and password.

        Args:
            name: what the record will call them.
            role: what they may do.
            password: None for an account that only a proxy signs in.

        Raises:
            SettingsError: the name or the password will not do.
        """
        if not _NAME.fullmatch(name):
            raise SettingsError(f"not a name for an account: {name!r} (letters, digits and . _ @ - ·)")
        if password is not None and len(password) < SHORTEST_PASSWORD:
            raise SettingsError(f"the password needs at least {SHORTEST_PASSWORD} characters")
        hashed = None if password is None else self.hasher.hash(password)
        with self.ledger.begin() as connection:
            connection.execute(delete(people).where(people.c.name == name))
            connection.execute(
                insert(people).values(name=name, role=role.value, password=hashed, active=True, since=now())
            )

    def close(self, name: str) -> bool:
        """End an account; what it said stays. False when there is none."""
        with self.ledger.begin() as connection:
            done = connection.execute(update(people).where(people.c.name == name).values(active=False))
        return done.rowcount > 0

    def check(self, name: str, password: str) -> Person | None:
        """The person, when the password is theirs; takes as long for names that do not exist."""
        with self.ledger.view() as connection:
            row = connection.execute(select(people).where(people.c.name == name, people.c.active)).first()
        hashed = row.password if row is not None and row.password else self._decoy
        try:
            self.hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return None
        return None if row is None or not row.password else Person(row.name, Role(row.role))

    @property
    def _decoy(self) -> str:
        # Of a random password with the same costs, so that a name cannot be found out by timing.
        return (
            "$argon2id$v=19$m=65536,t=3,p=4$c29tZXJhbmRvbXNhbHQ$hSkd0lBzUzQC9bC0tC1Z0R0gQ0Y3eC5SgqEu3YHnYcE"
        )

    def secret(self) -> str:
        """The key that signs sessions; kept in the ledger so that they outlive a restart."""
        with self.ledger.begin() as connection:
            value = connection.scalar(select(keys.c.value).where(keys.c.name == "session"))
            if value is None:
                value = secrets.token_urlsafe(48)
                connection.execute(insert(keys).values(name="session", value=value))
        return str(value)


@dataclass(eq=False)
class Throttle:
    """Slows guessing of passwords: so many failures per name or address in a while, then a pause.

    A try counts as a failure from its start, so that many at the same time are no more than many in turn.
    """

    most: int = 5
    seconds: float = 300.0
    _failures: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, *whom: str) -> float:
        """Begin a try: 0, or the seconds to wait before it may be made."""
        at = time.monotonic()
        with self._lock:
            seconds = max((self._wait(key, at) for key in whom), default=0.0)
            if seconds:
                return seconds
            for key in whom:
                self._failures[key].append(at)
            if len(self._failures) > 10_000:  # an attacker must not fill the memory with names
                self._failures.clear()
        return 0.0

    def right(self, *whom: str) -> None:
        """The try that was begun was no failure."""
        with self._lock:
            for key in whom:
                if self._failures.get(key):
                    self._failures[key].pop()

    def _wait(self, key: str, at: float) -> float:
        failures = self._failures.get(key)
        if not failures:
            return 0.0
        while failures and failures[0] < at - self.seconds:
            failures.popleft()
        return failures[0] + self.seconds - at if len(failures) >= self.most else 0.0
