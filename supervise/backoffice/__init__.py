"""The board's pages *History*, *Policy* and *Health*: what the journal, the policy's files and the nodes say."""
