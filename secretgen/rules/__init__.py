"""What a spec must and should satisfy beyond its shape; one unit per rule."""

from secretgen.rules.check import check, findings

__all__ = ["check", "findings"]
