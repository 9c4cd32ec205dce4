//! A clinic with its people, set up as an operator would: by the command line.
