//! Prints the OpenRPC document: `cargo run -p convene-local-api --example openrpc > docs/openrpc.json`.

#[expect(clippy::print_stdout, reason = "printing is what it is for")]
fn main() {
    println!("{:#}", convene_local_api::openrpc());
}
