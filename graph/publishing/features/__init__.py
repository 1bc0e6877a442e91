"""Clusters and areas for maps: OGC API Features."""
