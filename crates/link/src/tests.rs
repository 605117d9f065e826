//! Both ends together, on a clock that the tests hold.

mod delivery;
mod hostile;
mod rhythm;
mod world;

pub(crate) use self::world::zero;

/// An attach of the link with the key of seven, for a server whose nonce has this byte.
pub(crate) fn attach(epoch: u64, received: u64, nonce: u8) -> convene_protocol::Attach {
    use convene_protocol::proof::{Context, attach_message};
    let secret = crate::LinkSecret::from_random([7; 32]);
    let link = secret.key();
    let context =
        Context { nonce: convene_model::Nonce([nonce; 16]), link: link.id(), epoch, end_point: None };
    let signature = secret.sign(&attach_message(&context, received));
    convene_protocol::Attach { link, epoch, received, end_point: None, seats: Vec::new(), signature }
}
