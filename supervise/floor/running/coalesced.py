"""Not doing over and over what is worth doing once."""

from collections.abc import Awaitable, Callable


class Coalesced:
    """Something that is done once for all that ask for it while it is being done, however many they are."""

    def __init__(self, do: Callable[[], Awaitable[None]]) -> None:
        """Do `do`."""
        self._do = do
        self._going = False
        self._again = False

    async def __call__(self) -> None:
        """Do it now; while it is being done, once more after that."""
        self._again = True
        if self._going:
            return
        self._going = True
        try:
            while self._again:
                self._again = False
                await self._do()
        finally:
            self._going = False
