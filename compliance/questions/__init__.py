"""One function a question → rows. The only readers of the derived tables."""
