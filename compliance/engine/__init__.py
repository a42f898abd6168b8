"""Definitions → SQL that computes and keeps verdicts true (DESIGN §4, §5)."""
