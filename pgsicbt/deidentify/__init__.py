"""The gate: what could identify a person is found before anything is kept."""

from pgsicbt.deidentify.gate import Examination, Text, examine, safe
from pgsicbt.deidentify.rare import rare_combinations

__all__ = ["Examination", "Text", "examine", "rare_combinations", "safe"]
