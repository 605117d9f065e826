//! Gives the program for Windows its version, names and manifest.

fn main() -> std::io::Result<()> {
    convene_windows_resource::embed("convene", "Convene: takes part in conferences from a terminal")
}
