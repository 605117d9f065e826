//! Prints the OpenRPC document:
//! `cargo run -p convene-local-api --example openrpc > docs/openrpc.json`.

use std::io::{self, Write as _};

fn main() -> io::Result<()> {
    writeln!(io::stdout(), "{:#}", convene_local_api::openrpc())
}
