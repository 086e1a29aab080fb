"""Speed and memory, printed by `python -m benchmarks`. Never asserted in tests."""
