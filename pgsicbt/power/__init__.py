"""What this cohort could have shown, and how many people a replication needs."""
