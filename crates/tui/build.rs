//! Gives the program for Windows its version, names and manifest.

fn main() -> std::io::Result<()> {
    convene_windows_resource::embed("convene-tui", "Convene: shows conferences in a terminal")
}
