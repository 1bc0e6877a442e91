"""What the page about a thing shows, by what kind of thing it is."""
