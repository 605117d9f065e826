//! Both ends together, on a clock that the tests hold.

mod delivery;
mod hostile;
mod rhythm;
mod world;

pub(crate) use self::world::zero;
