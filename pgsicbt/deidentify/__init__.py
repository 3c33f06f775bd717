"""The gate: what could identify a person is found before anything is kept."""

from pgsicbt.deidentify.gate import Examination, Text, examine, safe

__all__ = ["Examination", "Text", "examine", "safe"]
