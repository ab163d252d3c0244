"""Is this Asterisk fit for supervision: the doctor looks at how it is set up, the self-test proves who hears whom."""
