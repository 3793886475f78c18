"""Writes docs/commands.md from the help texts of the command, so that the two never differ."""

from __future__ import annotations

from pathlib import Path

import typer
from typer.testing import CliRunner

from pantau import app

REFERENCE = Path(__file__).with_name("commands.md")


def command_reference() -> str:
    """The help of every command and sub-command, as one Markdown page."""
    pages = [
        "# The commands of Pantau",
        "Written by `make docs` from the help texts; change those, not this page.",
    ]
    for words in command_paths():
        pages.append(f"## `{' '.join(['pantau', *words])}`\n\n```text\n{_help(words)}\n```")
    return "\n\n".join(pages) + "\n"


def command_paths() -> list[list[str]]:
    """The words of every command: [], ["plan"], …, ["review", "list"], …"""
    paths: list[list[str]] = []

    def walk(command: object, words: list[str]) -> None:
        paths.append(words)
        for name, child in getattr(command, "commands", {}).items():
            walk(child, [*words, name])

    walk(typer.main.get_command(app), [])
    return paths


def _help(words: list[str]) -> str:
    result = CliRunner().invoke(app, [*words, "--help"], prog_name="pantau", terminal_width=100)
    if result.exit_code != 0:
        raise SystemExit(f"pantau {' '.join(words)} --help failed: {result.output}")
    return "\n".join(line.rstrip() for line in result.output.strip().splitlines())


if __name__ == "__main__":
    REFERENCE.write_text(command_reference(), encoding="utf-8", newline="\n")
    print(f"wrote {REFERENCE}")
