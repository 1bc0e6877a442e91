"""What is published beside the answers to queries: descriptions, dumps, tables, a catalogue, feeds.

Each is a `Document`. A reader writes it, from the generation that it has open; `writers` says which
function does.
"""
