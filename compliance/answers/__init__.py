"""Rows → facts and sentences: pure, without a database and without a screen."""
