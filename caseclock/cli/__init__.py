"""The commands, a file for each part of the work. Each imports what it needs when it is run, so that the command line
answers at once."""
