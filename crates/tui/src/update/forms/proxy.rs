//! A proxy by hand, or a script that names one, between fields and settings.

use convene_local_api::ProxySource;
use serde_json::{Value, json};

use crate::state::{Field, Form, FormKind};

/// The fields of a proxy by hand: a password is never read back.
pub(super) fn fields(own: Option<&ProxySource>) -> Vec<Field> {
    let first = own.and_then(|own| own.proxies.first()).map_or("", String::as_str);
    let (address, user, _) = apart(first);
    let exceptions = own.map_or_else(String::new, |own| own.exceptions.join(", "));
    vec![
        Field::new("page-proxy-address", &address),
        Field::new("page-proxy-user", &user),
        Field::new("page-proxy-password", "").secret(),
        Field::new("page-proxy-exceptions", &exceptions),
    ]
}

pub(super) fn script_fields(own: Option<&ProxySource>) -> Vec<Field> {
    let script = own.and_then(|own| own.pac_url.as_deref()).unwrap_or_default();
    vec![Field::new("page-proxy-script-address", script)]
}

/// The merge patch that sets what was typed. Everything that the form does not hold is taken back.
/// None, where nothing can be made of it.
pub(super) fn patch(form: &Form) -> Option<Value> {
    let text = form.text(0).trim();
    if text.is_empty() {
        return None;
    }
    let mut proxy = json!({ "proxies": null, "exceptions": null, "pac_url": null, "wpad": null });
    if form.kind == FormKind::Script {
        let is_address = ["http://", "https://", "file://"].iter().any(|scheme| text.starts_with(scheme));
        *proxy.get_mut("pac_url").filter(|_| is_address)? = json!(text);
    } else {
        let is_gap = |c: char| c.is_whitespace() || c == ',' || c == ';';
        let exceptions: Vec<&str> = form.text(3).split(is_gap).filter(|one| !one.is_empty()).collect();
        *proxy.get_mut("exceptions")? = json!(exceptions);
        *proxy.get_mut("proxies")? = json!([with_login(text, form.text(1).trim(), form.text(2))]);
    }
    Some(json!({ "own": { "proxy": proxy } }))
}

/// Takes the login out of an address, where everybody could read it: address, user, password.
fn apart(address: &str) -> (String, String, String) {
    let (scheme, rest) = with_scheme(address);
    let Some((login, rest)) = rest.split_once('@') else {
        return (address.to_owned(), String::new(), String::new());
    };
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    (format!("{scheme}{rest}"), decoded(user), decoded(password))
}

/// A scheme with its `://`, and what stands behind it.
fn with_scheme(address: &str) -> (&str, &str) {
    address.find("://").map_or(("", address), |at| address.split_at(at + 3))
}

fn with_login(typed: &str, user: &str, password: &str) -> String {
    let (address, typed_user, typed_password) = apart(typed);
    let user = if user.is_empty() { typed_user.as_str() } else { user };
    if user.is_empty() {
        return address;
    }
    let password = if password.is_empty() { typed_password.as_str() } else { password };
    let secret = if password.is_empty() { String::new() } else { format!(":{}", encoded(password)) };
    let (scheme, rest) = with_scheme(&address);
    format!("{scheme}{}{secret}@{rest}", encoded(user))
}

/// Percent-encoded, as an address holds a login (RFC 3986, section 2.1).
fn encoded(text: &str) -> String {
    let mut done = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            done.push(char::from(byte));
        } else {
            done.push_str(&format!("%{byte:02X}"));
        }
    }
    done
}

/// The other way round; the text itself, where it is not encoded like that.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let hex = behind.get(..2).filter(|_| *first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = behind.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(kind: FormKind, texts: &[&str]) -> Form {
        Form::new(kind, texts.iter().map(|text| Field::new("page-proxy", text)).collect())
    }

    #[test]
    fn a_login_goes_into_the_address_and_out_of_it() {
        assert_eq!(
            with_login("proxy.example.org:3128", "anna@corp", "a:b"),
            "anna%40corp:a%3Ab@proxy.example.org:3128"
        );
        assert_eq!(with_login("http://u:p@proxy", "", ""), "http://u:p@proxy");
        assert_eq!(with_login("http://proxy", "", "unused"), "http://proxy");
        let (address, user, password) = apart("http://anna%40corp:a%3Ab@proxy:1");
        assert_eq!(
            (address.as_str(), user.as_str(), password.as_str()),
            ("http://proxy:1", "anna@corp", "a:b")
        );
        assert_eq!(decoded("100%"), "100%");
    }

    #[test]
    fn what_is_not_filled_in_is_taken_back() {
        let by_hand = patch(&form(FormKind::Proxy, &["proxy:3128", "", "", "intranet, .local"])).unwrap();
        let expected = json!({ "own": { "proxy": {
            "proxies": ["proxy:3128"], "exceptions": ["intranet", ".local"], "pac_url": null, "wpad": null,
        } } });
        assert_eq!(by_hand, expected);
        let script = patch(&form(FormKind::Script, &[" http://proxy/proxy.pac "])).unwrap();
        assert_eq!(script["own"]["proxy"]["pac_url"], "http://proxy/proxy.pac");
        assert_eq!(patch(&form(FormKind::Script, &["proxy.pac"])), None);
        assert_eq!(patch(&form(FormKind::Proxy, &[" "])), None);
    }
}
