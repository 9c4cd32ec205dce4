//! The web layer as its callers see it: every request goes through the whole router, onto a real database.

#[cfg(test)]
mod api;
#[cfg(test)]
mod connections;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod elsewhere;
#[cfg(test)]
mod feed;
#[cfg(test)]
mod gates;
#[cfg(test)]
mod guests;
#[cfg(test)]
mod handing_out;
#[cfg(test)]
mod headers;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod lost;
#[cfg(test)]
mod outreach;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod portals;
#[cfg(test)]
mod providers;
#[cfg(test)]
mod readiness;
#[cfg(test)]
mod record;
#[cfg(test)]
mod room_acts;
#[cfg(test)]
mod rooms;
#[cfg(test)]
mod secrecy;
#[cfg(test)]
mod sending;
#[cfg(test)]
mod shapes;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod visits;
#[cfg(test)]
mod world;
#[cfg(test)]
mod zoom;
