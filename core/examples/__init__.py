"""Helpers that TensorFlow's tutorials import. Nothing in the engine imports from here."""
