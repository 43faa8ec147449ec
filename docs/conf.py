"""Sphinx: the Markdown pages of this folder as HTML (`./run docs`)."""

project = "gouji 勾稽"
copyright = "the gouji authors, Apache-2.0"  # noqa: A001 - Sphinx asks for this name
extensions = ["myst_parser"]
html_theme = "furo"
language = "en"
suppress_warnings = ["myst.xref_missing"]  # links to files outside this folder are for readers on the forge
