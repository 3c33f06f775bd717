"""What the pages share: session state, the analysis line, downloads. No statistics."""
