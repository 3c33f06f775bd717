"""One door to every kind of model: a study and a spec in, a result out."""

from __future__ import annotations

from collections.abc import Callable

from pgsicbt.errors import SpecError
from pgsicbt.models.families.gee import fit_gee
from pgsicbt.models.families.mmrm_grid import fit_mmrm
from pgsicbt.models.families.person_level import fit_person_level
from pgsicbt.models.grid.grid import fit as fit_grid
from pgsicbt.models.permutation.shuffled import refuse_unshuffled
from pgsicbt.progress import Progress
from pgsicbt.result import Result
from pgsicbt.spec import AnalysisSpec, Family
from pgsicbt.study import Study

Fit = Callable[[Study, AnalysisSpec, Progress | None], Result]

_PERSON_LEVEL: tuple[Family, ...] = (
    "ancova", "change", "tobit", "logistic", "ordinal", "dropout", "cox"
)  # fmt: skip
FAMILIES: dict[Family, Fit] = {
    "lmm": fit_grid,
    "mmrm": fit_mmrm,
    "clda": fit_mmrm,
    "gee": fit_gee,
    **dict.fromkeys(_PERSON_LEVEL, fit_person_level),
}


def fit(study: Study, spec: AnalysisSpec, progress: Progress | None = None) -> Result:
    """Fit one model per score and adjustment, of the family that the spec names.

    Parameters
    ----------
    progress
        Called with the models done and the models there are.

    Returns
    -------
    Result
        One row per score, model and term. A model that cannot be fitted has a row of status
        ``failed`` for its score terms and a warning that says why.

    Raises
    ------
    SpecError
        If the spec names what the study does not have.
    FitError
        If no model can be fitted.
    """
    chosen = FAMILIES.get(spec.family)
    if chosen is None:
        raise SpecError(
            f"Models of the kind {spec.family!r} cannot be fitted here.",
            f"Choose one of: {', '.join(FAMILIES)}.",
            column="family",
        )
    if spec.multiplicity == "max-t":
        refuse_unshuffled(spec)
    return chosen(study, spec, progress)
