"""The ops, a file per family. Each op has one home: definition, shape rule, kernel, gradient, public function."""
