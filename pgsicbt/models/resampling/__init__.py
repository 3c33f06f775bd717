"""People weighted anew: bootstrap, influence."""
