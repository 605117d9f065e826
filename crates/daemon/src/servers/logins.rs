//! Logins at proxies that were rejected: remembered for good, so that no restart locks an account.

use convene_dial::Login;
use convene_reach::ProxyAddress;
use sha2::{Digest as _, Sha256};

use crate::store::Store;

/// A login at a proxy, as the store knows it: by a hash of all that belongs to it, so that another password is another login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KnownLogin(String);

impl KnownLogin {
    pub(crate) fn new(proxy: &ProxyAddress, login: &Login) -> Self {
        let mut hash = Sha256::new();
        for part in [proxy.to_string().as_str(), &login.user, login.password.reveal()] {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
        let hash: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Self(format!("rejected login {hash}"))
    }

    /// Whether the proxy has rejected it before. A store that cannot be read has not.
    pub(crate) async fn is_rejected(&self, store: &Store) -> bool {
        matches!(store.recall(&self.0).await, Ok(Some(_)))
    }

    pub(super) fn note_rejected(&self, store: &Store) {
        store.remember(&self.0, Vec::new());
    }
}

#[cfg(test)]
mod tests {
    use convene_model::Secret;
    use convene_reach::ProxyScheme;

    use super::*;
    use crate::store::StoreOptions;

    fn known(user: &str, password: &str) -> KnownLogin {
        let proxy = ProxyAddress { scheme: ProxyScheme::Http, host: "proxy.test".to_owned(), port: 3_128 };
        KnownLogin::new(&proxy, &Login { user: user.to_owned(), password: Secret::new(password) })
    }

    #[tokio::test]
    async fn a_rejection_outlives_the_daemon_and_another_password_is_another_login() {
        let dir = tempfile::tempdir().unwrap();
        let (store, _notices) = Store::open(&dir.path().join("state"), &StoreOptions::default()).unwrap();
        known("anna", "wrong").note_rejected(&store);
        drop(store);
        let (store, _notices) = Store::open(&dir.path().join("state"), &StoreOptions::default()).unwrap();
        assert!(known("anna", "wrong").is_rejected(&store).await);
        for other in [known("anna", "right"), known("ann", "awrong")] {
            assert!(!other.is_rejected(&store).await);
        }
        assert!(!known("anna", "wrong").0.contains("wrong"));
    }
}
