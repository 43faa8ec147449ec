"""The review page: a person settles the doubtful figures with the paper before their eyes.

`document.json` of every document comes in; what persons answered goes into the database of OUT, and
from there, by deciding the document again, into every export. The database keeps what was said, by
whom and when; the documents keep what follows from it, and can always be made again.
"""
