"""What an estimate means: verdicts, simple slopes, burden, overlap, prediction."""

from pgsicbt.meaning.burden import Burden, burden
from pgsicbt.meaning.classification import Classification, predict_status
from pgsicbt.meaning.increment import increments
from pgsicbt.meaning.interest import Interest, interest
from pgsicbt.meaning.overlap import Overlap, overlap
from pgsicbt.meaning.prediction import Prediction, predict_post
from pgsicbt.meaning.simple_slopes import (
    SimpleSlopes,
    change_by_score,
    effect_by_week,
    simple_slopes,
)
from pgsicbt.meaning.verdicts import verdicts
from pgsicbt.meaning.yardsticks import Amount, amounts, yardsticks

__all__ = [
    "Amount",
    "Burden",
    "Classification",
    "Interest",
    "Overlap",
    "Prediction",
    "SimpleSlopes",
    "amounts",
    "burden",
    "change_by_score",
    "effect_by_week",
    "increments",
    "interest",
    "overlap",
    "predict_post",
    "predict_status",
    "simple_slopes",
    "verdicts",
    "yardsticks",
]
