"""What is kept and how it changes: the database file, its history beside it, imports, undo, backup, recovery. The only writers."""
