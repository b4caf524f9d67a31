"""Handwritten digits: `from core.examples.tutorials.mnist import input_data`."""
