"""SERVICE: which other endpoints a query asks, and how what they say becomes part of it."""
