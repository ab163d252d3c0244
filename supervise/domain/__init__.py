"""What supervision is: calls, rights, sessions and the language of the phone's keys.

Standard library only. Nothing here waits, logs or reads a clock: the time and every identifier are handed in.
"""
