"""The version of the package, which is written down in pyproject.toml alone."""

import functools

__all__ = ["package_version"]


@functools.cache
def package_version() -> str:
    """The installed version; that of a checkout which is not installed is "0+source"."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("saywave")
    except PackageNotFoundError:
        return "0+source"
