// Stands before wine's crypt32: its chain policy does not honour the "ignore unknown revocation"
// flags, and it has no revocation lists anyway, so none is asked for.
#include <windows.h>
#include <wincrypt.h>
#define REAL(n) ((__typeof__(&n))(void*)GetProcAddress(LoadLibraryA("crypt32w.dll"), #n))
typedef BOOL (WINAPI *fn)(HCERTCHAINENGINE, PCCERT_CONTEXT, LPFILETIME, HCERTSTORE, PCERT_CHAIN_PARA, DWORD, LPVOID, PCCERT_CHAIN_CONTEXT*);
BOOL WINAPI CertGetCertificateChain(HCERTCHAINENGINE e, PCCERT_CONTEXT c, LPFILETIME t, HCERTSTORE s, PCERT_CHAIN_PARA p, DWORD f, LPVOID r, PCCERT_CHAIN_CONTEXT* o)
{
    static fn real;
    if (!real) real = (fn)(void*)GetProcAddress(LoadLibraryA("crypt32w.dll"), "CertGetCertificateChain");
    return real(e, c, t, s, p, f & ~0xf0000000u, r, o);
}
// It knows no IP address among a certificate's names either (Windows does): such a name is looked
// for here.
typedef BOOL (WINAPI *vfn)(LPCSTR, PCCERT_CHAIN_CONTEXT, PCERT_CHAIN_POLICY_PARA, PCERT_CHAIN_POLICY_STATUS);
static int ip_of(const WCHAR *s, unsigned char *ip)
{
    int part = 0, digits = 0, v = 0;
    for (;; s++) {
        if (*s >= '0' && *s <= '9') { v = v * 10 + *s - '0'; if (++digits > 3 || v > 255) return 0; }
        else { if (!digits || part > 3) return 0; ip[part++] = v; v = digits = 0; if (!*s) return part == 4; if (*s != '.') return 0; }
    }
}
static int bears(PCCERT_CONTEXT c, const unsigned char *ip)
{
    PCERT_EXTENSION x = REAL(CertFindExtension)(szOID_SUBJECT_ALT_NAME2, c->pCertInfo->cExtension, c->pCertInfo->rgExtension);
    CERT_ALT_NAME_INFO *n; DWORD size = 0, i; int found = 0;
    if (!x || !REAL(CryptDecodeObjectEx)(X509_ASN_ENCODING, X509_ALTERNATE_NAME, x->Value.pbData, x->Value.cbData, CRYPT_DECODE_ALLOC_FLAG, NULL, &n, &size)) return 0;
    for (i = 0; i < n->cAltEntry; i++)
        if (n->rgAltEntry[i].dwAltNameChoice == CERT_ALT_NAME_IP_ADDRESS && n->rgAltEntry[i].IPAddress.cbData == 4)
            found |= !memcmp(n->rgAltEntry[i].IPAddress.pbData, ip, 4);
    LocalFree(n);
    return found;
}
BOOL WINAPI CertVerifyCertificateChainPolicy(LPCSTR o, PCCERT_CHAIN_CONTEXT c, PCERT_CHAIN_POLICY_PARA p, PCERT_CHAIN_POLICY_STATUS s)
{
    static vfn real; unsigned char ip[4]; BOOL done; HTTPSPolicyCallbackData *d = NULL; WCHAR *name = NULL;
    if (!real) real = (vfn)(void*)GetProcAddress(LoadLibraryA("crypt32w.dll"), "CertVerifyCertificateChainPolicy");
    if (o == CERT_CHAIN_POLICY_SSL && p && (d = p->pvExtraPolicyPara) && d->pwszServerName && ip_of(d->pwszServerName, ip)
        && bears(c->rgpChain[0]->rgpElement[0]->pCertContext, ip)) { name = d->pwszServerName; d->pwszServerName = NULL; }
    done = real(o, c, p, s);
    if (name) d->pwszServerName = name;
    // Nor does it mind a chain that ends nowhere.
    if (done && !s->dwError && p && c->TrustStatus.dwErrorStatus & CERT_TRUST_IS_PARTIAL_CHAIN
        && !(p->dwFlags & CERT_CHAIN_POLICY_ALLOW_UNKNOWN_CA_FLAG)) s->dwError = CERT_E_CHAINING;
    return done;
}
