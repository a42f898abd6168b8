.PHONY: check start bench

check:
	bash tests/run.sh

start:
	.venv/bin/streamlit run dashboard.py

bench:
	.venv/bin/python benchmarks/run.py
