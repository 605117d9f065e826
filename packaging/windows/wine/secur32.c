// Stands before wine's secur32 and says of an incomplete TLS record how much of it is missing, as
// Windows does. wine (dlls/secur32/schannel.c, schan_DecryptMessage) says the whole record's length
// in the second buffer.
#define SECURITY_WIN32
#include <windows.h>
#include <sspi.h>
typedef SECURITY_STATUS (SEC_ENTRY *fn)(PCtxtHandle, PSecBufferDesc, ULONG, PULONG);
static fn real(void) { static fn f; if (!f) f = (fn)(void*)GetProcAddress(LoadLibraryA("secur32w.dll"), "DecryptMessage"); return f; }
SECURITY_STATUS SEC_ENTRY DecryptMessage(PCtxtHandle c, PSecBufferDesc m, ULONG n, PULONG q)
{
    ULONG had = 0, i, missing = 0;
    for (i = 0; i < m->cBuffers; i++) if (m->pBuffers[i].BufferType == SECBUFFER_DATA) had = m->pBuffers[i].cbBuffer;
    SECURITY_STATUS s = real()(c, m, n, q);
    if (s == SEC_E_INCOMPLETE_MESSAGE)
        for (i = 0; i < m->cBuffers; i++)
            if (m->pBuffers[i].BufferType == SECBUFFER_MISSING) {
                if (m->pBuffers[i].cbBuffer > had && missing) m->pBuffers[i].cbBuffer = missing;
                else if (!missing) missing = m->pBuffers[i].cbBuffer;
                else m->pBuffers[i].cbBuffer = missing;
            }
    return s;
}
SECURITY_STATUS SEC_ENTRY UnsealMessage(PCtxtHandle c, PSecBufferDesc m, ULONG n, PULONG q) { return DecryptMessage(c, m, n, q); }
