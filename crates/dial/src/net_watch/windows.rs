//! Windows: the IP helper gives the hints, and says what is so.

use std::ffi::c_void;
use std::io;
use std::ptr;
use std::sync::Arc;

use ipconfig::{IfType, OperStatus};
use tokio::sync::Notify;
use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::NetworkManagement::IpHelper::{
    CancelMibChangeNotify2, MIB_IPFORWARD_ROW2, MIB_IPINTERFACE_ROW, MIB_NOTIFICATION_TYPE,
    NotifyIpInterfaceChange, NotifyRouteChange2,
};
use windows_sys::Win32::Networking::WinSock::AF_UNSPEC;

use super::{Kind, Network, mark};

/// The system's hints that something may have changed.
#[derive(Debug)]
pub(super) struct Hints {
    // Dropped first: the system calls nobody after that.
    _watches: [Watch; 2],
    hint: Arc<Notify>,
}

/// A registration with the system. Its callbacks hold a pointer to the `Notify` that [`Hints`]
/// keeps alive.
#[derive(Debug)]
struct Watch(HANDLE);

#[expect(unsafe_code, reason = "the handle is a number that any thread may give back")]
// SAFETY: the system's handle has no thread of its own (CancelMibChangeNotify2 says nothing of
// one).
unsafe impl Send for Watch {}
#[expect(unsafe_code, reason = "the handle is a number that is only given back")]
// SAFETY: a shared `Watch` does nothing.
unsafe impl Sync for Watch {}

impl Drop for Watch {
    #[expect(unsafe_code, reason = "a call of the system's")]
    fn drop(&mut self) {
        // SAFETY: the handle came of a registration that succeeded, and is given back once. The
        // call waits for callbacks that run.
        unsafe { CancelMibChangeNotify2(self.0) };
    }
}

impl Hints {
    pub(super) fn new() -> io::Result<Self> {
        let hint = Arc::new(Notify::new());
        let watches = [watch_interfaces(&hint)?, watch_routes(&hint)?];
        Ok(Self { _watches: watches, hint })
    }

    /// Waits for the next hint and takes all that wait. Cancel safe.
    pub(super) async fn next(&mut self) {
        self.hint.notified().await;
    }

    /// All but the source addresses, and what the network announces about its login page: the
    /// system tells that only to who asks the network's DHCP server once more (DhcpRequestParams).
    pub(super) fn read(&self) -> Network {
        read()
    }
}

/// Interfaces with their addresses.
#[expect(unsafe_code, reason = "a call of the system's")]
fn watch_interfaces(hint: &Arc<Notify>) -> io::Result<Watch> {
    let mut handle = ptr::null_mut();
    // SAFETY: the context lives in `Hints` until the handle was given back, and `handle` may be
    // written.
    let answer = unsafe {
        NotifyIpInterfaceChange(
            AF_UNSPEC,
            Some(interface_changed),
            Arc::as_ptr(hint).cast(),
            false,
            &raw mut handle,
        )
    };
    registered(answer, handle)
}

#[expect(unsafe_code, reason = "a call of the system's")]
fn watch_routes(hint: &Arc<Notify>) -> io::Result<Watch> {
    let mut handle = ptr::null_mut();
    // SAFETY: as above.
    let answer = unsafe {
        NotifyRouteChange2(AF_UNSPEC, Some(route_changed), Arc::as_ptr(hint).cast(), false, &raw mut handle)
    };
    registered(answer, handle)
}

fn registered(answer: u32, handle: HANDLE) -> io::Result<Watch> {
    if answer == 0 { Ok(Watch(handle)) } else { Err(io::Error::from_raw_os_error(answer.cast_signed())) }
}

#[expect(unsafe_code, reason = "the system calls it")]
unsafe extern "system" fn interface_changed(
    context: *const c_void,
    _row: *const MIB_IPINTERFACE_ROW,
    _kind: MIB_NOTIFICATION_TYPE,
) {
    // SAFETY: the context is the `Notify` of the registration.
    unsafe { hint(context) };
}

#[expect(unsafe_code, reason = "the system calls it")]
unsafe extern "system" fn route_changed(
    context: *const c_void,
    _row: *const MIB_IPFORWARD_ROW2,
    _kind: MIB_NOTIFICATION_TYPE,
) {
    // SAFETY: the context is the `Notify` of the registration.
    unsafe { hint(context) };
}

/// # Safety
/// `context` points to a `Notify` that lives.
#[expect(unsafe_code, reason = "the system hands the pointer back")]
unsafe fn hint(context: *const c_void) {
    // SAFETY: by this function's contract.
    unsafe { &*context.cast::<Notify>() }.notify_one();
}

fn read() -> Network {
    let mut network = Network::default();
    // Where the system does not answer there is no network, and the next hint asks again.
    let mut adapters = ipconfig::get_adapters().unwrap_or_default();
    adapters.retain(|adapter| adapter.oper_status() == OperStatus::IfOperStatusUp);
    adapters.sort_by_key(|adapter| (adapter.gateways().is_empty(), adapter.ipv4_metric()));
    // A VPN comes with an adapter of its own, and that with addresses.
    network.ways = mark(adapters.iter().flat_map(|adapter| adapter.ip_addresses()));
    for adapter in &adapters {
        network.name_servers.extend_from_slice(adapter.dns_servers());
    }
    let Some(first) = adapters.first().filter(|adapter| !adapter.gateways().is_empty()) else {
        return network;
    };
    let gateways = first.gateways();
    network.gateway = gateways.iter().find(|gateway| gateway.is_ipv4()).or_else(|| gateways.first()).copied();
    // The library does not tell an adapter's suffix; its name servers part one network from another
    // as well.
    network.suffixes.extend(first.dns_servers().iter().map(ToString::to_string));
    network.kind = kind_of(first.if_type());
    network
}

/// Windows looks for scripts by itself, so nobody asks for these.
pub(super) fn suffixes() -> Vec<String> {
    Vec::new()
}

/// Not looked up here: the error that the system gives is told as it is.
pub(crate) fn gateway_is_silent() -> bool {
    false
}

/// Likewise: every error of this kind counts as this machine's own.
pub(crate) fn leads_out(_: std::net::IpAddr) -> bool {
    false
}

fn kind_of(interface: IfType) -> Kind {
    const KINDS: [(IfType, Kind); 4] = [
        (IfType::EthernetCsmacd, Kind::Wired),
        (IfType::Ieee80211, Kind::Wireless),
        (IfType::Ppp, Kind::Tunnel),
        (IfType::Tunnel, Kind::Tunnel),
    ];
    KINDS.iter().find(|(known, _)| *known == interface).map(|(_, kind)| *kind).unwrap_or_default()
}
