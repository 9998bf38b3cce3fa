"""Names the packages: pyproject.toml would need a list, as the folder policies/ has another name than the package."""

from setuptools import find_packages, setup

setup(packages=["routeproof", *(f"routeproof.{name}" for name in find_packages("policies"))])
