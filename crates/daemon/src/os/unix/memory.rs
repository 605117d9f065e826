//! Giving memory back to the system.

/// Gives back what starting and joining needed, and waiting for hours does not. Takes less than a
/// millisecond.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn return_memory() {
    free_memory::trim();
    match std::fs::read_to_string("/proc/self/maps") {
        Ok(maps) => maps.lines().filter_map(code_of_file).for_each(free_memory::let_go),
        Err(error) => tracing::debug!(%error, "this process's memory cannot be looked at"),
    }
}

/// Other systems give memory back by themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn return_memory() {
    tracing::debug!("the system takes memory back by itself");
}

/// The addresses at which a program's or a library's code is mapped, if this line of
/// `/proc/self/maps` (proc(5)) describes such a mapping.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn code_of_file(line: &str) -> Option<std::ops::Range<usize>> {
    let mut fields = line.split_ascii_whitespace();
    let (start, end) = fields.next()?.split_once('-')?;
    let is_code = fields.next()? == "r-xp";
    let is_file = fields.nth(3)?.starts_with('/');
    let address = |text| usize::from_str_radix(text, 16).ok();
    (is_code && is_file).then_some(address(start)?..address(end)?)
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "the system's and the C library's own ways")]
mod free_memory {
    /// Returns the memory that was freed between pieces that live on: the C library keeps it,
    /// and it amounts to two megabytes after the first join.
    pub(super) fn trim() {
        // SAFETY: `malloc_trim` takes a number and may be called at any time, from any thread.
        let returned = unsafe { libc::malloc_trim(0) } != 0;
        tracing::debug!(returned, "asked for free memory to be returned");
    }

    /// Code that ran once: what runs again comes back from its file at the next step into it.
    pub(super) fn let_go(code: std::ops::Range<usize>) {
        // SAFETY: the range is one whole mapping of code from a file, which is never written, so
        // the file still holds every byte of it (madvise(2): pages of a file's mapping are brought
        // back from the file).
        let done = unsafe { libc::madvise(code.start as *mut libc::c_void, code.len(), libc::MADV_DONTNEED) };
        if done != 0 {
            tracing::debug!(error = %std::io::Error::last_os_error(), "code could not be let go");
        }
    }
}

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
mod tests {
    use super::*;

    #[test]
    fn only_code_of_files_is_let_go() {
        let of = |line| code_of_file(line);
        assert_eq!(
            of("5571a5a54000-5571a5d35000 r-xp 00119000 fe:00 101 /usr/bin/convened"),
            Some(0x5571_a5a5_4000..0x5571_a5d3_5000)
        );
        for kept in [
            "5571a593a000-5571a5a54000 r--p 00000000 fe:00 101 /usr/bin/convened",
            "7fbfb8000000-7fbfb820d000 rw-p 00000000 00:00 0",
            "7fff0000-7fff1000 r-xp 00000000 00:00 0 [vdso]",
            "7fff0000-7fff1000 rwxp 00000000 fe:00 101 /usr/lib/strange.so",
            "",
        ] {
            assert_eq!(of(kept), None, "{kept}");
        }
    }

    #[test]
    fn everything_works_afterwards() {
        let before = format!("{:?}", std::time::Duration::from_millis(1_500));
        return_memory();
        assert_eq!(format!("{:?}", std::time::Duration::from_millis(1_500)), before);
    }
}
