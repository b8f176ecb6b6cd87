"""The guardian: a reducer over one account that keeps every position covered, without I/O.

It is level-triggered. After each fact it compares what should rest at the venue with what is known
to rest or to be in flight there, and asks for the difference; a crash, a lost event or a change by
hand needs no path of its own.
"""
