"""gouji: scanned report tables into figures that can be trusted. The public API is re-exported here."""
