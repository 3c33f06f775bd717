"""What a cohort could have shown, and how large a study must be."""

from pgsicbt.power.detectable import detectable
from pgsicbt.power.precision import Precision, power_curve, precision, size_curve
from pgsicbt.power.replication import replication_curves, replication_sizes
from pgsicbt.power.simulation import PowerCheck, check_power
from pgsicbt.power.visits import Visits, relative_variance

__all__ = [
    "PowerCheck",
    "Precision",
    "Visits",
    "check_power",
    "detectable",
    "power_curve",
    "precision",
    "relative_variance",
    "replication_curves",
    "replication_sizes",
    "size_curve",
]
