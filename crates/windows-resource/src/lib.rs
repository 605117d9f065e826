//! The resources of a program, which decide what Windows shows of it and how it treats it: version,
//! names and manifest, put into the program by its build script.

#![expect(clippy::print_stdout, reason = "cargo reads what build scripts print")]

use std::io;

use winresource::WindowsResource;

/// The manifest, which tells Windows how to run the program: texts are UTF-8 everywhere, paths may
/// be long, and it never asks for more rights than whoever started it has.
const MANIFEST: &str = include_str!("program.manifest");
/// English of the United States: what tools that read versions expect.
const LANGUAGE: u16 = 0x0409;

/// Puts the resources into the program `name`, which does what `description` says. To be called
/// from the build script of the program's package, whose version it takes. Does nothing for other
/// systems than Windows.
///
/// # Errors
/// When the resource compiler is missing or fails.
#[expect(clippy::disallowed_methods, reason = "cargo tells build scripts the target in the environment")]
pub fn embed(name: &str, description: &str) -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_CFG_WINDOWS").is_none() {
        return Ok(());
    }
    let file = format!("{name}.exe");
    let mut resource = WindowsResource::new();
    resource
        .set_language(LANGUAGE)
        .set("CompanyName", "Convene")
        .set("ProductName", "Convene")
        .set("FileDescription", description)
        .set("InternalName", name)
        .set("OriginalFilename", &file)
        .set("LegalCopyright", "MIT OR Apache-2.0")
        .set_manifest(MANIFEST);
    resource.compile_for(name)
}
