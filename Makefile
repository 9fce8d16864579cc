# The verbs of a day's work; CI calls the same ones. Run them in a virtual environment.
.PHONY: setup lint type test smoke sanitize bench

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

sanitize:  ## the kernel on odd shapes, with every read, write and sum checked; Linux and GCC
	cmake -S . -B build/sanitize -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG="-O1 -g" -DSAYWAVE_SANITIZE=ON
	cmake --build build/sanitize
	LD_PRELOAD=$$(gcc -print-file-name=libasan.so) ASAN_OPTIONS=detect_leaks=0 PYTHONMALLOC=malloc \
		SAYWAVE_LIBRARY=$(CURDIR)/build/sanitize/libsaywave_kernels.so \
		python -m pytest -q -s -p no:cacheprovider tests/kernels/test_shapes.py

bench:  ## how fast the kernel is here; docs/benchmarks.md keeps such tables
	python bench/kernel.py
