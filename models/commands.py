"""`pantau models`, `evaluate`, `train` and `cross-validate`."""

from __future__ import annotations

import typer

from models import cross_validate_command, evaluate_command, train_command
from models.model_text import described, model_text
from vision.console import AsJson, Quiet, Verbose, emit

_MODELS_EXAMPLES = """\b
Examples:
  pantau models
  pantau models --json
"""


def add_commands(app: typer.Typer) -> None:
    """Add `models`, `evaluate`, `train` and `cross-validate`."""
    app.command("models", epilog=_MODELS_EXAMPLES)(_models)
    evaluate_command.add_commands(app)
    train_command.add_commands(app)
    cross_validate_command.add_commands(app)


def _models(as_json: AsJson = False, verbose: Verbose = False, quiet: Quiet = False) -> None:
    """List the detectors that ship with Pantau.

    Shows for each the kinds of damage it finds, the ground resolution it was trained at, and its
    scores on pictures that it has never seen.
    """
    from models.catalogue import DEFAULT_MODEL, list_models

    known = list_models()
    document = {"default": DEFAULT_MODEL, "models": [described(model) for model in known]}
    emit(document, as_json, lambda: "\n\n".join(model_text(model) for model in known))
