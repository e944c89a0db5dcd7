"""How far a study is: a bar on a terminal, elsewhere a line every tenth of the way."""

import time
from types import TracebackType

from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from experiments import console

_LINES = 10


class Progress:
    """Counts points that are done and that have failed, and tells the time left.

    Leave it as a context; `kept` points of `total` were there before.
    """

    def __init__(self, what: str, total: int, kept: int):
        self.what, self.total, self.kept = what, total, kept
        self.done = self.failed = 0
        self._told = _LINES * kept // max(total, 1)
        self._begun = time.monotonic()
        self._bar: Bar | None = None

    def __enter__(self) -> "Progress":
        if self.kept:
            console.notes.print(f"{self.kept} of {self.total} {self.what} were kept from before")
        if console.notes.is_terminal and self.total > self.kept:
            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.completed:.0f} of {task.total:.0f}{task.fields[failed]}"),
                TimeElapsedColumn(),
                TextColumn("left"),
                TimeRemainingColumn(),
            )
            self._bar = Bar(*columns, console=console.notes, transient=True)
            self._bar.start()
            self._task = self._bar.add_task(
                self.what, total=self.total, completed=self.kept, failed=""
            )
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def take(self, kept: int) -> None:
        """So many more points were there before."""
        self.kept += kept
        if kept:
            self._show()

    def add(self, *, failed: bool) -> None:
        """One more point has ended."""
        self.done += not failed
        self.failed += failed
        self._show()

    def _show(self) -> None:
        ended = self.kept + self.done + self.failed
        if self._bar is not None:
            self._bar.update(self._task, completed=ended, failed=self._failures())
        elif (tenth := _LINES * ended // self.total) > self._told:
            self._told = tenth
            console.notes.print(
                f"{self.what}: {ended} of {self.total}{self._failures()}{self._left()}",
                soft_wrap=True,
            )

    def _failures(self) -> str:
        return f", {self.failed} failed" if self.failed else ""

    def _left(self) -> str:
        """Time left, if what is left goes as fast as what this run has done."""
        ran = self.done + self.failed
        if not ran:
            return ""
        spent = time.monotonic() - self._begun
        left = round(spent / ran * (self.total - self.kept - ran))
        return f", {left // 60} min left" if left >= 120 else f", {left} s left"
