"""The one exception that people see.

    Exception
    └── PantauError            a mistake of the user's: exit code 2, one sentence with the remedy

Whatever goes wrong with one photo of a batch is no exception but a value with a reason code.
"""

from __future__ import annotations


class PantauError(Exception):
    """A mistake of the user's. The message names the file, what is wrong and what to do."""
