"""Tests of studio.ui.pages."""
