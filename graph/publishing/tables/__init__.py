"""Tables, maps, networks and calendars: what queries find, for other programs."""
