"""Effect sizes as a table for people."""

import pandas as pd

from pgsicbt.models.effects.effects import DEFINITIONS, UNITS
from pgsicbt.words.effects import LABELS, effect_table

NAN = float("nan")


def _row(
    quantity: str, value: float, low: float = NAN, high: float = NAN, reason: str = ""
) -> dict:
    return {
        "quantity": quantity, "estimate": value, "conf_low": low, "conf_high": high,
        "unit": UNITS[quantity], "reason": reason,
    }  # fmt: skip


def test_every_quantity_has_a_name_and_a_place() -> None:
    assert set(LABELS) == set(DEFINITIONS)


def test_points_sds_and_shares_have_their_units_and_a_real_minus() -> None:
    frame = pd.DataFrame(
        [
            _row("r2_incremental", 0.00172, 0.0004, 0.0051),
            _row("points_at_post", -1.234, -2.0, -0.468),
            _row("main_standardised", -0.0412, -0.08, 0.001),
            _row("r2_partial", 0.0123),
            _row("share_of_mean_change", NAN, reason="the mean change cannot be told from zero"),
        ]
    )
    rows = {row[0]: row[1:] for row in effect_table(frame, "points")}
    assert list(rows) == [label for name, label in LABELS.items() if name in set(frame["quantity"])]
    assert rows[LABELS["points_at_post"]][:2] == ["−1.23 points", "−2.00 to −0.47"]
    assert rows[LABELS["main_standardised"]][:2] == ["−0.041 SD", "−0.080 to 0.001"]
    assert rows[LABELS["r2_incremental"]][:2] == ["0.17 %", "0.04 to 0.51 %"]
    assert rows[LABELS["r2_partial"]][:2] == ["1.2 %", ""]
    assert rows[LABELS["share_of_mean_change"]][:2] == [
        "–", "the mean change cannot be told from zero",
    ]  # fmt: skip
    assert rows[LABELS["r2_partial"]][2] == DEFINITIONS["r2_partial"]
