"""From bytes to tables of text cells, whatever the container, encoding and separator."""
