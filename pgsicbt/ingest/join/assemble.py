"""From the parts of all files to a study, with a ledger of who was lost where."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.deidentify import rare_combinations
from pgsicbt.errors import DataError
from pgsicbt.ingest.choices import ReadingChoices, Repeats
from pgsicbt.ingest.content.parts import Part
from pgsicbt.ingest.join.chromosomes import GatheredScore
from pgsicbt.ingest.join.gather import (
    GatheredCovariate,
    gather_covariates,
    gather_scores,
    gather_visits,
)
from pgsicbt.ingest.join.harmonise import harmonised, outcome_info
from pgsicbt.ingest.join.people import People, few_matches, join_people, no_match, require_shared
from pgsicbt.ingest.join.relatives import among, gather_relatives, settle_relatives
from pgsicbt.ingest.wording import count, people
from pgsicbt.instruments import simple_name
from pgsicbt.study import (
    HARMONISED,
    CovariateInfo,
    Finding,
    LedgerStep,
    OutcomeInfo,
    ScoreInfo,
    Study,
)
from pgsicbt.wording import listed

_REPEATS: dict[Repeats, str] = {
    "refuse": "the same observation twice",
    "first": "the same visit more than once, the first value kept",
    "last": "the same visit more than once, the last value kept",
    "mean": "the same visit more than once, the mean kept",
}

RESERVED = (HARMONISED, "person", "outcome", "time", "value")
"""Names that a covariate cannot have, since models use them for something else."""


def assemble(
    parts: Sequence[Part], choices: ReadingChoices, everyone: People | None = None
) -> Study:
    """Join the parts into a study.

    The study holds the people who have an outcome and, if there are scores at all, a score.
    ``everyone`` is what ``join_people`` makes of ``parts``, for callers that need it as well.

    Raises
    ------
    DataError
        If there is no outcome, no person in common, two values for one visit, or no person
        with more than one visit.
    """
    findings = [finding for part in parts for finding in part.findings]
    findings += _unknown_files(parts, choices)
    if not any(part.visits is not None for part in parts):
        raise DataError(
            "There is no symptom outcome in these files.",
            "Add a table with one row per person and visit, or with one column per visit.",
            code="no_outcome",
            file=listed(part.file for part in parts) if parts else "",
        )
    everyone = join_people(parts, choices.ids) if everyone is None else everyone
    findings += everyone.findings
    ledger = [_file_step(part) for part in parts if part.kind != "dictionary"]
    scores = gather_scores(parts, everyone, findings)
    visits, outcomes, repeats = gather_visits(parts, everyone, findings, choices.repeats)
    ledger.append(
        LedgerStep(
            "all files joined",
            len(everyone),
            len(visits),
            0,
            repeats,
            _REPEATS[choices.repeats] if repeats else "",
        )
    )
    kept = _analysed(parts, everyone, scores, visits, ledger, findings)
    require_shared(parts, everyone, kept)
    pairs = gather_relatives(parts, everyone)
    limit = choices.relatives
    kept = settle_relatives(parts, pairs, kept, visits, limit, ledger, findings)
    visits = visits[kept[visits["person"].to_numpy()]]
    _require_change(visits, parts)
    new_position = np.cumsum(kept) - 1
    visits = visits.assign(person=new_position[visits["person"].to_numpy()])
    names = (*outcomes, *RESERVED, *(score.name for score, _, _ in scores))
    taken = {simple_name(name) for name in names}
    covariates = gather_covariates(parts, everyone, taken, findings)
    persons, score_infos = _scores_frame(scores, everyone, kept, findings)
    covariate_infos = _add_covariates(persons, covariates, kept, findings)
    ledger.append(_covariate_step(persons, covariate_infos, len(visits)))
    findings += rare_combinations(persons, covariate_infos)
    frame, infos = _visits_frame(visits, outcomes, persons.index, findings)
    if everyone.simulated:
        note = "These are simulated people, as their identifiers begin with SIM."
        findings.append(Finding("simulated", "info", note))
    first = next(part.visits for part in parts if part.visits is not None)
    labels = {w: lb for p in reversed(parts) if p.visits for w, lb in p.visits.labels.items()}
    present = set(frame["time"].unique().tolist())
    return Study(
        persons=persons,
        visits=frame,
        scores=score_infos,
        outcomes=infos,
        covariates=covariate_infos,
        ledger=tuple(ledger),
        findings=tuple(dict.fromkeys(findings)),
        digest=digest(parts, choices),
        files=tuple(part.file for part in parts),
        time_labels={week: labels[week] for week in sorted(labels) if week in present},
        time_unit=first.unit,
        simulated=everyone.simulated,
        relatives=among(pairs, kept, everyone),
    )


def digest(parts: Sequence[Part], choices: ReadingChoices) -> str:
    """sha256 over the files' bytes, in the order given, and the choices."""
    total = hashlib.sha256()
    for part in parts:
        total.update(bytes.fromhex(part.sha256))
    total.update(choices.canonical().encode())
    return total.hexdigest()


def _unknown_files(parts: Sequence[Part], choices: ReadingChoices) -> list[Finding]:
    known = {part.file for part in parts}
    missing = dict.fromkeys(file for file, _ in choices.roles if file not in known)
    return [
        Finding(
            "recipe_file",
            "warning",
            f"The recipe has roles for {file}, which is not among the files.",
            file,
        )
        for file in missing
    ]


def _file_step(part: Part) -> LedgerStep:
    reasons = []
    if part.n_reference:
        reasons.append(f"{count(part.n_reference, 'row')} of a reference panel set apart")
    missing = 0 if part.visits is None else part.visits.n_missing
    if missing:
        reasons.append(f"{count(missing, 'empty outcome cell')}")
    return LedgerStep(
        step=f"read {part.file}",
        persons=len(part.ids),
        observations=0 if part.visits is None else len(part.visits.frame),
        # In a wide table an empty cell is a visit that was never due, not a lost one.
        lost_observations=0 if part.kind == "outcomes_wide" else missing,
        reason=", ".join(reasons),
        file=part.file,
    )


def _analysed(
    parts: Sequence[Part],
    everyone: People,
    scores: list[GatheredScore],
    visits: pd.DataFrame,
    ledger: list[LedgerStep],
    findings: list[Finding],
) -> NDArray[np.bool_]:
    """Shape (n_people,): who has an outcome and, if there are scores, a score."""
    observed = np.zeros(len(everyone), dtype=bool)
    observed[visits["person"].to_numpy()] = True
    without = int((~observed).sum())
    ledger.append(
        LedgerStep(
            "people with an outcome",
            int(observed.sum()),
            len(visits),
            without,
            reason="no outcome at any visit" if without else "",
        )
    )
    if not scores:
        note = "There are no scores in these files; only the course over time can be analysed."
        findings.append(Finding("no_scores", "info", note))
        return observed
    scored = np.zeros(len(everyone), dtype=bool)
    for _, _, values in scores:
        scored |= ~np.isnan(values)
    both = observed & scored
    with_scores = [part for part in parts if part.scores]
    with_visits = [part for part in parts if part.visits is not None]
    if not both.any():
        raise no_match(with_scores, with_visits)
    n_both, n_observed = int(both.sum()), int(observed.sum())
    warning = few_matches(with_scores, with_visits, n_both, n_observed, everyone.ids)
    if warning is not None:
        findings.append(warning)
    left = int(both[visits["person"].to_numpy()].sum())
    lost = int((observed & ~scored).sum())
    ledger.append(
        LedgerStep(
            "people with an outcome and a score",
            int(both.sum()),
            left,
            lost,
            len(visits) - left,
            f"no score ({int(scored.sum()):,} people have one)" if lost else "",
        )
    )
    return both


def _require_change(visits: pd.DataFrame, parts: Sequence[Part]) -> None:
    if visits.duplicated(["person", "outcome"]).any():
        return
    file = next(part.file for part in parts if part.visits is not None)
    raise DataError(
        f"Nobody has more than one visit of the same outcome in {file}, so there is no change to "
        "analyse.",
        "Load all visits, or check which column holds the person's identifier.",
        code="one_visit",
        file=file,
    )


def _scores_frame(
    scores: list[GatheredScore],
    everyone: People,
    kept: NDArray[np.bool_],
    findings: list[Finding],
) -> tuple[pd.DataFrame, tuple[ScoreInfo, ...]]:
    columns: dict[str, NDArray[np.float64]] = {}
    infos: list[ScoreInfo] = []
    for score, file, values in scores:
        mine = values[kept]
        present = mine[~np.isnan(mine)]
        if present.size < 2 or np.ptp(present) == 0:
            message = (
                f"The score {score.name} of {file} does not differ between people with outcomes "
                "and is left out."
            )
            findings.append(Finding("constant_score", "warning", message, file, score.column))
            continue
        columns[score.name] = mine
        infos.append(
            ScoreInfo(
                name=score.name,
                label=_score_label(score.name),
                file=file,
                column=score.column,
                normalisation=score.normalisation,
                alternatives=score.alternatives,
                mean=float(present.mean()),
                sd=float(present.std(ddof=1)),
                n_persons=int(present.size),
            )
        )
    return pd.DataFrame(columns, index=everyone.keys[kept]), tuple(infos)


def _score_label(name: str) -> str:
    """A score as papers write it: PGS_EDU is PGS-EDU; catalogue ids stay as they are."""
    return re.sub(r"^(PGS|PRS)_(?=[A-Za-z]+$)", r"\1-", name)


def _add_covariates(
    persons: pd.DataFrame,
    covariates: list[GatheredCovariate],
    kept: NDArray[np.bool_],
    findings: list[Finding],
) -> tuple[CovariateInfo, ...]:
    infos: list[CovariateInfo] = []
    for covariate, file, values in covariates:
        mine = pd.Series(values[kept])
        present = mine.dropna().unique().tolist()
        name = covariate.name
        if len(present) < 2:
            message = (
                f"The column {name!r} of {file} does not differ between the people analysed and "
                "is left out."
            )
            findings.append(Finding("constant_covariate", "info", message, file, name))
            continue
        if covariate.numeric:
            persons[name] = mine.to_numpy(dtype=float)
            infos.append(CovariateInfo(name, name, "numeric", covariate.role, (), file))
        else:
            persons[name] = mine.astype("str").set_axis(persons.index)
            levels = tuple(sorted(present, key=_natural))
            infos.append(CovariateInfo(name, name, "categorical", covariate.role, levels, file))
    return tuple(infos)


def _natural(level: str) -> tuple[int, float, str]:
    try:
        return 0, float(level), level
    except ValueError:
        return 1, 0.0, level


def _covariate_step(
    persons: pd.DataFrame, infos: tuple[CovariateInfo, ...], observations: int
) -> LedgerStep:
    names = [info.name for info in infos]
    gaps = int(persons[names].isna().any(axis=1).sum()) if names else 0
    reason = (
        f"{people(gaps)} {'lacks' if gaps == 1 else 'lack'} at least one covariate; models that "
        "use it leave them out"
        if gaps
        else ""
    )
    return LedgerStep("ready to analyse", len(persons), observations, reason=reason)


def _visits_frame(
    visits: pd.DataFrame, outcomes: list[str], index: pd.Index[str], findings: list[Finding]
) -> tuple[pd.DataFrame, tuple[OutcomeInfo, ...]]:
    rows = visits[["person", "outcome", "time", "value"]]
    infos = [outcome_info(name, rows[rows["outcome"] == i]) for i, name in enumerate(outcomes)]
    extra, info, notes = harmonised(rows, outcomes)
    own = [name for name in outcomes if simple_name(name) == HARMONISED]
    if own and info is not None:
        notes = [Finding("own_harmonised", "info", f"The files' own {own[0]} score is used.")]
        info = None
    findings += notes
    unknown = [one.name for one in infos if not one.instrument]
    findings += [
        Finding(
            "unknown_instrument",
            "info",
            f"{name} is no instrument of the registry; its range is not checked and it is not "
            "part of the harmonised score.",
            column=name,
        )
        for name in unknown
    ]
    if info is not None:
        rows = pd.concat([rows, extra], ignore_index=True)
        infos.append(info)
    rows = rows.sort_values(["outcome", "person", "time"], ignore_index=True)
    frame = pd.DataFrame(
        {
            "person": pd.Categorical.from_codes(
                rows["person"].to_numpy(dtype=np.int64), categories=index
            ),
            "outcome": pd.Categorical.from_codes(
                rows["outcome"].to_numpy(dtype=np.int64),
                categories=pd.Index([one.name for one in infos]),
            ),
            "time": rows["time"].to_numpy(dtype=float),
            "value": rows["value"].to_numpy(dtype=float),
        }
    )
    return frame, tuple(one for one in infos if one.n_observations)
