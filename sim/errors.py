"""Errors that a user can mend: each is one clear message, printed without a traceback."""

from pathlib import Path


class InputError(ValueError):
    """Something that the user gave is wrong: a key, a value, a file or a combination."""


class FileError(InputError):
    """A bad place in an input file, named by file, line and column."""

    def __init__(
        self, path: str | Path, problem: str, *, line: int | None = None, column: str | None = None
    ):
        place = str(path)
        if line is not None:
            place += f", line {line}"
        if column is not None:
            place += f", column '{column}'"
        super().__init__(f"{place}: {problem}")
        self.path, self.line, self.column = path, line, column
