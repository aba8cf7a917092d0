"""What is done with one dialog, beside the list: assign, put aside, deadlines, done, presence."""
