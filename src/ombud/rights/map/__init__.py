"""The map of data: where people are, by what they are known there, and what hangs on what."""
