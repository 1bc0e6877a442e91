"""The graph as tools for assistants, over the Model Context Protocol: they read, and cite."""
