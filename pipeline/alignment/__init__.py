"""Laying one cut over another: what is the same, where it lies in both, and where it ends."""
