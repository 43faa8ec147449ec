"""What cells and lines of text say, with evidence that can score any other reading."""
