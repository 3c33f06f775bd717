"""From the parts of all files to one study: people matched, the ledger kept."""
