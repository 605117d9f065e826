//! nginx in front of the server, as load balancers and inspecting gateways are built from it: it
//! ends TLS and passes requests on, but no upgrades.

use std::fs;
use std::net::SocketAddr;

use crate::network::Place;
use crate::process::Process;
use crate::world::{HTTPS_PORT, World};

/// Where it listens.
const PORT: u16 = 9_997;

/// nginx, until it is dropped.
#[derive(Debug)]
pub struct Nginx {
    _process: Process,
}

impl World {
    /// From now on nginx stands on the server's port 443. Where it `keeps` answers, it hands them
    /// on when they have ended, whatever the server says about that.
    #[must_use]
    pub fn behind_nginx(&self, keeps: bool) -> Nginx {
        let scratch = self.network().scratch().display().to_string();
        let server = self.network().servers().first().copied().expect("the server has an address");
        let ignores = if keeps { "proxy_ignore_headers X-Accel-Buffering;" } else { "" };
        let folders: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {scratch}/nginx-{kind};\n"))
            .concat();
        let configuration = format!(
            "daemon off;\nuser root;\nmaster_process off;\npid {scratch}/nginx.pid;\nerror_log stderr notice;\n\
             events {{ worker_connections 64; }}\n\
             http {{\naccess_log off;\n{folders}server {{\nlisten 0.0.0.0:{PORT} ssl;\n\
             ssl_certificate {scratch}/server/certificate.pem;\nssl_certificate_key {scratch}/server/key.pem;\n\
             location / {{\nproxy_pass https://{server}:{HTTPS_PORT};\nproxy_ssl_verify off;\nproxy_http_version 1.1;\n\
             proxy_set_header Connection \"\";\nproxy_set_header Host $host;\n{ignores}\n}}\n}}\n}}\n"
        );
        let file = self.network().scratch().join("nginx.conf");
        fs::write(&file, configuration).expect("the lab writes to its directory");
        let mut command = self.network().command(Place::Router, "/usr/sbin/nginx");
        command.arg("-c").arg(&file).arg("-p").arg(self.network().scratch());
        command.arg("-e").arg("stderr");
        let process = Process::start(&mut command, self.network().scratch().join("nginx.log"));
        self.network().await_listener(Place::Client, SocketAddr::new(self.network().router(), PORT));
        self.network().redirect("iifname fw0 tcp dport 443", PORT);
        Nginx { _process: process }
    }
}
