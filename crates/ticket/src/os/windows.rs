//! Tokens of Negotiate by SSPI, for the account under which the process runs: the machine's, where
//! it is a service.

use std::ffi::c_void;
use std::net::IpAddr;
use std::ptr;

use windows_sys::Win32::Foundation::{SEC_E_OK, SEC_I_CONTINUE_NEEDED};
use windows_sys::Win32::Security::Authentication::Identity::{
    AcquireCredentialsHandleW, DeleteSecurityContext, FreeContextBuffer, FreeCredentialsHandle,
    ISC_REQ_ALLOCATE_MEMORY, InitializeSecurityContextW, SEC_CHANNEL_BINDINGS, SECBUFFER_CHANNEL_BINDINGS,
    SECBUFFER_TOKEN, SECBUFFER_VERSION, SECPKG_CRED_OUTBOUND, SECURITY_NATIVE_DREP, SecBuffer, SecBufferDesc,
};
use windows_sys::Win32::Security::Credentials::SecHandle;

/// Bytes of one token: Windows makes none longer (MaxTokenSize).
const TOKEN_BYTES_MAX: usize = 64 * 1024;

/// A context at a proxy. Every call may wait for a domain controller.
pub struct Ticket {
    credentials: SecHandle,
    /// There is none before the first token.
    context: Option<SecHandle>,
    /// The service, in UTF-16 with its end.
    target: Vec<u16>,
    /// `SEC_CHANNEL_BINDINGS`, and behind it what names the channel.
    bindings: Option<Vec<u8>>,
}

impl Ticket {
    /// For the service `HTTP` of this proxy, bound to the channel of this name (RFC 5929) if there
    /// is one; `None` for an address, to which no ticket is issued.
    pub fn new(host: &str, binding: Option<Vec<u8>>) -> Option<Self> {
        if host.parse::<IpAddr>().is_ok() {
            return None;
        }
        let package = wide("Negotiate");
        let (mut credentials, mut expiry) = (SecHandle::default(), 0_i64);
        #[expect(unsafe_code, reason = "a call of the system's")]
        // SAFETY: every pointer leads to a value that outlives the call, or is null where the
        // account's own credentials are meant.
        let status = unsafe {
            AcquireCredentialsHandleW(
                ptr::null(),
                package.as_ptr(),
                SECPKG_CRED_OUTBOUND,
                ptr::null(),
                ptr::null(),
                None,
                ptr::null(),
                &raw mut credentials,
                &raw mut expiry,
            )
        };
        (status == SEC_E_OK).then(|| Self {
            credentials,
            context: None,
            target: wide(&format!("HTTP/{host}")),
            bindings: binding.map(|channel| bindings(&channel)),
        })
    }

    /// The next token, in answer to the proxy's if it sent one; `None` if there is none.
    pub fn answer(&mut self, token: Option<&[u8]>) -> Option<Vec<u8>> {
        let mut theirs = token.unwrap_or_default().to_vec();
        let token = token.map(|_| buffer(SECBUFFER_TOKEN, &mut theirs));
        let bindings = self.bindings.as_mut().map(|bindings| buffer(SECBUFFER_CHANNEL_BINDINGS, bindings));
        let mut inputs: Vec<SecBuffer> = token.into_iter().chain(bindings).collect();
        let input = descriptor(&mut inputs);
        let mut written = buffer(SECBUFFER_TOKEN, &mut []);
        written.pvBuffer = ptr::null_mut();
        let mut output = descriptor(std::slice::from_mut(&mut written));
        let before = self.context;
        let (mut after, mut attributes, mut expiry) = (before.unwrap_or_default(), 0_u32, 0_i64);
        #[expect(unsafe_code, reason = "a call of the system's")]
        // SAFETY: every pointer leads to a value that outlives the call, or is null where the first
        // call has none: a context, and without bindings the input.
        let status = unsafe {
            InitializeSecurityContextW(
                &raw const self.credentials,
                before.as_ref().map_or(ptr::null(), ptr::from_ref),
                self.target.as_ptr(),
                ISC_REQ_ALLOCATE_MEMORY,
                0,
                SECURITY_NATIVE_DREP,
                if inputs.is_empty() { ptr::null() } else { &raw const input },
                0,
                &raw mut after,
                &raw mut output,
                &raw mut attributes,
                &raw mut expiry,
            )
        };
        let is_well = matches!(status, SEC_E_OK | SEC_I_CONTINUE_NEEDED);
        if is_well {
            self.context = Some(after);
        }
        take(&written).filter(|answer| is_well && (1..=TOKEN_BYTES_MAX).contains(&answer.len()))
    }
}

impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ticket(…)")
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        #[expect(unsafe_code, reason = "calls of the system's")]
        // SAFETY: both handles are this ticket's own and closed once. Nothing can be done about a
        // failure.
        unsafe {
            if let Some(context) = &self.context {
                DeleteSecurityContext(context);
            }
            FreeCredentialsHandle(&raw const self.credentials);
        }
    }
}

/// The structure, which names no addresses, and what names the channel.
fn bindings(channel: &[u8]) -> Vec<u8> {
    let length = u32::try_from(channel.len()).unwrap_or(0);
    let offset = u32::try_from(size_of::<SEC_CHANNEL_BINDINGS>()).unwrap_or(0);
    let fields = [0, 0, 0, 0, 0, 0, length, offset];
    fields.into_iter().flat_map(u32::to_le_bytes).chain(channel.iter().copied()).collect()
}

fn descriptor(buffers: &mut [SecBuffer]) -> SecBufferDesc {
    SecBufferDesc {
        ulVersion: SECBUFFER_VERSION,
        cBuffers: u32::try_from(buffers.len()).unwrap_or(0),
        pBuffers: buffers.as_mut_ptr(),
    }
}

fn buffer(kind: u32, bytes: &mut [u8]) -> SecBuffer {
    SecBuffer {
        cbBuffer: u32::try_from(bytes.len()).unwrap_or(0),
        BufferType: kind,
        pvBuffer: bytes.as_mut_ptr().cast::<c_void>(),
    }
}

/// Copies what the system wrote and gives it back.
fn take(buffer: &SecBuffer) -> Option<Vec<u8>> {
    if buffer.pvBuffer.is_null() {
        return None;
    }
    let length = usize::try_from(buffer.cbBuffer).ok()?;
    #[expect(unsafe_code, reason = "the system owns what it writes")]
    // SAFETY: the system says how many bytes stand there, and they are its own until they are
    // freed, once, here.
    unsafe {
        let bytes = std::slice::from_raw_parts(buffer.pvBuffer.cast::<u8>(), length).to_vec();
        FreeContextBuffer(buffer.pvBuffer);
        Some(bytes)
    }
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}
