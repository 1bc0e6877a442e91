"""The server of Metapole: knows HTTP, and asks `graph` for bytes and plain values."""
