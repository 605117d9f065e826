//! Gives the program for Windows its version, names and manifest.

fn main() -> std::io::Result<()> {
    convene_windows_resource::embed(
        "convened",
        "Convene service: holds the connections to conference servers",
    )
}
