"""Settings that every test shares."""

import os

from hypothesis import settings

# A slow machine is no failure: speed is measured in bench/, never in a test. What decides whether a commit lands gives
# the same answer to the same commit; new examples are looked for wherever else the tests run.
settings.register_profile("steady", deadline=None, derandomize=os.environ.get("CI") == "true")
settings.load_profile("steady")
