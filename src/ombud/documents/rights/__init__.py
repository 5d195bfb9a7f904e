"""What goes to the person, and what is kept for the authority: letters, copies of data, records."""
