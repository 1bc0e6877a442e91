"""What pages need of a whole generation, read before anybody asks for a page.

memory     what a reader has read of its generation
rows       the rows of queries, kept there
plain      the same as plain JSON, and back
file       the file that readers share
writing    which pages it is read for
keeping    when it is read
"""
