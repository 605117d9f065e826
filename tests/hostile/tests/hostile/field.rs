//! What users of comparable software met in the field, each named by its number in the list of
//! them.

use crate::scripted::{joins, opens, side_by_side};

/// RFC 9110, section 10.1.5: some boxes refuse whoever does not say who asks.
#[test]
fn f05_a_proxy_that_wants_to_know_who_asks() {
    side_by_side(&[joins("agent", |asked| {
        if asked.head.contains("\r\nUser-Agent: Convene/") {
            return opens("HTTP/1.1 200 OK\r\n\r\n");
        }
        opens("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
    })]);
}

/// Policies and cookies make heads long, and old boxes spell their first line as they like.
#[test]
fn f17_heads_that_a_browser_takes_are_taken() {
    side_by_side(&[
        joins("large", |_| opens(format!("HTTP/1.1 200 OK\r\nX-Policy: {}\r\n\r\n", "y".repeat(200_000)))),
        joins("numerous", |_| opens(format!("HTTP/1.1 200 OK\r\n{}\r\n", "X-Policy: yes\r\n".repeat(1_500)))),
        joins("blanks", |_| opens("HTTP/1.1  200\r\n\r\n")),
        joins("version", |_| opens("HTTP/1.2 200 OK\r\n\r\n")),
        joins("small", |_| opens("http/1.1 200 ok\r\n\r\n")),
    ]);
}
