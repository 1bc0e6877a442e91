"""What is published of matches between things: suggestions, a page to decide on, and a table.

suggesting  which things of a graph may be which others
states      the query that finds all matches in a state
shown       matches side by side, for a page
sssom       all matches as a table that others read (SSSOM)
"""
