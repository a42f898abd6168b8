"""What one server process holds and does beside its pages: the open store, work that outlives a click, health, logs, who is there."""
