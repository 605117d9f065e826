//! Tickets of Kerberos by the system's GSSAPI (RFC 2743, RFC 2744), which is loaded when a proxy
//! wants one: machines without it have no need of it.

use std::ffi::c_void;
use std::net::IpAddr;
use std::ptr;
use std::sync::OnceLock;

use libloading::Library;

/// MIT's library, which has kept its name and calls since 2004.
const LIBRARY: &str = "libgssapi_krb5.so.2";
/// Bytes of one token: tickets with a long list of groups take 48 KiB at most (MaxTokenSize of
/// Windows).
const TOKEN_BYTES_MAX: usize = 64 * 1024;
/// An error of a call or a routine (RFC 2744, section 3.9.1).
const ERRORS: u32 = 0xffff_0000;

/// `GSS_C_NT_HOSTBASED_SERVICE` (RFC 2744, section 4.1).
static HOST_SERVICE: [u8; 10] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x01, 0x04];
/// SPNEGO (RFC 4178).
static SPNEGO: [u8; 6] = [0x2b, 0x06, 0x01, 0x05, 0x05, 0x02];

/// `gss_buffer_desc`.
#[repr(C)]
struct Buffer {
    length: usize,
    value: *mut c_void,
}

impl Buffer {
    const EMPTY: Self = Self { length: 0, value: ptr::null_mut() };

    /// Where these bytes stand, for as long as they do.
    fn of(bytes: &mut [u8]) -> Self {
        Self { length: bytes.len(), value: bytes.as_mut_ptr().cast() }
    }
}

/// `gss_OID_desc`.
#[repr(C)]
struct Oid {
    length: u32,
    elements: *mut c_void,
}

/// `gss_channel_bindings_struct` (RFC 2744, section 3.11). An address that is not named has the
/// type 0, as it has in the structure that Windows hashes.
#[repr(C)]
struct Bindings {
    initiator_kind: u32,
    initiator: Buffer,
    acceptor_kind: u32,
    acceptor: Buffer,
    application_data: Buffer,
}

type ImportName = unsafe extern "C" fn(*mut u32, *mut Buffer, *mut Oid, *mut *mut c_void) -> u32;
type InitContext = unsafe extern "C" fn(
    *mut u32,
    *mut c_void,
    *mut *mut c_void,
    *mut c_void,
    *mut Oid,
    u32,
    u32,
    *mut Bindings,
    *mut Buffer,
    *mut *mut Oid,
    *mut Buffer,
    *mut u32,
    *mut u32,
) -> u32;
type ReleaseBuffer = unsafe extern "C" fn(*mut u32, *mut Buffer) -> u32;
type ReleaseName = unsafe extern "C" fn(*mut u32, *mut *mut c_void) -> u32;
type DeleteContext = unsafe extern "C" fn(*mut u32, *mut *mut c_void, *mut Buffer) -> u32;

/// The library's calls.
struct Calls {
    import_name: ImportName,
    init_context: InitContext,
    release_buffer: ReleaseBuffer,
    release_name: ReleaseName,
    delete_context: DeleteContext,
    /// Keeps the calls where they are.
    _library: Library,
}

/// A context at a proxy: whatever ticket cache or client keytab the process's environment and the
/// system's configuration name stands behind it. Every call may wait for a domain controller.
pub struct Ticket {
    calls: &'static Calls,
    name: *mut c_void,
    context: *mut c_void,
    /// The name of the channel (RFC 5929), if there is one.
    binding: Option<Vec<u8>>,
}

#[expect(unsafe_code, reason = "the library's pointers are not Send by themselves")]
// SAFETY: names and contexts belong to no thread (RFC 2744, section 2); each is used by its one
// owner alone.
unsafe impl Send for Ticket {}

impl Ticket {
    /// For the service `HTTP` of this proxy, bound to the channel of this name (RFC 5929) if there
    /// is one; `None` without the library, and for an address, to which no ticket is issued.
    pub fn new(host: &str, binding: Option<Vec<u8>>) -> Option<Self> {
        static CALLS: OnceLock<Option<Calls>> = OnceLock::new();
        if host.parse::<IpAddr>().is_ok() {
            return None;
        }
        let calls = CALLS.get_or_init(load).as_ref()?;
        let mut service = format!("HTTP@{host}").into_bytes();
        let mut buffer = Buffer::of(&mut service);
        let mut kind = oid(&HOST_SERVICE);
        let (mut minor, mut name) = (0, ptr::null_mut());
        #[expect(unsafe_code, reason = "a call of the system's")]
        // SAFETY: every pointer leads to a value that outlives the call; the library copies the
        // name.
        let status =
            unsafe { (calls.import_name)(&raw mut minor, &raw mut buffer, &raw mut kind, &raw mut name) };
        (status & ERRORS == 0).then_some(Self { calls, name, context: ptr::null_mut(), binding })
    }

    /// The next token, in answer to the proxy's if it sent one; `None` if there is none, as without
    /// a ticket.
    pub fn answer(&mut self, token: Option<&[u8]>) -> Option<Vec<u8>> {
        let mut theirs = token.unwrap_or_default().to_vec();
        let mut input = Buffer::of(&mut theirs);
        let mut output = Buffer::EMPTY;
        let mut bindings = self.binding.as_mut().map(|channel| Bindings {
            initiator_kind: 0,
            initiator: Buffer::EMPTY,
            acceptor_kind: 0,
            acceptor: Buffer::EMPTY,
            application_data: Buffer::of(channel),
        });
        let mut mechanism = oid(&SPNEGO);
        let mut minor = 0;
        #[expect(unsafe_code, reason = "a call of the system's")]
        // SAFETY: every pointer leads to a value that outlives the call or is null where RFC 2744,
        // section 5.19, allows that: default credentials, no bindings where there is no channel,
        // and results that are not asked for.
        let status = unsafe {
            (self.calls.init_context)(
                &raw mut minor,
                ptr::null_mut(),
                &raw mut self.context,
                self.name,
                &raw mut mechanism,
                0,
                0,
                bindings.as_mut().map_or(ptr::null_mut(), ptr::from_mut),
                &raw mut input,
                ptr::null_mut(),
                &raw mut output,
                ptr::null_mut(),
                ptr::null_mut(),
            )
        };
        let answer = self.take(output);
        answer.filter(|answer| status & ERRORS == 0 && (1..=TOKEN_BYTES_MAX).contains(&answer.len()))
    }

    /// Copies what the library wrote and gives it back.
    fn take(&self, mut buffer: Buffer) -> Option<Vec<u8>> {
        if buffer.value.is_null() {
            return None;
        }
        let mut minor = 0;
        #[expect(unsafe_code, reason = "the library owns what it writes")]
        // SAFETY: the library says how many bytes stand there, and they are its own until they are
        // released, once, here.
        unsafe {
            let bytes = std::slice::from_raw_parts(buffer.value.cast::<u8>(), buffer.length).to_vec();
            (self.calls.release_buffer)(&raw mut minor, &raw mut buffer);
            Some(bytes)
        }
    }
}

impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ticket(…)")
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut minor = 0;
        #[expect(unsafe_code, reason = "calls of the system's")]
        // SAFETY: both are this ticket's own, and null where there is none, which the library
        // passes over.
        unsafe {
            if !self.context.is_null() {
                (self.calls.delete_context)(&raw mut minor, &raw mut self.context, ptr::null_mut());
            }
            (self.calls.release_name)(&raw mut minor, &raw mut self.name);
        }
    }
}

/// Where these bytes stand; the library reads them only.
fn oid(bytes: &'static [u8]) -> Oid {
    Oid { length: u32::try_from(bytes.len()).unwrap_or(0), elements: bytes.as_ptr().cast_mut().cast() }
}

#[expect(unsafe_code, reason = "a library is loaded, and its calls are given their types")]
fn load() -> Option<Calls> {
    // SAFETY: the library comes from the system's own directories, its loading has no conditions,
    // and the types of the calls are those of RFC 2744, appendix A, and of its header.
    unsafe {
        let library = Library::new(LIBRARY).ok()?;
        Some(Calls {
            import_name: *library.get::<ImportName>(b"gss_import_name\0").ok()?,
            init_context: *library.get::<InitContext>(b"gss_init_sec_context\0").ok()?,
            release_buffer: *library.get::<ReleaseBuffer>(b"gss_release_buffer\0").ok()?,
            release_name: *library.get::<ReleaseName>(b"gss_release_name\0").ok()?,
            delete_context: *library.get::<DeleteContext>(b"gss_delete_sec_context\0").ok()?,
            _library: library,
        })
    }
}
