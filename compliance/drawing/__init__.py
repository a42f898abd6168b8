"""Facts → HTML and charts: pure; every text is escaped by `markup.el`."""
