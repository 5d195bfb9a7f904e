"""Monitoring: what a released system does over time, window by window, and when to say so."""
