"""What `gouji` returns to the shell, and which known failure leads to which code."""

from __future__ import annotations

from enum import IntEnum

from gouji.batch.work_kind import FileChangedError
from gouji.evaluate import ResultError, TruthError
from gouji.review.errors import (
    ConflictError,
    NoFontError,
    NoSuchItemError,
    NotAllowedError,
    PictureGoneError,
    ReviewError,
    SignInError,
    StructureError,
)
from gouji_layout.scan import (
    DamagedScanError,
    EncryptedScanError,
    NotAScanError,
    OversizedScanError,
    ScanError,
)
from gouji_models.registry import ModelMissingError
from gouji_postprocess.language import FormulaError
from gouji_postprocess.pack_source import PackError


class ExitCode(IntEnum):
    """Exit codes of every command; documented in docs/errors.md."""

    DONE = 0
    UNEXPECTED = 1  # a mistake in gouji itself
    BAD_USE = 2  # click's own code for wrong arguments
    SOME_FAILED = 3  # the run finished, but some files or pages could not be read
    BAD_INPUT = 4  # nothing could be read at all
    BAD_SETTINGS = 5  # a form pack, calibration or option file is wrong
    NOT_INSTALLED = 6  # a program or weights file is missing
    BAD_OUTPUT = 7  # the output folder cannot be written, is full, or belongs to another run
    INTERRUPTED = 130  # Ctrl-C; what was done is kept and the run can go on


class OutputError(Exception):
    """The output folder cannot be written or does not hold what it should."""


class SettingsError(Exception):
    """An option or settings file does not make sense."""


class WorkersDieError(Exception):
    """Worker processes cannot start, or end before they have done anything."""


class NothingToReadError(Exception):
    """The paths given hold no scan."""


EXIT_CODES: dict[type[BaseException], ExitCode] = {
    NothingToReadError: ExitCode.BAD_INPUT,
    ScanError: ExitCode.BAD_INPUT,
    NotAScanError: ExitCode.BAD_INPUT,
    DamagedScanError: ExitCode.BAD_INPUT,
    EncryptedScanError: ExitCode.BAD_INPUT,
    OversizedScanError: ExitCode.BAD_INPUT,
    FileChangedError: ExitCode.BAD_INPUT,
    TruthError: ExitCode.BAD_INPUT,
    ResultError: ExitCode.BAD_INPUT,
    SettingsError: ExitCode.BAD_SETTINGS,
    PackError: ExitCode.BAD_SETTINGS,
    FormulaError: ExitCode.BAD_SETTINGS,
    ModelMissingError: ExitCode.NOT_INSTALLED,
    OutputError: ExitCode.BAD_OUTPUT,
    WorkersDieError: ExitCode.UNEXPECTED,
    # The review page shows these to the person it serves; none ends a command.
    ReviewError: ExitCode.BAD_USE,
    ConflictError: ExitCode.BAD_USE,
    NoSuchItemError: ExitCode.BAD_USE,
    NotAllowedError: ExitCode.BAD_USE,
    SignInError: ExitCode.BAD_USE,
    StructureError: ExitCode.BAD_USE,
    PictureGoneError: ExitCode.BAD_INPUT,
    NoFontError: ExitCode.NOT_INSTALLED,
    KeyboardInterrupt: ExitCode.INTERRUPTED,
}
"""Every known failure; a test walks the packages and fails when an error class is missing here."""


def exit_code(error: BaseException) -> ExitCode:
    """The code for an error, by its nearest known class."""
    for kind in type(error).__mro__:
        if kind in EXIT_CODES:
            return EXIT_CODES[kind]
    return ExitCode.UNEXPECTED
