"""The journal: who listened to whom, when, how and by which right, so that it can be proved later.

Bytes reach the disk before a sound reaches an ear: `journal` is the way in, `reader` the way out.
"""
