//! From a failure to its record: what was tried, what it means, what to do about it.

use std::time::Duration;

use convene_model::{Attempt, Code, Evidence, Remedy, Stage};

use crate::route::{Failure, Route};

/// The record of a route that failed so long after its start, with what was seen of whoever is in
/// the way.
pub fn attempt(route: &Route, failure: Failure, took: Duration, evidence: Option<Evidence>) -> Attempt {
    Attempt {
        stage: failure.stage,
        target: route.to_string(),
        code: failure.code,
        ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        remedy: remedy(route, failure),
        evidence,
    }
}

/// The remedy for the failure of a route. The same silence means the proxy's address while the
/// proxy is being dialled, and its rules once it was reached.
pub fn remedy(route: &Route, failure: Failure) -> Remedy {
    let proxied = route.proxy.is_some();
    let dialling_proxy = proxied && matches!(failure.stage, Stage::Dns | Stage::Tcp);
    match failure.code {
        Code::NameNotFound
        | Code::DnsTimedOut
        | Code::DnsFailed
        | Code::Refused
        | Code::TimedOut
        | Code::Unreachable
        | Code::Forbidden
            if dialling_proxy =>
        {
            Remedy::CheckProxy
        }
        Code::NameNotFound | Code::CertificateWrongName | Code::NotOurServer => Remedy::CheckServerName,
        Code::DnsTimedOut | Code::DnsFailed | Code::Unreachable | Code::LocalError => Remedy::CheckNetwork,
        Code::Refused
        | Code::TimedOut
        | Code::Forbidden
        | Code::Reset
        | Code::Closed
        | Code::NotTls
        | Code::TlsFailed
        | Code::TlsVersion
        | Code::NameFiltered
        | Code::InspectionRefused
        | Code::BlockPage
        | Code::ResponseHeld
        | Code::HttpRefused
        | Code::NotHttp
        | Code::NoHello => {
            if proxied {
                Remedy::AllowServerInProxy
            } else {
                Remedy::AllowServer
            }
        }
        Code::ProxyLoginNeeded | Code::ProxyLoginRejected => Remedy::SetProxyLogin,
        Code::ProxySchemeUnsupported
        | Code::ProxyForbidden
        | Code::ProxyTargetUnreachable
        | Code::SocksFailed
        | Code::SocksForbidden
        | Code::SocksNetworkUnreachable
        | Code::SocksHostUnreachable
        | Code::SocksTargetRefused
        | Code::SocksTtlExpired => Remedy::AllowServerInProxy,
        Code::ProxyBroken | Code::SocksCommandUnsupported | Code::SocksAddressUnsupported => {
            Remedy::CheckProxy
        }
        Code::PacUnreachable | Code::PacFailed | Code::PacNotRun => Remedy::CheckPac,
        Code::PacSaysDirect => Remedy::SetProxy,
        Code::CaptivePortal => Remedy::LogInToNetwork,
        Code::CertificateUntrusted | Code::AuthorityExpired => Remedy::AddInspectionCertificate,
        // No machine may take such a certificate, whoever shows it.
        Code::CertificateWeak | Code::CertificateWrongPurpose => Remedy::AskOperator,
        Code::CertificateExpired | Code::CertificateNotYetValid | Code::ClockWrong => Remedy::CheckClock,
        Code::AddressNotAllowed | Code::FingerprintMismatch => Remedy::AskForNewLink,
        Code::VersionUnsupported => Remedy::UpdateProgram,
        Code::ServerBusy => Remedy::Wait,
    }
}
