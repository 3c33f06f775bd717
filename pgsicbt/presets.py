"""Plans of analysis that are known by name, for any cohort."""
