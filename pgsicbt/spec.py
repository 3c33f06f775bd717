"""What is to be analysed: the frozen :class:`AnalysisSpec`.

A spec holds no data. It is the only thing in saved settings, on the command line, in the report
and in cache keys; it travels as JSON and has one canonical text form.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any

from pgsicbt.errors import SpecError
from pgsicbt.spec_fields import CATEGORICAL_TIME as CATEGORICAL_TIME
from pgsicbt.spec_fields import LONGITUDINAL as LONGITUDINAL
from pgsicbt.spec_fields import NAMES, check_names, check_numbers
from pgsicbt.spec_fields import Adjustment as Adjustment
from pgsicbt.spec_fields import DfMethod as DfMethod
from pgsicbt.spec_fields import ErrorMethod as ErrorMethod
from pgsicbt.spec_fields import Family as Family
from pgsicbt.spec_fields import Multiplicity as Multiplicity
from pgsicbt.spec_fields import Origin as Origin
from pgsicbt.spec_fields import OutlierRule as OutlierRule
from pgsicbt.spec_fields import RandomPart as RandomPart
from pgsicbt.spec_fields import Residuals as Residuals
from pgsicbt.spec_fields import ScoreScale as ScoreScale
from pgsicbt.spec_fields import TimeCoding as TimeCoding
from pgsicbt.spec_fields import TimeUnit as TimeUnit
from pgsicbt.spec_fields import Working as Working
from pgsicbt.study import HARMONISED

_TWO_TERMS = ("piecewise", "spline")


@dataclass(frozen=True)
class AnalysisSpec:
    """One analysis of one outcome by a grid of scores.

    Parameters
    ----------
    outcome
        Name of an outcome of the study, or ``"harmonised"``.
    family
        Which kind of model. Visits are observations in ``lmm`` (linear mixed model, the lead),
        ``mmrm`` (every week a level, unstructured residuals), ``clda`` (the same with one common
        mean before treatment) and ``gee``. One value per person is the outcome of ``ancova``
        (after treatment, given before), ``change``, ``tobit`` (ancova with a floor),
        ``logistic`` (``definition`` met or not), ``ordinal`` (severity band after treatment),
        ``dropout`` (no value after treatment) and ``cox`` (week of the last visit).
    scores
        Names of the scores, one model each; empty for a model without a score.
    controls
        Those of ``scores`` that are negative controls: fitted alike, in no family of tests.
    together
        All scores in one model instead of one model each.
    interactions
        Pairs of a score of ``scores`` and another score or a covariate (a diagnosis, say). The
        product joins every model of that score, and in longitudinal models the product x time.
    covariates
        Names of covariates; in adjusted and complete models each has a main effect and an
        effect on change (covariate x time).
    covariate_time
        Whether covariates interact with time as the score does (Keller 2014); off, adjusted and
        complete models have main effects of the covariates only.
    components
        Principal components: main effects in adjusted models, x time as well in complete ones.
    adjustments
        Which of crude, adjusted and complete are fitted, in this order.
    random
        Random part per person; intercept and slope are correlated unless it says otherwise,
        ``second`` is the second time column of piecewise or spline time. ``"intercept"`` makes
        the test of score x time anti-conservative (Heisig & Schaeffer 2019) and is reported
        with a warning.
    simplify
        Whether a random part that the data cannot carry is simplified, alike for all scores
        (:mod:`pgsicbt.models.grid.ladder`).
    reml
        Restricted maximum likelihood (True) or maximum likelihood.
    score_scale
        ``"z"`` standardises each score over the people analysed; ``"as_given"`` leaves it;
        ``"within"`` standardises within each level of ``ancestry``; ``"residual"`` takes what
        the ``components`` do not predict of it, standardised.
    ancestry
        Covariate that names the ancestry group, for ``"within"``.
    score_groups
        0 for the score itself; otherwise that many groups of equal size, against the lowest.
    time_unit
        Unit of the coefficients of time.
    time_coding, knot, spline_df
        How change is described: a straight line, a line in log(week + 1), two lines that meet
        at the week ``knot``, a natural cubic spline with ``spline_df`` columns, or a level of
        its own for every week.
    origin
        Where time is zero, and so where the main effect of a score stands: the start of
        treatment (week 0), the middle or the end of the weeks analysed.
    first_week, last_week
        Window of visits used, in weeks, both ends included; None for no limit.
    subset
        ``(stratum, level)`` to analyse one group only, such as ``("diagnosis", "MDD")``.
    without
        ``(covariate, level)`` to leave one group out, such as one genotyping batch.
    outliers
        Left out before the models: visits whose residual in the model without a score is beyond
        3 SD (``"residual"``), people whose course is (``"person"``), people beyond 3 SD of any
        score analysed (``"score"``), people far from most in ancestry (``"ancestry"``).
    definition
        For ``logistic``: response, remission (of those who were not in remission before
        treatment), reliable improvement or reliable deterioration, or one definition in
        particular (``"remission 2"``, see :mod:`pgsicbt.outcomes`).
    post_week, post_window
        Planned week after treatment (None: found from the visits) and the weeks around it in
        which its observation may lie, for families with one outcome per person.
    residuals, working
        Residual covariance of ``mmrm`` and ``clda``; working correlation of ``gee``.
    df, confidence, multiplicity
        Degrees of freedom of t tests, level of the intervals, and the correction that decides
        significance within a family. A family is all scores for one term (severity or change)
        of one adjustment and one outcome. ``"kenward-roger"`` corrects the standard errors too.
    permutations
        Permutations of ``"max-t"``.
    smallest_effect
        Smallest effect of interest, in points of the outcome per step of the score, for severity
        and for change by the last week alike; None for the program's proposal.
    errors
        Standard errors from the model, or robust to its covariance with people as clusters
        (CR0, CR2), then with Satterthwaite's degrees of freedom for them; logistic models have
        CR0 only, with Wald tests.
    cluster
        Covariate that names the groups (therapists, clinics) which are the clusters of robust
        errors instead of people; in linear mixed models, without a bootstrap. "" for people.
    bootstrap, seed
        Replicates of the cluster bootstrap (0 for none) and the seed of its random numbers.

    Raises
    ------
    SpecError
        If a field holds something that makes no sense.
    """

    outcome: str = HARMONISED
    family: Family = "lmm"
    scores: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    together: bool = False
    interactions: tuple[tuple[str, str], ...] = ()
    covariates: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    covariate_time: bool = True
    adjustments: tuple[Adjustment, ...] = ("crude", "adjusted", "complete")
    random: RandomPart = "intercept+slope"
    simplify: bool = True
    reml: bool = True
    score_scale: ScoreScale = "z"
    ancestry: str = ""
    score_groups: int = 0
    time_unit: TimeUnit = "week"
    time_coding: TimeCoding = "linear"
    knot: float | None = None
    spline_df: int = 3
    origin: Origin = "start"
    first_week: float | None = None
    last_week: float | None = None
    subset: tuple[str, str] | None = None
    without: tuple[str, str] | None = None
    outliers: OutlierRule = "none"
    definition: str = ""
    post_week: float | None = None
    post_window: float = 3.0
    residuals: Residuals = "unstructured"
    working: Working = "exchangeable"
    df: DfMethod = "satterthwaite"
    confidence: float = 0.95
    multiplicity: Multiplicity = "holm"
    permutations: int = 1000
    smallest_effect: float | None = None
    errors: ErrorMethod = "model"
    cluster: str = ""
    bootstrap: int = 0
    seed: int = 1

    def __post_init__(self) -> None:
        check_names(self)
        check_numbers(self)
        both = set(self.covariates) & set(self.components)
        if both:
            raise SpecError(
                f"{sorted(both)[0]} is chosen both as a covariate and as a component.",
                "Choose it once.",
            )
        if self.outcome in (*self.covariates, *self.scores):
            raise SpecError(
                f"{self.outcome} is both the outcome and a predictor.",
                "A baseline is either part of the outcome or a covariate, never both.",
            )
        first, last = self.first_week, self.last_week
        if first is not None and last is not None and first >= last:
            raise SpecError(
                "The window of weeks is empty.", "The first week must come before the last."
            )
        outside = [c for c in self.controls if c not in self.scores]
        if outside:
            raise SpecError(
                f"{outside[0]} is named as a negative control and is no score of the analysis.",
                "Choose it as a score too.",
                column="controls",
            )
        self._check_model()
        self._check_time()
        self._check_inference()

    def _check_model(self) -> None:
        strangers = [score for score, _ in self.interactions if score not in self.scores]
        if strangers:
            raise SpecError(
                f"{strangers[0]} is part of an interaction and is no score of the analysis.",
                "Name the score first and what it interacts with second.",
                column="interactions",
            )
        if self.together and self.score_groups:
            raise SpecError(
                "Groups of a score exist for one score at a time.",
                "Leave the groups out of a model with all scores together.",
                column="score_groups",
            )
        if self.score_scale == "within" and not self.ancestry:
            raise SpecError(
                "Standardising within ancestry needs the column that names the ancestry group.",
                "Name it, or standardise over everybody.",
                column="ancestry",
            )
        if self.score_scale == "residual" and not self.components:
            raise SpecError(
                "Scores can only be freed of principal components that are chosen.",
                "Choose components, or standardise the scores as they are.",
                column="score_scale",
            )
        if self.family == "logistic" and not self.definition:
            raise SpecError(
                "A logistic model needs the definition of what is predicted.",
                "Name response, remission, reliable improvement or reliable deterioration.",
                column="definition",
            )

    def _check_time(self) -> None:
        if self.time_coding == "piecewise" and self.knot is None:
            raise SpecError(
                "Piecewise time needs a knot.",
                "Give the week at which the course may bend.",
                column="knot",
            )
        if self.time_coding != "piecewise" and self.knot is not None:
            raise SpecError(
                f"A knot has no place in {self.time_coding} time.",
                "Choose piecewise time, or leave the knot out.",
                column="knot",
            )
        if self.knot is not None:
            first, last = self.first_week, self.last_week
            low = first is not None and self.knot <= first
            if low or (last is not None and self.knot >= last):
                raise SpecError(
                    f"The knot at week {self.knot:g} is not inside the chosen weeks.",
                    "Put it between the first and the last week.",
                    column="knot",
                )
        if self.random == "intercept+slope+second" and self.time_coding not in _TWO_TERMS:
            raise SpecError(
                f"There is no second random slope in {self.time_coding} time.",
                "Choose piecewise or spline time, or intercept and slope.",
                column="random",
            )

    def _check_inference(self) -> None:
        if self.df == "kenward-roger" and not self.reml:
            raise SpecError(
                "Kenward-Roger needs restricted maximum likelihood.",
                "Turn REML on, or choose Satterthwaite.",
                column="df",
            )
        if self.cluster and self.errors != "model" and (self.family != "lmm" or self.bootstrap):
            what = "a bootstrap" if self.family == "lmm" else "this kind of model"
            raise SpecError(
                f"Clusters other than people are not worked out for {what}.",
                "Choose people as clusters, or a linear mixed model without a bootstrap.",
                column="cluster",
            )
        if self.df == "kenward-roger" and self.errors != "model":
            raise SpecError(
                f"Kenward-Roger and robust standard errors ({self.errors}) exclude each other.",
                "Choose Satterthwaite with robust errors, or Kenward-Roger with the model's own.",
                column="errors",
            )

    @property
    def standardised(self) -> bool:
        """Whether one step of a score is a standard deviation of it."""
        return self.score_scale != "as_given"

    def replace(self, **changes: Any) -> AnalysisSpec:
        """A copy with some fields changed; checked like a new one."""
        return dataclasses.replace(self, **changes)

    def to_json(self, *, indent: int | None = 2) -> str:
        """The spec as JSON, every field written out."""
        return json.dumps(dataclasses.asdict(self), indent=indent, ensure_ascii=False)

    def canonical(self) -> str:
        """One line that is the same for equal specs; used as cache key and in the report."""
        return json.dumps(
            dataclasses.asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )

    @classmethod
    def from_json(cls, text: str, *, file: str = "") -> AnalysisSpec:
        """Read a spec from JSON; fields that are left out take their defaults.

        Raises
        ------
        SpecError
            If the text is not JSON, names an unknown field, or the spec makes no sense.
        """
        where = file or "The analysis specification"
        try:
            fields = json.loads(text)
        except ValueError:
            raise SpecError(
                f"{where} is not valid JSON.", "Save it again from the program.", file=file
            ) from None
        if not isinstance(fields, dict):
            raise SpecError(f"{where} does not hold one JSON object.", file=file)
        known = {f.name for f in dataclasses.fields(cls)}
        unknown = sorted(set(fields) - known)
        if unknown:
            raise SpecError(
                f"{where} has an unknown field {unknown[0]!r}.",
                f"Known are: {', '.join(sorted(known))}.",
                file=file,
                column=unknown[0],
            )
        for name in (*NAMES, "subset", "without", "interactions"):
            if isinstance(fields.get(name), list):
                fields[name] = tuple(fields[name])
        try:
            return cls(**fields)
        except SpecError as error:
            raise SpecError(
                f"{where}: {error.sentence}", error.hint, code=error.code, file=file
            ) from None
