"""A progress bar for commands that take longer than a second."""

from django.core.management.base import OutputWrapper

WIDTH = 30


class Progress:
    """On a terminal one line that is drawn again; elsewhere a line each tenth of the way."""

    def __init__(self, out: OutputWrapper, total: int) -> None:
        self._out, self._total, self._done = out, max(total, 1), 0

    def step(self, number: int = 1) -> None:
        """Counts what was done."""
        before, self._done = self._done, self._done + number
        if self._out.isatty():
            filled = min(WIDTH, round(WIDTH * self._done / self._total))
            end = "\n" if self._done >= self._total else "\r"
            bar = "█" * filled + "·" * (WIDTH - filled)
            self._out.write(f"  [{bar}] {self._done}/{self._total}", ending=end)
            self._out.flush()
        elif before * 10 // self._total != self._done * 10 // self._total:
            self._out.write(f"  {self._done}/{self._total}")

    def line(self, text: str) -> None:
        """A line of its own between the bar's."""
        self._out.write(("\n" if self._out.isatty() else "") + text)
