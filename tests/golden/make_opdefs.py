"""Packs the list of TensorFlow's op definitions (one line per op; see the header line) for the op contract test.

Usage: python tests/golden/make_opdefs.py path/to/opdefs.tsv
"""

import gzip
import sys
from pathlib import Path

text = Path(sys.argv[1]).read_bytes()
Path(__file__).with_name("opdefs.tsv.gz").write_bytes(gzip.compress(text, 9, mtime=0))
