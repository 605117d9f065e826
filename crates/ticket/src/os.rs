//! Differences between the operating systems: who vouches for this machine or user at a proxy.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::Ticket;
#[cfg(windows)]
pub use windows::Ticket;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_no_ticket() {
        assert!(Ticket::new("192.0.2.7", None).is_none());
    }
}
