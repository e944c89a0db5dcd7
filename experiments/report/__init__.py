"""`guantong report`: a results folder as one page that anybody can read."""
