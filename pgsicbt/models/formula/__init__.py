"""Mixed models from a formula and a frame."""
