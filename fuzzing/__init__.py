"""Coverage-guided fuzzing of the readers; not part of the test run."""
