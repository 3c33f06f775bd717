"""One model of one outcome per person: its columns, what refuses it, its estimates and rows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.errors import FitError, SpecError
from pgsicbt.models.families import estimators
from pgsicbt.models.families.endpoints import Endpoints
from pgsicbt.models.families.estimators import Estimated
from pgsicbt.models.families.ordinal import ordinal
from pgsicbt.models.families.tobit import tobit
from pgsicbt.models.grid.cells import unusable
from pgsicbt.models.grid.checks import rank_finding
from pgsicbt.models.grid.design import INTERCEPT, Term, covariate_columns, reference_level
from pgsicbt.models.grid.exposures import Exposure, Scaled, exposures, scores_in
from pgsicbt.models.grid.rows import Row, joint_term, subset_text
from pgsicbt.models.grid.sample import moderators
from pgsicbt.result import Array, FixedEffects, ModelFit
from pgsicbt.spec import Adjustment, AnalysisSpec
from pgsicbt.study import Finding, Study

BASELINE = "baseline"
"""Term of the value before treatment."""
_PER_COLUMN = 10
"""Events per coefficient below which a model of events is named as stretched."""
_BINARY = ("logistic", "dropout")


@dataclass(frozen=True)
class Predicted:
    """What a family predicts: ``y`` (N,), and for Cox whether the week of ``y`` was the end."""

    ends: Endpoints
    y: Array
    event: Array | None = None
    limits: tuple[float, float] = (-np.inf, np.inf)
    levels: tuple[str, ...] = ()


@dataclass(frozen=True)
class PersonCell:
    """One model of the grid."""

    study: Study
    spec: AnalysisSpec
    outcome: Predicted
    adjustment: Adjustment

    def fit(
        self, model: tuple[str, ...], notes: list[Finding]
    ) -> list[tuple[list[Row], ModelFit | None]]:
        """Rows and fit for each score of a model."""
        sample = self.outcome.ends.sample
        if not len(sample.persons):
            raise FitError("nobody has a value of the score.", "Choose other scores.")
        added: list[Exposure] = []
        scales: dict[str, Scaled] = {}
        if model:
            for score in scores_in(self.study, self.spec, model):
                trouble = unusable(score, sample.persons[score].to_numpy(float))
                if trouble is not None:
                    raise FitError(trouble.message, code=trouble.code)
            added, scales, more = exposures(self.study, self.spec, sample, model)
            notes += more
        terms, x = self._columns(added)
        terms, x, dropped = _independent(terms, x)
        if dropped:
            where = f"{', '.join(model) or 'The model'} ({self.adjustment})"
            notes.append(rank_finding(where, [term.name for term in dropped]))
        gone = {t.source for t in dropped}
        if model and all(s in gone for s in model):
            raise FitError("the score is determined by the other columns.", "Choose fewer of them.")
        self._enough(x, notes)
        found = self._estimate(x, terms, notes, model)
        return [
            ([], None) if score in gone else self._told(score, terms, found, x, added, scales)
            for score in model or ("",)
        ]

    def _columns(self, added: list[Exposure]) -> tuple[list[Term], Array]:
        """Intercept, baseline, covariates and components, then the scores."""
        spec, ends = self.spec, self.outcome.ends
        n = len(ends.before)
        terms, columns = [Term(INTERCEPT, "intercept")], [np.ones(n)]
        if spec.family in ("ancova", "tobit") or (
            self.adjustment != "crude" and spec.family != "change"
        ):
            terms.append(Term(BASELINE, "covariate", BASELINE))
            columns.append(ends.before)
        names = list(moderators(self.study, spec))
        if self.adjustment != "crude":
            names += [c for c in (*spec.covariates, *spec.components) if c not in names]
        for name in names:
            info = self.study.covariate(name)
            for column, values in covariate_columns(ends.sample, info):
                if np.ptp(values) > 0:
                    terms.append(Term(column, "covariate", info.name))
                    columns.append(values)
        for e in added:
            role = "outcome" if e.role == "main" else e.role
            terms.append(Term(e.name, role, e.source))
            columns.append(e.values)
        return terms, np.column_stack(columns)

    def _enough(self, x: Array, notes: list[Finding]) -> None:
        """Refuse or name what too few people or events can carry."""
        n, p = x.shape
        y, event = self.outcome.y, self.outcome.event
        if n <= p + 1:
            who = f"fewer than {MINIMUM_CELL}" if n < MINIMUM_CELL else str(n)
            raise FitError(
                f"{who} people are too few for {p} coefficients.", "Choose fewer covariates.",
                code="too_few_people",
            )  # fmt: skip
        if self.spec.family not in (*_BINARY, "cox"):
            return
        events = float((y if event is None else event).sum())
        rarer = min(events, len(y) - events) if event is None else events
        if rarer < MINIMUM_CELL:
            raise FitError(
                f"fewer than {MINIMUM_CELL} people have the rarer outcome.",
                "Choose another definition or a wider window.",
                code="too_few_events",
            )
        if rarer < _PER_COLUMN * (p - 1):
            # Not named by score: it is the same sentence for all that have the same people.
            what = self.spec.definition or "drop-out"
            text = (
                f"{what[:1].upper()}{what[1:]} ({self.adjustment}): {rarer / (p - 1):.1f} "
                f"events per coefficient, fewer than {_PER_COLUMN}, so odds are likely to be "
                "exaggerated and intervals too narrow. Choose fewer covariates."
            )
            notes.append(Finding("few_events", "warning", text))

    def _estimate(
        self, x: Array, terms: list[Term], notes: list[Finding], model: tuple[str, ...]
    ) -> Estimated:
        spec, y = self.spec, self.outcome.y
        if spec.family in ("ancova", "change"):
            return estimators.least_squares(y, x, spec.errors)
        if spec.errors == "CR2" or (spec.errors == "CR0" and spec.family not in _BINARY):
            raise SpecError(
                f"Robust errors ({spec.errors}) are not worked out for this kind of model.",
                "Choose errors from the model.",
                column="errors",
            )
        if spec.family in _BINARY:
            return estimators.logistic(y, x, spec.errors)
        if spec.family == "tobit":
            return tobit(y, x, *self.outcome.limits)
        at = next((j for j, t in enumerate(terms) if t.role == "outcome"), None)
        if spec.family == "ordinal":
            found = ordinal(y, x[:, 1:])
            p = np.nan if at is None else estimators.proportional_odds(y, x[:, 1:], at - 1)
            what = "the odds ratio is not the same at every severity band"
        else:
            event = self.outcome.event if self.outcome.event is not None else np.ones(len(y))
            found = estimators.cox(y, event, x[:, 1:])
            p = np.nan
            if at is not None:
                p = estimators.proportional_hazards(y, event, x[:, 1:], at - 1)
            what = "the hazard ratio is not the same in all weeks"
        if p < 0.05:
            text = (
                f"{', '.join(model)} ({self.adjustment}): there are signs that {what} "
                f"(p = {p:.3f}), so one number does not tell all."
            )
            notes.append(Finding("not_proportional", "warning", text))
        return replace(found, details={**found.details, "proportional_p": float(p)})

    def _told(
        self,
        score: str,
        terms: list[Term],
        found: Estimated,
        x: Array,
        added: list[Exposure],
        scales: dict[str, Scaled],
    ) -> tuple[list[Row], ModelFit]:
        """The rows and the fit as one score of the model sees them."""
        spec, sample = self.spec, self.outcome.ends.sample
        kept = terms if len(found.estimates) == len(terms) else terms[1:]
        roles = [
            "score" if t.role in ("outcome", "group") and t.source != score else t.role
            for t in kept
        ]
        se = np.sqrt(np.diag(found.covariance))
        statistic = found.estimates / se
        df: Array = np.full(se.shape, np.inf if spec.df == "normal" else found.df)
        p = np.asarray(2 * stats.t.sf(np.abs(statistic), df))
        reach = np.asarray(stats.t.isf((1 - spec.confidence) / 2, df))
        n = len(sample.persons)
        head = (score, spec.outcome, self.adjustment, subset_text(spec))
        rows: list[Row] = [
            (*head, t.name, b, s, d, z, q, b - k * s, b + k * s, n, n, "ok", role)
            for t, role, b, s, d, z, q, k in zip(
                kept, roles, found.estimates.tolist(), se.tolist(), df.tolist(),
                statistic.tolist(), p.tolist(), reach.tolist(), strict=True,
            )
        ]  # fmt: skip
        rows += self._joint(head, kept, roles, found, n)
        scale = scales.get(score)
        fixed = FixedEffects(
            names=tuple(t.name for t in kept),
            estimates=found.estimates,
            covariance=found.covariance,
            covariance_gradient=np.zeros((0, len(kept), len(kept))),
            variance_covariance=np.zeros((0, 0)),
            n_observations=n,
            robust_df=None if found.robust is None else df,
        )
        model = ModelFit(
            score=score,
            adjustment=self.adjustment,
            formula=self._formula(added),
            fixed=fixed,
            random_covariance=np.zeros((0, 0)),
            residual_variance=found.residual_variance,
            log_likelihood=found.log_likelihood,
            reml=False,
            converged=True,
            singular=False,
            n_persons=n,
            n_observations=n,
            profile={
                t.name: float(x[:, j].mean())
                for j, t in enumerate(terms)
                if t.role in ("intercept", "covariate", "score", "moderation")
            },
            score_mean=0.0 if scale is None else scale.mean,
            score_sd=1.0 if scale is None else scale.sd,
            score_unit=1.0 if scale is None else scale.unit,
            family=spec.family,
            details=found.details,
            references=self._references(),
        )
        return rows, model

    def _references(self) -> dict[str, str]:
        """The reference level of each categorical covariate."""
        sample, study = self.outcome.ends.sample, self.study
        asked = (*moderators(study, self.spec), *self.spec.covariates)
        infos = [study.covariate(name) for name in dict.fromkeys(asked)]
        return {i.name: reference_level(sample, i) for i in infos if i.kind == "categorical"}

    def _joint(
        self,
        head: tuple[str, str, str, str],
        terms: list[Term],
        roles: list[str],
        found: Estimated,
        n: int,
    ) -> list[Row]:
        """Tests of several coefficients together: groups of a score, levels it interacts with."""
        score = head[0]
        asked: list[tuple[str, str, list[int]]] = []
        own = [
            j for j, t in enumerate(terms) if t.source == score and roles[j] in ("outcome", "group")
        ]
        if len(own) > 1:
            asked.append((score, "joint", own))
        for source in dict.fromkeys(t.source for t in terms if t.role == "moderation"):
            mine = [j for j, t in enumerate(terms) if t.source == source]
            if len(mine) > 1:
                asked.append((source, "moderation_joint", mine))
        rows: list[Row] = []
        for source, role, at in asked:
            value, df, p = estimators.joint(found, at, normal=self.spec.df == "normal")
            none = (np.nan, np.nan)
            rows.append((*head, joint_term(source), *none, df, value, p, *none, n, n, "ok", role))
        return rows

    def failed(self, score: str) -> list[Row]:
        """The row that keeps the place of a model that could not be fitted."""
        n = len(self.outcome.ends.sample.persons)
        head = (score, self.spec.outcome, self.adjustment, subset_text(self.spec))
        role = "outcome" if score else "intercept"
        return [(*head, score or INTERCEPT, *[np.nan] * 7, n, n, "failed", role)]

    def _formula(self, added: list[Exposure]) -> str:
        """The model in the notation of R."""
        spec = self.spec
        left = {
            "ancova": "after", "tobit": "after", "change": "after - before",
            "logistic": spec.definition, "ordinal": "severity band after",
            "dropout": "dropped out", "cox": "Surv(week, dropped out)",
        }[spec.family]  # fmt: skip
        inside = [e.name for e in added]
        if any(t.name == BASELINE for t in self._columns([])[0]):
            inside.append("before")
        if self.adjustment != "crude":
            inside += [*spec.covariates, *spec.components]
        return f"{left} ~ {' + '.join(inside) or '1'}"


def _independent(terms: list[Term], x: Array) -> tuple[list[Term], Array, list[Term]]:
    """Columns that earlier ones do not determine, and those that they do."""
    kept: list[int] = []
    size = np.linalg.norm(x, axis=0)
    basis = np.zeros((len(x), 0))
    for j in range(x.shape[1]):
        column = x[:, j] / size[j] if size[j] > 0 else x[:, j]
        rest = column - basis @ (basis.T @ column)
        rest = rest - basis @ (basis.T @ rest)
        if np.linalg.norm(rest) > 1e-7:
            basis = np.column_stack([basis, rest / np.linalg.norm(rest)])
            kept.append(j)
    gone = [terms[j] for j in range(len(terms)) if j not in kept]
    return [terms[j] for j in kept], x[:, kept], gone
