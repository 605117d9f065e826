//! The pages of join links, as a browser is answered.

use std::sync::atomic::{AtomicUsize, Ordering};

use http_body_util::BodyExt as _;
use hyper::{Request, StatusCode};

use super::*;

const FROM: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const ANOTHER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

/// An answer: its status, its headers as lines, its body.
struct Answered {
    status: StatusCode,
    headers: String,
    body: String,
}

async fn ask(pages: &Pages, path: &str, from: IpAddr) -> Answered {
    let request = Request::get(path).header("accept-language", "de").body(()).unwrap();
    let answer = pages.answer(&request, from);
    let headers =
        answer.headers().iter().map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap()));
    let (status, headers) = (answer.status(), headers.collect());
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    Answered { status, headers, body: String::from_utf8(body.to_vec()).unwrap() }
}

fn path(code: JoinCode) -> String {
    format!("/j/{code}")
}

#[tokio::test]
async fn every_answer_is_kept_nowhere_tells_nobody_and_runs_nothing_of_others() {
    let pages = pages();
    for (path, status, kind) in [
        (path(KNOWN), StatusCode::OK, "text/html; charset=utf-8"),
        (path(KNOWN) + "?lang=en", StatusCode::OK, "text/html; charset=utf-8"),
        (path(JoinCode([9; 16])), StatusCode::NOT_FOUND, "text/html; charset=utf-8"),
        ("/j/cut".to_owned(), StatusCode::NOT_FOUND, "text/html; charset=utf-8"),
        ("/".to_owned(), StatusCode::OK, "text/html; charset=utf-8"),
        ("/invitation.js".to_owned(), StatusCode::OK, "text/javascript; charset=utf-8"),
        ("/invitation.css".to_owned(), StatusCode::OK, "text/css; charset=utf-8"),
    ] {
        let answer = ask(&pages, &path, FROM).await;
        assert_eq!(answer.status, status, "{path}");
        for line in [
            format!("content-type: {kind}\n").as_str(),
            "cache-control: no-store\n",
            "referrer-policy: no-referrer\n",
            "x-content-type-options: nosniff\n",
            "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'none'\n",
        ] {
            assert!(answer.headers.contains(line), "{path}: {line} in {}", answer.headers);
        }
        assert!(!answer.headers.contains("unsafe"));
    }
}

#[tokio::test]
async fn a_right_code_tells_of_its_conference_and_a_wrong_one_that_it_is_wrong() {
    let pages = pages();
    let right = ask(&pages, &path(KNOWN), FROM).await.body;
    assert!(right.contains("Our next year") && right.contains("In Convene öffnen"), "{right}");
    let wrong = ask(&pages, &path(JoinCode([9; 16])), FROM).await.body;
    assert!(wrong.contains("führt zu keiner Konferenz") && !wrong.contains("Our next year"), "{wrong}");
    assert!(!wrong.contains(&JoinCode([9; 16]).to_string()), "nothing is made of a wrong code");
}

#[tokio::test(start_paused = true)]
async fn wrong_codes_are_limited_by_address_and_right_ones_never() {
    let pages = pages();
    let wrong = |number: u8| path(JoinCode([100 + number; 16]));
    let mut answered = 0;
    let refused = loop {
        let answer = ask(&pages, &wrong(answered), FROM).await;
        if answer.status != StatusCode::NOT_FOUND {
            break answer;
        }
        answered += 1;
    };
    assert_eq!((answered, refused.status), (60, StatusCode::TOO_MANY_REQUESTS));
    assert!(refused.headers.contains("retry-after: 60\n"), "{}", refused.headers);
    assert!(refused.body.contains("führt zu keiner Konferenz"), "{}", refused.body);
    assert_eq!(
        ask(&pages, &path(KNOWN), FROM).await.status,
        StatusCode::OK,
        "others sit behind this address"
    );
    assert_eq!(ask(&pages, "/j/cut", FROM).await.status, StatusCode::NOT_FOUND, "that is no guess");
    assert_eq!(ask(&pages, &wrong(1), ANOTHER).await.status, StatusCode::NOT_FOUND);
    tokio::time::advance(Duration::from_secs(60)).await;
    assert_eq!(ask(&pages, &wrong(1), FROM).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_code_is_looked_for_once_and_by_itself() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let find = move |_: JoinCode| {
        counted.fetch_add(1, Ordering::Relaxed);
        None
    };
    let pages = Pages::new(find, watch::channel(Arc::new(site())).1);
    for path in ["/", "/invitation.js", "/j/cut", "/j/"] {
        ask(&pages, path, FROM).await;
    }
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    ask(&pages, &path(KNOWN), FROM).await;
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}
