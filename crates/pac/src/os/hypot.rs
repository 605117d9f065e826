//! `hypot` for the C of QuickJS, which would otherwise ask the system for it.
//!
//! glibc gave `hypot` a new version in 2.35, and a program that is linked with a newer one starts
//! nowhere below that: of all that these programs need, this alone would shut out RHEL 9 (2.34).
//! The definition here wins over that of a shared library.

/// The length of the hypotenuse, within one unit in the last place.
#[expect(unsafe_code, reason = "C finds it by its name, which nothing else of this program defines")]
#[unsafe(no_mangle)]
extern "C" fn hypot(x: f64, y: f64) -> f64 {
    libm::hypot(x, y)
}
