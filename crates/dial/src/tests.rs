//! Real sockets on loopback: servers, boxes and proxies that do what such things do.

mod logons;
mod name_filter;
mod pipes;
mod polls;
mod proxies;
mod settings;
mod socks;
mod stage;
mod trust;
mod ways;
