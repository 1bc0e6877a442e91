"""A reader, as its parent sees it: a child process with one generation open."""

from graph.generations import Generation
from graph.processes import frames
from graph.processes.child import Child
from graph.sparql.parser import tables


class Reader(Child):
    """A child process with one generation open."""

    generation: Generation

    @classmethod
    async def on(cls, generation: Generation, memory: int, nice: int = 0) -> "Reader":
        """Start a reader on *generation*; EngineUnavailable when it does not come up.

        A *nice* one leaves the processors to others.
        """
        arguments = (generation.path, memory, nice)
        reader = await cls.start("a reader", "graph.readers.child", arguments)
        reader.generation = generation
        reader.send_soon(frames.packed(frames.TABLES, tables()))
        return reader

    @property
    def can_move(self) -> bool:
        """Tell whether the reader can open another generation: not without a complete sandbox."""
        return not self.missing

    def move_to(self, generation: Generation) -> None:
        """Have the reader open *generation*, before it looks at the next job."""
        self.generation = generation
        self.send_soon(frames.packed(frames.OPEN, str(generation.path).encode()))
