//! A VPN: a second way from the client to the router, which takes some of what goes out, or all.

use crate::network::{Network, Place};
use crate::process::must;
use crate::space::ip;

impl Network {
    /// The VPN comes up and takes what goes to these places (such as `0.0.0.0/1`). A packet that
    /// would go through it with an address of the network below is dropped at its other end.
    pub fn raise_vpn(&self, takes: &[&str]) {
        let [client, router] = [Place::Client, Place::Router].map(|place| self.space(place));
        let [far, near] = [1, 2].map(|host| self.vpn(host));
        let wires = format!("link add vpn0 netns {client} type veth peer name vpn1 netns {router}\n");
        must(&mut ip(&["-batch", "-"]), &wires);
        let other_end = format!("addr add {far}/30 dev vpn1\nlink set vpn1 up\n");
        must(&mut ip(&["-n", &router, "-batch", "-"]), &other_end);
        let drop = format!("iifname vpn1 ip saddr != {near} drop");
        self.replace(
            "lab_vpn",
            &format!("chain prerouting {{ type filter hook prerouting priority -200;\n{drop}\n}}"),
        );
        let mut this_end = format!("addr add {near}/30 dev vpn0\nlink set vpn0 up\n");
        for place in takes {
            this_end += &format!("route add {place} via {far} dev vpn0\n");
        }
        must(&mut ip(&["-n", &client, "-batch", "-"]), &this_end);
    }

    /// The VPN goes, and everything that it took with it.
    pub fn end_vpn(&self) {
        must(&mut ip(&["-n", &self.space(Place::Client), "link", "del", "vpn0"]), "");
    }
}
