"""Every analysis looked at, and which of them were declared before."""
