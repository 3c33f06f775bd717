"""What one recognised table contributes: people, scores, covariates, observations in time."""
