"""Tests of element 7."""
