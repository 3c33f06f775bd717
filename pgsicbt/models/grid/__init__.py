"""The grid of scores and adjustments: people, columns, cells, families, the ladder."""
