//! The login in a proxy's address.

use convene_dial::{Login, ProxyList, ProxyUrlError, candidates};

/// Whether a login with a password stands in a proxy's URL.
pub(super) fn holds_password(url: &str) -> bool {
    parts(url).is_some_and(|(_, login, _)| login.contains(':'))
}

/// The address without the password in it. Where an `@` stands behind the host, it is not clear
/// what is the login: then the scheme is all.
pub(crate) fn without_password(url: &str) -> String {
    match parts(url) {
        Some((scheme, _, address)) if address.contains('@') => format!("{scheme}…"),
        Some((scheme, login, address)) => match login.split(':').next().filter(|user| !user.is_empty()) {
            Some(user) => format!("{scheme}{user}@{address}"),
            None => format!("{scheme}{address}"),
        },
        None => match url.split_once("://") {
            Some((scheme, rest)) if rest.contains('@') => format!("{scheme}://…"),
            None if url.contains('@') => "…".to_owned(),
            Some(_) | None => url.to_owned(),
        },
    }
}

/// Where the URL holds a password, the address without its login, and that login.
///
/// # Errors
/// When it is no proxy's.
pub(crate) fn split_login(url: &str) -> Result<Option<(String, Login)>, ProxyUrlError> {
    let list = ProxyList::new(&[url.to_owned()], &[])?;
    let Some((scheme, _, address)) = parts(url).filter(|(_, login, _)| login.contains(':')) else {
        return Ok(None);
    };
    // Without exceptions a list counts for whatever host.
    let login = candidates(&[list], "", 0).into_iter().find_map(|(_, login)| login);
    Ok(login.map(|login| (format!("{scheme}{address}"), login)))
}

/// The scheme with what parts it from the rest, the login, and what follows the login; `None` where
/// there is no login.
fn parts(url: &str) -> Option<(&str, &str, &str)> {
    let begin = url.find("://").map_or(0, |at| at + "://".len());
    let (scheme, rest) = url.split_at(begin);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let at = authority.rfind('@')?;
    let (login, address) = rest.split_at(at);
    Some((scheme, login, address.trim_start_matches('@')))
}

#[cfg(test)]
mod tests {
    use convene_model::Secret;

    use super::*;

    #[test]
    fn a_password_is_shown_nowhere_and_the_user_is() {
        for (url, shown) in [
            ("http://anna:sec%40ret@proxy.test:3128", "http://anna@proxy.test:3128"),
            ("anna:sec@ret@proxy.test", "anna@proxy.test"),
            ("https://:secret@proxy.test/", "https://proxy.test/"),
            ("http://anna@proxy.test", "http://anna@proxy.test"),
            ("http://anna:12/34@proxy.test", "http://…"),
            ("http://anna:p@ss/word@proxy.test", "http://…"),
            ("anna:12#34@proxy.test", "…"),
            ("http://proxy.test:3128/a", "http://proxy.test:3128/a"),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }

    #[test]
    fn a_login_is_split_off_where_it_holds_a_password() {
        let login = Login { user: "anna".to_owned(), password: Secret::new("sec@ret") };
        let split = split_login("socks5://anna:sec%40ret@proxy.test:3128");
        assert_eq!(split, Ok(Some(("socks5://proxy.test:3128".to_owned(), login))));
        assert_eq!(split_login("anna@proxy.test"), Ok(None));
        assert_eq!(split_login("proxy.test"), Ok(None));
        assert_eq!(split_login("ftp://anna:secret@proxy.test"), Err(ProxyUrlError::Scheme));
    }
}
