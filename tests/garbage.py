"""Less garbage collection in processes that load much and live long."""

import gc


def collect_seldom() -> None:
    """What is loaded by now stays: the garbage collector leaves it alone, and comes seldom."""
    gc.freeze()
    gc.set_threshold(1_000_000, 20, 100)
    gc.enable()
