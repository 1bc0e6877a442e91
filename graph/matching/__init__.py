"""Find which thing of the graph is meant, by its names and by the numbers that it has elsewhere.

identifiers  numbers and codes that others give to things, how they are written, and who has them
likeness     how much two names are alike, and why
countries    which country a text means, and in which countries a thing is
candidates   which things may be meant
origins      what comes from imports, and what was accepted as what
wanted       what is looked for, and what is found
matcher      which of the candidates it is, from 0 to 100, and the reasons in words
"""
