"""Known failures of the review; each message is a sentence for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gouji.review.answers import Event


class ReviewError(Exception):
    """Something about the review is not as it should be."""


class ConflictError(ReviewError):
    """Somebody else answered or edited meanwhile; `event` says who and what."""

    def __init__(self, event: Event | None) -> None:
        super().__init__("answered by somebody else meanwhile")
        self.event = event


class NoSuchItemError(ReviewError):
    """There is no figure, document or sample of this number."""


class PictureGoneError(ReviewError):
    """The scan of a document is not where it was read, or is another file now."""


class SignInError(ReviewError):
    """Nobody is signed in."""


class NotAllowedError(ReviewError):
    """The person's role does not allow this, or the request does not come from our page."""


class StructureError(ReviewError):
    """An edit does not fit the table; the message says why, in Chinese."""


class NoFontError(ReviewError):
    """No font with Chinese characters is installed."""
