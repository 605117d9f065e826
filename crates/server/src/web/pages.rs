//! Pages for people, and the two files that belong to them.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use convene_model::JoinCode;
use convene_wording::Language;
use http_body_util::{Either, Full};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Request, Response, StatusCode};
use tokio::sync::watch;
use tokio::time::Instant;

use super::requests::Reply;
use crate::invitation::{
    Guesses, Invited, SCRIPT, SCRIPT_PATH, STYLE, STYLE_PATH, Site, Visitor, invitation, nothing, unknown,
};

/// In a join link this stands before the code.
const CODE_PREFIX: &str = "/j/";
/// A page has scripts and style of its own server alone, and sends nothing anywhere.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// Seconds after which an address that sent too many wrong codes may try others: by then all of
/// them are forgotten.
const RETRY_AFTER: &str = "60";

/// Gives the conference that a code opens.
type Find = Box<dyn Fn(JoinCode) -> Option<Arc<Invited>> + Send + Sync>;

/// The pages of a server.
pub(crate) struct Pages {
    find: Find,
    site: watch::Receiver<Arc<Site>>,
    guesses: Guesses,
}

/// Whether a page or one of their files lies there.
pub(super) fn is_page(path: &str) -> bool {
    let code = path.strip_prefix(CODE_PREFIX);
    ["/", SCRIPT_PATH, STYLE_PATH].contains(&path) || code.is_some_and(|code| !code.contains('/'))
}

impl Pages {
    /// `find` takes the same time for every code, and changes nothing.
    pub(crate) fn new(
        find: impl Fn(JoinCode) -> Option<Arc<Invited>> + Send + Sync + 'static,
        site: watch::Receiver<Arc<Site>>,
    ) -> Self {
        Self { find: Box::new(find), site, guesses: Guesses::default() }
    }

    /// Answers a request for something that [`is_page`].
    pub(super) fn answer<B>(&self, request: &Request<B>, from: IpAddr) -> Reply {
        let path = request.uri().path();
        if path == SCRIPT_PATH {
            return reply(StatusCode::OK, "text/javascript; charset=utf-8", SCRIPT);
        }
        if path == STYLE_PATH {
            return reply(StatusCode::OK, "text/css; charset=utf-8", STYLE);
        }
        let visitor = visitor(request);
        match path.strip_prefix(CODE_PREFIX) {
            Some(code) => self.invite(code, visitor, from),
            None => page(StatusCode::OK, nothing(visitor.language)),
        }
    }

    fn invite(&self, code: &str, visitor: Visitor, from: IpAddr) -> Reply {
        // What is no code at all was cut on its way, and is no guess.
        let Ok(code) = code.parse::<JoinCode>() else { return wrong(visitor.language) };
        if let Some(invited) = (self.find)(code) {
            let site = Arc::clone(&self.site.borrow());
            return page(StatusCode::OK, invitation(&invited, code, &site, visitor));
        }
        if self.guesses.count(from, Instant::now()) {
            wrong(visitor.language)
        } else {
            too_many(visitor.language)
        }
    }
}

fn visitor<B>(request: &Request<B>) -> Visitor {
    let text = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    Visitor::new(request.uri().query(), text(header::ACCEPT_LANGUAGE), text(header::USER_AGENT))
}

fn wrong(language: Language) -> Reply {
    page(StatusCode::NOT_FOUND, unknown(language))
}

/// Only wrong codes are answered so: the page says what it says of each.
fn too_many(language: Language) -> Reply {
    let mut response = page(StatusCode::TOO_MANY_REQUESTS, unknown(language));
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
    response
}

fn page(status: StatusCode, html: impl Into<Bytes>) -> Reply {
    reply(status, "text/html; charset=utf-8", html)
}

/// An answer that is kept nowhere, and that tells nobody from where a person comes.
fn reply(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Reply {
    let mut response = Response::new(Either::Left(Full::new(body.into())));
    *response.status_mut() = status;
    for (name, value) in [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
