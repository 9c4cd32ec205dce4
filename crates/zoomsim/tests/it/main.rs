//! The simulated Zoom, driven over HTTP as a program under test would drive it.

#[cfg(test)]
mod admin;
#[cfg(test)]
mod calls;
#[cfg(test)]
mod controls;
#[cfg(test)]
mod deliveries;
#[cfg(test)]
mod meetings;
#[cfg(test)]
mod oauth;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod past;
#[cfg(test)]
mod people;
#[cfg(test)]
mod registrants;
#[cfg(test)]
mod rest;
#[cfg(test)]
mod town;
#[cfg(test)]
mod visits;
