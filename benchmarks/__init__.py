"""This engine beside its peers: `python -m benchmarks` prints one table. Never imported by the packages."""
