"""The SPARQL editor: its page, answers to show on it, and what can be written next."""
