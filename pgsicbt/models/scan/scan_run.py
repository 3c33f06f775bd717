"""A scan under way: arrays over all scores, filled block by block, then the exact fits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from pgsicbt.errors import FitError
from pgsicbt.models.engine.lmm import fit_lmm
from pgsicbt.models.engine.t_tests import two_sided
from pgsicbt.models.grid.cell_tests import cell_tests
from pgsicbt.models.grid.multiplicity import adjust, simple
from pgsicbt.models.grid.sample import Sample
from pgsicbt.models.grid.time_coding import TIME
from pgsicbt.models.grid.versions import versions
from pgsicbt.models.scan.scan_base import Base, Bases
from pgsicbt.models.scan.scan_pass import PassResult, Products, effects, joined, products
from pgsicbt.models.scan.scan_result import (
    NUMBERS,
    SCAN_COLUMNS,
    Margin,
    ScanResult,
    measured_margin,
    passes,
)
from pgsicbt.models.scan.score_source import ScoreSource
from pgsicbt.result import Array
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Finding, Study

_ADDED = ("the score", "time x the score")  # names in the model, which no covariate can have
_AT_ONCE = 1024  # scores whose products are turned into effects together
_WHY = {
    "constant_score": "is the same for everyone analysed, so it has no effect to estimate.",
    "rank_deficient": "is determined by the other columns, so it has no effect of its own.",
    "nobody_left": "is missing for everyone analysed.",
    "not_finite": "holds values that are not finite numbers.",
}

_STATUS = ("ok", "singular", "failed")
_SINGULAR, _FAILED = 1, 2

Positions = NDArray[np.intp]


class Run:
    """One scan: ``approximate`` every block, ``finish``, then fit ``leading`` scores exactly.

    Parameters
    ----------
    take
        Rows of the source that belong to the people of ``sample``; None for all in order.
    notes
        What was noticed before.
    """

    def __init__(
        self,
        study: Study,
        spec: AnalysisSpec,
        source: ScoreSource,
        sample: Sample,
        take: Positions | None,
        notes: Sequence[Finding] = (),
    ) -> None:
        self.study, self.spec, self.source = study, spec, source
        self.sample, self.take = sample, take
        self.bases = Bases(study, spec, sample)
        size = len(source.names)
        self.values = {name: np.full((size, 2), np.nan) for name in NUMBERS}
        self.rough = np.full((size, 2), np.nan)  # |z| of the p values before any exact fit
        self.corrected = np.zeros(size, dtype=bool)
        self.persons = np.zeros(size, dtype=np.intp)
        self.observations = np.zeros(size, dtype=np.intp)
        self.status = np.zeros(size, dtype=np.intp)  # positions in _STATUS
        self.is_exact = np.zeros(size, dtype=bool)
        self.warnings: list[Finding] = list(notes)
        self._waiting: list[tuple[Positions, Products]] = []

    def approximate(self, positions: Sequence[int]) -> None:
        """Multiply one block; its effects follow with those of other blocks."""
        at, x = np.asarray(positions, dtype=np.intp), self._block(positions)
        whole = self.bases.of(None)
        if whole.weights is None:
            for part, base, rows in self._by_people(at, x):
                self._effects(part, base, None if base.weights is None else rows)
            return
        made = products(whole.weights, x)
        known = made.known
        if known.all():
            self._waiting.append((at, made))
        else:
            self._waiting.append((at[known], made.select(known)))
            for part, base, rows in self._by_gaps(at[~known], x[~known]):
                self._effects(part, base, rows)
        if sum(len(part) for part, _ in self._waiting) >= _AT_ONCE:
            self.finish()

    def finish(self) -> None:
        """Effects of the blocks that still wait for them."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            at = np.concatenate([part for part, _ in waiting])
            self._store(at, self.bases.of(None), joined([made for _, made in waiting]))

    def leading(self, below: float | None, top: int) -> list[int]:
        """Positions of the scores to fit exactly, in the order of the source."""
        both = np.abs(self.values["statistic"])
        able = np.flatnonzero(np.isfinite(both).any(axis=1))
        z = np.fmax(both[able, 0], both[able, 1])
        chosen = set(able[np.argsort(-z, kind="stable")[:top]].tolist())
        if below is not None:
            z = np.fmax(self.rough[able, 0], self.rough[able, 1])
            near = passes(z, below, self.persons[able], self.corrected[able])
            chosen |= set(able[near].tolist())
        return sorted(chosen)

    def exact(self, positions: Sequence[int]) -> None:
        """Fit these scores as the grid would, from where the approximation says."""
        at = np.asarray(positions, dtype=np.intp)
        for part, base, rows in self._by_people(at, self._block(positions)):
            if base.weights is None or base.cp is None or base.fit is None:
                continue
            found = effects(base.weights, products(base.weights, rows))
            for j, (position, score) in enumerate(zip(part.tolist(), rows, strict=True)):
                start = base.weights.moved(base.fit.relative, found.step[:, j])
                self._refit(position, np.ascontiguousarray(score), base, start)

    def _refit(self, position: int, score: Array, base: Base, start: Array) -> None:
        if base.cp is None:
            return
        if self.spec.score_scale == "z":
            score = (score - score.mean()) / score.std(ddof=1)
        cp = base.cp.with_score(score, _ADDED)
        rung = self.bases.rung
        try:
            fit = fit_lmm(
                cp, q=rung.q, correlated=rung.correlated, reml=self.spec.reml, start=start
            )
        except FitError as error:
            self._fail(np.array([position]), error)
            return
        if any(name in fit.dropped for name in _ADDED):
            self._fail(np.array([position]), None, "rank_deficient")
            return
        columns = np.eye(len(fit.fixed.names))[[fit.fixed.names.index(n) for n in _ADDED]]
        c = cell_tests(self.spec, cp, fit, None).contrasts(columns)
        for name in NUMBERS:
            self.values[name][position] = getattr(c, name)
        self.is_exact[position] = True
        if not fit.converged:
            self.status[position] = _FAILED
            text = f"{self.source.names[position]}: the optimum was not reached."
            self.warnings.append(Finding("not_converged", "error", text))
        elif fit.singular:
            self.status[position] = _SINGULAR

    def _block(self, positions: Sequence[int]) -> Array:
        x = self.source.block(positions)
        return x if self.take is None else np.take(x, self.take, axis=1)

    def _by_people(self, at: Positions, x: Array) -> Iterator[tuple[Positions, Base, Array]]:
        """Scores that are known for the same people, with the fit without a score of these."""
        with np.errstate(invalid="ignore", over="ignore"):
            whole = np.isfinite(x.sum(axis=1))
        if whole.any():
            yield at[whole], self.bases.of(None), x[whole]
        yield from self._by_gaps(at[~whole], x[~whole])

    def _by_gaps(self, at: Positions, x: Array) -> Iterator[tuple[Positions, Base, Array]]:
        patterns: dict[bytes, list[int]] = {}
        for row, score in enumerate(x):
            gaps = np.isnan(score)
            if not np.isfinite(score[~gaps]).all():
                self._fail(at[[row]], None, "not_finite")
            elif gaps.all():
                self._fail(at[[row]], None, "nobody_left")
            else:
                patterns.setdefault(np.packbits(~gaps).tobytes(), []).append(row)
        for same in patterns.values():
            known = ~np.isnan(x[same[0]])
            yield at[same], self.bases.of(known), np.ascontiguousarray(x[same][:, known])

    def _effects(self, at: Positions, base: Base, rows: Array | None) -> None:
        made = None
        if base.weights is not None and rows is not None:
            made = products(base.weights, rows)
        self._store(at, base, made)

    def _store(self, at: Positions, base: Base, made: Products | None) -> None:
        self.persons[at], self.observations[at] = base.n_persons, base.n_observations
        if base.weights is None or made is None:
            self._fail(at, base.error)
            return
        found = effects(base.weights, made)
        self._fill(at, found)
        self.corrected[at] = found.corrected
        self._fail(at[found.constant], None, "constant_score")
        self._fail(at[found.dependent], None, "rank_deficient")

    def _fill(self, at: Positions, found: PassResult) -> None:
        unit = found.sd[:, None] if self.spec.score_scale == "z" else 1.0
        estimate, error = found.estimate * unit, found.std_error * unit
        df = np.full_like(found.df, np.inf) if self.spec.df == "normal" else found.df
        statistic = estimate / error
        p, reach = two_sided(statistic, df, self.spec.confidence)
        reach *= error
        numbers = (estimate, error, df, statistic, p, estimate - reach, estimate + reach)
        for name, column in zip(NUMBERS, numbers, strict=True):
            self.values[name][at] = column
        self.rough[at] = -ndtri(p / 2)

    def _fail(self, at: Positions, error: FitError | None, code: str = "") -> None:
        for position in at.tolist():
            name = self.source.names[position]
            self.status[position] = _FAILED
            for values in self.values.values():
                values[position] = np.nan
            text = f"{name}: {error}" if error is not None else f"{name} {_WHY[code]}"
            found = error.code if error is not None else code
            self.warnings.append(Finding(found, "error", text, column=name))

    def _margin(self, threshold: float | None) -> Margin | None:
        if threshold is None:
            return None
        p = self.values["p_value"]
        ours = self.is_exact[:, None] & np.isfinite(p) & np.isfinite(self.rough)
        rough = bool(self.corrected[self.is_exact].all())
        return measured_margin(
            threshold, self.rough[ours], p[ours], len(self.sample.persons), rough
        )

    def result(self, threshold: float | None) -> ScanResult:
        """The table of all scores.

        Raises
        ------
        FitError
            If no score has an answer.
        """
        if bool((self.status == _FAILED).all()):
            failed = [w for w in self.warnings if w.severity == "error"]
            raise FitError(failed[0].message, "Check the scores.", code="no_score_fitted")
        spec, names = self.spec, list(self.source.names)
        p = np.where((self.status == _FAILED)[:, None], np.nan, self.values["p_value"])
        if spec.multiplicity == "none":
            adjusted = p
        else:
            method = simple(spec.multiplicity)
            adjusted = np.stack([adjust(p[:, j], method) for j in (0, 1)], axis=1)
        size = len(names)
        twice = np.arange(size).repeat(2)
        columns: dict[str, object] = {
            "score": pd.array(names, dtype="str").take(twice),
            "outcome": spec.outcome,
            "model": spec.adjustments[0],
            "subset": "" if spec.subset is None else f"{spec.subset[0]}: {spec.subset[1]}",
            "term": pd.array([t for n in names for t in (n, f"{TIME}:{n}")], dtype="str"),
            "role": _texts(["main", "interaction"], np.tile([0, 1], size)),
            **{name: self.values[name].ravel() for name in NUMBERS},
            "p_adjusted": adjusted.ravel(),
            "n_persons": self.persons[twice],
            "n_observations": self.observations[twice],
            "status": _texts(_STATUS, self.status[twice]),
            "exact": self.is_exact[twice],
        }
        return ScanResult(
            table=pd.DataFrame(columns)[list(SCAN_COLUMNS)],
            spec=spec,
            base=self.bases.of(None).fit,
            n_persons=len(self.sample.persons),
            n_observations=len(self.sample.time),
            n_scores=size,
            n_exact=int(self.is_exact.sum()),
            random_used=self.bases.rung.part,
            margin=self._margin(threshold),
            ledger=self.sample.ledger,
            warnings=tuple(dict.fromkeys([*self.bases.warnings, *self.warnings])),
            versions=dict(versions()),
            digest=self.study.digest,
            simulated=self.study.simulated,
        )


def _texts(words: Sequence[str], codes: NDArray[np.intp]) -> object:
    """A column of text from the few words that occur in it."""
    return pd.array(list(words), dtype="str").take(codes)
