"""Plans of analysis that are known by name, for any cohort.

A plan is a list of specifications made from what a cohort has. What it lacks is left out and named,
so that the rest of the plan still runs.
"""

from pgsicbt.presets.carry_out import plan_looks, run_plan, run_step, step_study
from pgsicbt.presets.known import (
    education_covariate,
    education_score,
    preset,
)
from pgsicbt.presets.plan import LEAD, PRESETS, Look, Plan, PlanResult, PresetName, Step

__all__ = [
    "LEAD",
    "PRESETS",
    "Look",
    "Plan",
    "PlanResult",
    "PresetName",
    "Step",
    "education_covariate",
    "education_score",
    "plan_looks",
    "preset",
    "run_plan",
    "run_step",
    "step_study",
]
