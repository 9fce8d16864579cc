# The verbs of a day's work; CI calls the same ones. Run them in a virtual environment.
.PHONY: setup lint type test smoke bench

setup:  ## install the package, editable, with everything that the other verbs need
	pip install -c constraints.txt -e '.[test]'
	pre-commit install

lint:  ## style and the commonest mistakes
	ruff check .
	ruff format --check .

type:  ## strict types
	mypy

test:  ## everything, offline
	pytest

smoke:  ## prepare, train, pack and speak with a tiny voice, end to end
	bash recipes/smoke/run.sh

bench:  ## how fast the kernel is here; docs/benchmarks.md keeps such tables
	python bench/kernel.py
