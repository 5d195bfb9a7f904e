"""Status: law × facts × measurements, as of a time and by what was known then. Pure: no I/O, no clock."""
