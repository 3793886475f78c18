"""How every command speaks: results on stdout, everything else on stderr.

`--json` prints one JSON document on stdout and nothing else there; progress and messages go to
stderr, quieter with `-q`, more of them with `-v`.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

import typer


@dataclass
class _Voice:
    """How much this process says on stderr: -1 quiet, 0 normal, 1 verbose.

    `print_line` is another way to say it while a bar is on the screen.
    """

    level: int = 0
    print_line: Callable[[str], None] | None = None


_voice = _Voice()


# A command that is not told to be quiet or verbose is neither, whatever an earlier one of this process was.
def _set_verbose(value: bool) -> bool:
    if value or _voice.level > 0:
        _voice.level = int(value)
    return value


def _set_quiet(value: bool) -> bool:
    if value or _voice.level < 0:
        _voice.level = -int(value)
    return value


AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document of results on stdout.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Say more on stderr.", callback=_set_verbose)]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Say only errors on stderr.", callback=_set_quiet)]


def say(message: str) -> None:
    """Tell the person something on stderr; silent with `-q`."""
    if _voice.level >= 0:
        _print_line(message)


def say_more(message: str) -> None:
    """Tell a detail on stderr, only with `-v`."""
    if _voice.level >= 1:
        _print_line(message)


def warn(message: str) -> None:
    """Tell something that needs attention on stderr, even with `-q`."""
    _print_line(f"warning: {message}")


def _print_line(line: str) -> None:
    if _voice.print_line:
        _voice.print_line(line)
    else:
        print(line, file=sys.stderr, flush=True)


def emit(document: Any, as_json: bool, text: Callable[[], str]) -> None:
    """Print the results of a command on stdout: the JSON document, or else the text for people."""
    if as_json:
        print(json.dumps(document, ensure_ascii=False, indent=2, default=str))
    else:
        print(text())


@contextmanager
def progress(task: str, total: int | None = None) -> Iterator[Callable[[int, str], None]]:
    """Show the progress of a task on stderr; yields `advance(steps, detail)`.

    A bar on a terminal; elsewhere (a log file, CI) a line at most every five seconds.
    """
    if _voice.level < 0:
        yield lambda steps, detail: None
    elif sys.stderr.isatty():
        with _bar(task, total) as advance:
            yield advance
    else:
        yield _line_reporter(task, total)


@contextmanager
def progress_from_first_step(task: str, total: int | None = None) -> Iterator[Callable[[int, str], None]]:
    """Progress that shows nothing before its first step, so that no bar disturbs a question."""
    with ExitStack() as stack:
        started: list[Callable[[int, str], None]] = []

        def advance(steps: int, detail: str) -> None:
            if not started:
                started.append(stack.enter_context(progress(task, total)))
            started[0](steps, detail)

        yield advance


@contextmanager
def _bar(task: str, total: int | None) -> Iterator[Callable[[int, str], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[detail]}"),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console) as bars:
        bar = bars.add_task(task, total=total, detail="")
        _voice.print_line = lambda line: console.print(line, markup=False, highlight=False)
        try:
            yield lambda steps, detail: bars.update(bar, advance=steps, detail=detail)
        finally:
            _voice.print_line = None


def _line_reporter(task: str, total: int | None) -> Callable[[int, str], None]:
    done = 0
    last_s = time.monotonic()
    print(f"{task} …", file=sys.stderr, flush=True)

    def advance(steps: int, detail: str) -> None:
        nonlocal done, last_s
        done += steps
        now_s = time.monotonic()
        if now_s - last_s >= 5 or (done == total and steps):
            last_s = now_s
            of_total = f"/{total}" if total is not None else ""
            print(f"{task}: {done}{of_total} {detail}".rstrip(), file=sys.stderr, flush=True)

    return advance
