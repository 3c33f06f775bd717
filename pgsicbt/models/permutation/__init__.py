"""Scores handed out at random: what a grid finds where there is nothing to find."""
