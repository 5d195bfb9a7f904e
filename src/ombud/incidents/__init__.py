"""Incidents: cases that begin with an alarm or a report, with the clocks that law starts."""
