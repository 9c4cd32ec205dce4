//! The simulated Zoom, driven over HTTP as a program under test would drive it.

mod town;
mod visits;
