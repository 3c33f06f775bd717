"""Studies of the program by simulation; run from the top of the repository."""
