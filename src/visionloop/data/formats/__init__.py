"""Readers of annotation formats; conversion to our coordinates happens only here."""
