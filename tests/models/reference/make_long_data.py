"""Write the data of long.R: the example study in four weeks, one row per visit.

Run from the repository: python -m tests.models.reference.make_long_data
"""

from pathlib import Path

from tests.models.example import example_study, flat

FOLDER = Path(__file__).parent / "long_data"

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    study = example_study(seed=5, n=140)
    frame = flat(study)
    frame = frame[frame["time"].isin([0.0, 2.0, 4.0, 8.0])]
    frame["z"] = frame["PGS_A"]  # standardised in R, over people
    columns = ["person", "time", "value", "z", "age", "diagnosis"]
    frame[columns].to_csv(FOLDER / "visits.csv", index=False, float_format="%.10g")
