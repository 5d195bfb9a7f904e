"""The proof: what Ombud rewrote is decoded to the last byte, and the person is looked for in it."""
