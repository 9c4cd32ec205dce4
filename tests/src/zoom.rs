//! The simulated Zoom beside the program.
