"""Data files → checked, typed rows, or every problem at once. Knows no database; `reading` is its only door."""
