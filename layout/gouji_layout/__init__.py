"""Where things are on a page: upright pages, regions, tables and their cells. Nothing is read here."""
