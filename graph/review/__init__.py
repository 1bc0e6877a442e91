"""Suggested matches between things of two graphs, and what people decide about them.

terms    the graphs and properties that matches are kept with
writing  suggestions as statements, decisions as updates
desk     suggests and decides, through the engine
"""
