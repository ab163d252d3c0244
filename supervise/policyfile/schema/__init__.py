"""The language of the policy: one model for each part of the file. The JSON Schema for editors is made from it.

The descriptions are what an editor shows beside a key.
"""
