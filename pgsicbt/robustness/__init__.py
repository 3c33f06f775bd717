"""Does a result hold when the analysis had been chosen otherwise?"""

from pgsicbt.robustness.agreement import Agreement, agreement
from pgsicbt.robustness.challenges import Challenge, Challenges, challenge
from pgsicbt.robustness.curve import Curve, specification_curve
from pgsicbt.robustness.dropout import DropOut, drop_out
from pgsicbt.robustness.imputation import Imputations, impute
from pgsicbt.robustness.imputed_fit import ImputedResult, imputed_fit
from pgsicbt.robustness.proxy import Contest, contest
from pgsicbt.robustness.tipping import Tipping, tipping

__all__ = [
    "Agreement",
    "Challenge",
    "Challenges",
    "Contest",
    "Curve",
    "DropOut",
    "Imputations",
    "ImputedResult",
    "Tipping",
    "agreement",
    "challenge",
    "contest",
    "drop_out",
    "impute",
    "imputed_fit",
    "specification_curve",
    "tipping",
]
