"""What the Reconciliation Service API is answered with, in its version 0.2 and its draft of 1.0.

asked      what clients send, read and bounded
offered    the types and properties that things can be asked about
answers    candidates for names, and suggestions for who types
extending  values of properties of many things
preview    a small page about a thing
"""
