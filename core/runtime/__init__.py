"""The staged compiler behind `Session.run`: prune, passes, schedule, specialise, execute. Imports core.graph; never
core.ops.
"""
