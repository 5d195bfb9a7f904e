"""What every service is handed instead of reaching for it: clock, keys, settings, randomness."""

from random import Random, SystemRandom

from attrs import Factory, field, frozen

from ombud.store.clock import Clock, SystemClock
from ombud.store.keyfiles import KeyFiles
from ombud.store.settings import Settings


@frozen
class Context:
    """The world, as an argument.

    Attributes:
        settings: where things are.
        keys: the private keys that are here.
        clock: what the time is.
        random: for samples and aliases; never for keys.
    """

    settings: Settings
    keys: KeyFiles
    clock: Clock = field(factory=SystemClock)
    random: Random = Factory(SystemRandom)
