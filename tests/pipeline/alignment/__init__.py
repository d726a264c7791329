"""Tests of pipeline.alignment."""
