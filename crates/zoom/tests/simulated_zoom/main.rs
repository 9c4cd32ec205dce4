//! The client against the simulated Zoom, which was written from Zoom's documentation and not from the client.

#[cfg(test)]
mod refusals;
#[cfg(test)]
mod rooms;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod visits;
#[cfg(test)]
mod world;
