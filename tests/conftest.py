"""Settings that every test shares."""

from hypothesis import settings

# a slow machine is no failure: speed is measured in bench/, never in a test
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")
