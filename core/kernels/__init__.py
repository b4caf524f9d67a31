"""Array routines too long for an op's own section: pure NumPy on plain arrays.

Ground floor: nothing here may import from `core.graph`, `core.ops` or anything above them.
"""
