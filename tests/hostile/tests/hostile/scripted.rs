//! Through proxies that answer slowly, strangely, late or never. They stand side by side in one
//! network, each with a daemon of its own: what takes long takes it at the same time.

use std::borrow::Cow;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use convene_model::{Code, Remedy, Rung, Stage};
use convene_tests_hostile::{
    Asked, Daemon, Families, FileServer, HTTPS_PORT, Script, Scripted, Settings, Step, World, in_network,
    patiently,
};
use uuid::Uuid;

use crate::expect::{FAST, Told, WAIT, assert_joins, assert_told, route, schemes};
use crate::proxy::{environment, refusing, silent, via};

/// The login that daemons know whose case needs one.
const LOGIN: &str = "anna:secret@";
/// Daemons that start at one time: more would only wait for one another.
const AT_ONCE_MAX: usize = 8;

/// A proxy, and what must come of it.
pub(crate) struct Case {
    /// One word.
    name: &'static str,
    script: Script,
    /// Whether the daemon knows a login.
    knows_login: bool,
    /// In all of its time.
    logins_shown: usize,
    end: End,
}

#[derive(Clone, Copy)]
enum End {
    Joins(Duration),
    Told(Stage, Code, Remedy),
}

pub(crate) const fn joins(name: &'static str, script: Script) -> Case {
    Case { name, script, knows_login: false, logins_shown: 0, end: End::Joins(FAST) }
}

/// As [`joins`], after one login.
const fn logs_in(name: &'static str, script: Script) -> Case {
    Case { knows_login: true, logins_shown: 1, ..joins(name, script) }
}

const fn told(name: &'static str, script: Script, stage: Stage, code: Code, remedy: Remedy) -> Case {
    Case { name, script, knows_login: false, logins_shown: 0, end: End::Told(stage, code, remedy) }
}

/// As [`told`], and the login that is known is shown so often.
const fn told_after(shown: usize, case: Case) -> Case {
    Case { knows_login: true, logins_shown: shown, ..case }
}

pub(crate) fn side_by_side(cases: &[Case]) {
    in_network(Families::V4, |network| {
        let world = refusing(network);
        for cases in cases.chunks(AT_ONCE_MAX) {
            thread::scope(|scope| {
                for case in cases {
                    let hold = || hold(&world, case);
                    let named = thread::Builder::new().name(case.name.to_owned());
                    named.spawn_scoped(scope, hold).expect("there are threads");
                }
            });
        }
    });
}

fn hold(world: &World, case: &Case) {
    let proxy = Scripted::start(world, case.script);
    let login = if case.knows_login { LOGIN } else { "" };
    let daemon = world.daemon(case.name, &environment(format!("http://{login}{}", proxy.address())));
    match case.end {
        End::Joins(limit) => {
            let over = route(Rung::Proxy, HTTPS_PORT, Some(proxy.address().to_string()));
            assert_joins(&daemon, limit, &over);
        }
        End::Told(stage, code, remedy) => {
            let status = assert_told(&daemon, &Told { stage, target: via(proxy.address()), code, remedy });
            if code == Code::ProxySchemeUnsupported {
                assert_eq!(schemes(&status.attempts, code), ["Bearer"], "{}", case.name);
            }
        }
    }
    let shown = proxy.logins();
    match case.end {
        // A second carrier may race beside the first on a slow machine, and shows the login that is
        // right as well.
        End::Joins(_) => assert_eq!(shown > 0, case.logins_shown > 0, "{}: shown {shown} times", case.name),
        End::Told(..) => assert_eq!(shown, case.logins_shown, "{}: so often a login was shown", case.name),
    }
}

/// Says this, and opens the way.
pub(crate) fn opens(answer: impl Into<String>) -> Vec<Step> {
    vec![Step::says(answer), Step::Passes]
}

/// Refuses until a login is shown, with these headers and what follows them; then opens the way.
fn wants_login(asked: &Asked, rest: &str) -> Vec<Step> {
    if asked.shows_login {
        return opens("HTTP/1.1 200 OK\r\n\r\n");
    }
    vec![Step::says(format!("HTTP/1.1 407 Login\r\n{rest}"))]
}

/// The challenge of the simplest login.
const BASIC: &str = "Proxy-Authenticate: Basic realm=\"lab\"\r\n";

#[test]
fn strange_ways_to_say_yes_are_joined_through() {
    side_by_side(&[
        joins("slow", |_| {
            let answer = b"HTTP/1.1 200 Connection established\r\n\r\n";
            vec![Step::Drips(Cow::Borrowed(answer), Duration::from_millis(30)), Step::Passes]
        }),
        joins("headers", |_| opens(format!("HTTP/1.1 200 OK\r\n{}\r\n", "X-Policy: yes\r\n".repeat(30)))),
        joins("long", |_| opens(format!("HTTP/1.1 200 OK\r\nX-Policy: {}\r\n\r\n", "y".repeat(5_000)))),
        joins("latin", |_| {
            vec![Step::Says(Cow::Borrowed(b"HTTP/1.1 200 D\xe9j\xe0 vu\r\nVia: \xfc\r\n\r\n")), Step::Passes]
        }),
        joins("old", |_| opens("HTTP/1.0 200 Connection established\r\nProxy-agent: old\r\n\r\n")),
        joins("linefeeds", |_| opens("HTTP/1.1 200 OK\nVia: x\n\n")),
        joins("reasonless", |_| opens("HTTP/1.1 200\r\n\r\n")),
        joins("length", |_| opens("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")),
        joins("lying", |_| opens("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")),
        joins("chunked", |_| opens("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")),
        joins("interim", |_| opens("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")),
        joins("other", |_| opens("HTTP/1.1 204 No Content\r\n\r\n")),
    ]);
}

#[test]
fn strange_ways_to_want_a_login_are_logged_in_to() {
    side_by_side(&[
        logs_in("closes", |asked| {
            let mut steps = wants_login(asked, &format!("{BASIC}Connection: close\r\n\r\n<html>"));
            steps.push(Step::Closes);
            steps
        }),
        // It says that it keeps the connection, and does not.
        logs_in("drops", |asked| {
            let mut steps = wants_login(asked, &format!("{BASIC}Content-Length: 6\r\n\r\n<html>"));
            steps.push(Step::Closes);
            steps
        }),
        logs_in("resets", |asked| {
            let mut steps = wants_login(asked, &format!("{BASIC}Content-Length: 6\r\n\r\n<html>"));
            steps.push(Step::Resets);
            steps
        }),
        logs_in("one", |asked| {
            let many =
                "Proxy-Authenticate: Negotiate, Bearer x=\"a, b\", Basic realm=\"lab, too\", Other\r\n";
            wants_login(asked, &format!("{many}Content-Length: 0\r\n\r\n"))
        }),
        logs_in("many", |asked| {
            let many: String =
                (0..12).map(|number| format!("Proxy-Authenticate: Scheme{number} a=b\r\n")).collect();
            wants_login(asked, &format!("{many}{BASIC}Content-Length: 0\r\n\r\n"))
        }),
        logs_in("large", |asked| {
            let page = "x".repeat(60_000);
            wants_login(asked, &format!("{BASIC}Content-Length: {}\r\n\r\n{page}", page.len()))
        }),
        logs_in("huge", |asked| {
            let page = "x".repeat(1_000_000);
            wants_login(asked, &format!("{BASIC}Content-Length: {}\r\n\r\n{page}", page.len()))
        }),
        logs_in("pieces", |asked| {
            let chunk = format!("3e8\r\n{}\r\n", "x".repeat(1_000));
            let page = format!("{}0\r\n\r\n", chunk.repeat(8));
            wants_login(asked, &format!("{BASIC}Transfer-Encoding: chunked\r\n\r\n{page}"))
        }),
    ]);
}

/// A challenge of Digest with this nonce (RFC 7616), and what else it says.
fn digest(nonce: &str, rest: &str) -> Vec<Step> {
    let challenge =
        format!("Proxy-Authenticate: Digest realm=\"lab\", nonce=\"{nonce}\", qop=\"auth\"{rest}\r\n");
    vec![Step::says(format!("HTTP/1.1 407 Login\r\n{challenge}Content-Length: 0\r\n\r\n"))]
}

/// A parameter of the login that is shown.
fn shown<'a>(asked: &'a Asked, name: &str) -> Option<&'a str> {
    let login = asked.head.lines().find(|line| line.starts_with("Proxy-Authorization: Digest "))?;
    let (_, value) = login.split_once(&format!(" {name}="))?;
    value.split([',', ' ']).next().map(|value| value.trim_matches('"'))
}

/// Whether the login is that of `anna` with `secret` (RFC 7616, section 3.4.1), with SHA-256 or
/// else MD5 as coreutils make them.
fn is_right(asked: &Asked, sum: &str) -> bool {
    let of = |text: String| hash(sum, &text);
    let get = |name| shown(asked, name).unwrap_or_default();
    let uri = asked.head.split(' ').nth(1).unwrap_or_default();
    let (user, request) = (of("anna:lab:secret".to_owned()), of(format!("CONNECT:{uri}")));
    let response = of(format!("{user}:{}:{}:{}:auth:{request}", get("nonce"), get("nc"), get("cnonce")));
    get("username") == "anna" && get("response") == response
}

/// The sum of a text as hexadecimal digits.
fn hash(sum: &str, text: &str) -> String {
    let mut child =
        Command::new(sum).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("coreutils are there");
    child.stdin.take().expect("it is piped").write_all(text.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let line = String::from_utf8(output.stdout).expect("digits");
    line.split(' ').next().unwrap_or_default().to_owned()
}

/// squid knows MD5 alone, and no nonce of its runs out within a test.
#[test]
fn r58_digest_with_sha_256_and_with_a_nonce_that_has_run_out() {
    const SHA: &str = ", algorithm=SHA-256";
    side_by_side(&[
        // A client that takes both takes the stronger.
        logs_in("sha256", |asked| {
            if shown(asked, "algorithm") == Some("SHA-256") && is_right(asked, "sha256sum") {
                return opens("HTTP/1.1 200 OK\r\n\r\n");
            }
            digest(
                "a",
                &format!("\r\nProxy-Authenticate: Digest realm=\"lab\", nonce=\"b\", qop=\"auth\"{SHA}"),
            )
        }),
        Case {
            logins_shown: 2,
            ..logs_in("stale", |asked| match shown(asked, "nonce") {
                Some("b") if is_right(asked, "md5sum") => opens("HTTP/1.1 200 OK\r\n\r\n"),
                Some("a") if is_right(asked, "md5sum") => digest("b", ", stale=true"),
                Some(_) | None => digest("a", ""),
            })
        },
    ]);
}

/// A refusal that says so, or a box that is none: each has its code, and comes at once.
#[test]
fn strange_ways_to_say_no_are_told() {
    const PROXY: Stage = Stage::Proxy;
    side_by_side(&[
        told_after(
            1,
            told(
                "twice",
                |_| vec![Step::says(format!("HTTP/1.1 407 Login\r\n{BASIC}Content-Length: 0\r\n\r\n"))],
                PROXY,
                Code::ProxyLoginRejected,
                Remedy::SetProxyLogin,
            ),
        ),
        told_after(
            0,
            told(
                "unknown",
                |asked| {
                    wants_login(
                        asked,
                        "Proxy-Authenticate: Bearer realm=\"lab\"\r\nContent-Length: 0\r\n\r\n",
                    )
                },
                PROXY,
                Code::ProxySchemeUnsupported,
                Remedy::AllowServerInProxy,
            ),
        ),
        told(
            "unavailable",
            |_| vec![Step::says("HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n")],
            PROXY,
            Code::ProxyTargetUnreachable,
            Remedy::AllowServerInProxy,
        ),
        told(
            "portal",
            |_| vec![Step::says("HTTP/1.1 302 Found\r\nLocation: http://portal.test/\r\n\r\n")],
            PROXY,
            Code::ProxyForbidden,
            Remedy::AllowServerInProxy,
        ),
        told(
            "endless",
            |_| vec![Step::says("HTTP/1.1 200 OK\r\n"), Step::Repeats("X-Policy: yes\r\n")],
            PROXY,
            Code::ProxyBroken,
            Remedy::CheckProxy,
        ),
        told("wordless", |_| vec![Step::Closes], PROXY, Code::Closed, Remedy::AllowServerInProxy),
        told("reset", |_| vec![Step::Resets], PROXY, Code::Reset, Remedy::AllowServerInProxy),
        told(
            "garbage",
            |_| vec![Step::says("\u{1}\u{2}garbage\r\n"), Step::Hangs],
            PROXY,
            Code::ProxyBroken,
            Remedy::CheckProxy,
        ),
        told(
            "halfway",
            |_| vec![Step::says("HTTP/1.1 200 OK\r\nVia: cu"), Step::Closes],
            PROXY,
            Code::ProxyBroken,
            Remedy::CheckProxy,
        ),
    ]);
}

/// The proxy says yes, and there is no server behind it.
#[test]
fn a_way_that_leads_nowhere_is_told() {
    const ALLOW: Remedy = Remedy::AllowServerInProxy;
    side_by_side(&[
        told(
            "closes",
            |_| vec![Step::says("HTTP/1.1 200 OK\r\n\r\n"), Step::Closes],
            Stage::Tls,
            Code::Closed,
            ALLOW,
        ),
        told(
            "page",
            |_| {
                let page = "<html>Access denied</html>".repeat(20);
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", page.len());
                vec![Step::says(head + &page), Step::Hangs]
            },
            Stage::Tls,
            Code::NotTls,
            ALLOW,
        ),
        told(
            "first",
            |_| vec![Step::says("HTTP/1.1 200 OK\r\n\r\n220 mail.test ready\r\n"), Step::Hangs],
            Stage::Tls,
            Code::NotTls,
            ALLOW,
        ),
        told(
            "stalls",
            |_| vec![Step::says("HTTP/1.1 200 OK\r\n\r\n"), Step::PassesOnly(300), Step::Hangs],
            Stage::Tls,
            Code::TimedOut,
            ALLOW,
        ),
        told(
            "cuts",
            |_| vec![Step::says("HTTP/1.1 200 OK\r\n\r\n"), Step::PassesOnly(300), Step::Closes],
            Stage::Tls,
            Code::Closed,
            ALLOW,
        ),
        told("silent", |_| vec![Step::Hangs], Stage::Proxy, Code::TimedOut, ALLOW),
        told(
            "dripping",
            |_| vec![Step::Drips(Cow::Owned(vec![b'x'; 1_000]), Duration::from_millis(200)), Step::Hangs],
            Stage::Proxy,
            Code::TimedOut,
            ALLOW,
        ),
    ]);
}

/// How long this proxy thinks about a login: another way wins meanwhile.
const THINKS: Duration = Duration::from_secs(6);

/// A wrong password counts at the domain, whoever won: it must not be shown again at each
/// reconnect.
#[test]
fn r64_a_password_that_is_rejected_after_another_way_won_is_not_shown_again() {
    in_network(Families::V4, |network| {
        let world = silent(network);
        let proxy = Scripted::start(&world, |asked| {
            let refusal = Step::says(format!("HTTP/1.1 407 Login\r\n{BASIC}Content-Length: 0\r\n\r\n"));
            if asked.shows_login { vec![Step::Waits(THINKS), refusal] } else { vec![refusal] }
        });
        let settings = environment(format!("http://{LOGIN}{}", proxy.address()));
        let daemon = world.daemon("anna", &settings);
        thread::scope(|scope| {
            let joining = scope.spawn(|| daemon.join("anna", WAIT));
            let shown = patiently(FAST, || (proxy.logins() == 1).then_some(()));
            world.network().filter("");
            let joined = joining.join().expect("it joins or says why not");
            assert!(shown.is_some() && joined.exit == Some(0), "{joined:?} {}", daemon.log());
            assert!(joined.took < THINKS, "only after {:?}", joined.took);
        });
        let route = daemon.status().and_then(|status| status.route).expect("it has joined");
        assert_eq!(route.proxy, None, "{}", daemon.log());
        let noted = patiently(WAIT, || daemon.log().contains("the proxy rejected the login").then_some(()));
        assert!(noted.is_some(), "{}", daemon.log());
        drop(daemon);
        world.network().filter("meta l4proto tcp reject with tcp reset\ndrop");
        let daemon = world.daemon("anna", &settings);
        let told = patiently(WAIT, || {
            let attempts = daemon.status()?.attempts;
            attempts.into_iter().find(|attempt| attempt.code == Code::ProxyLoginRejected)
        });
        assert!(told.is_some(), "{}", daemon.log());
        assert_eq!(proxy.logins(), 1, "it was shown again");
    });
}

/// How late the late proxy is.
const LATE: Duration = Duration::from_secs(20);

fn late(_: &Asked) -> Vec<Step> {
    vec![Step::Waits(LATE), Step::says("HTTP/1.1 200 OK\r\n\r\n"), Step::Passes]
}

#[test]
fn r68_a_proxy_that_answers_after_20_s_is_told_first_and_then_used() {
    in_network(Families::V4, |network| {
        let world = refusing(network);
        let proxy = Scripted::start(&world, late);
        let daemon = world.daemon("anna", &environment(format!("http://{}", proxy.address())));
        let (stage, code, remedy) = (Stage::Proxy, Code::TimedOut, Remedy::AllowServerInProxy);
        assert_told(&daemon, &Told { stage, target: via(proxy.address()), code, remedy });
        let connected = patiently(LATE, || daemon.status()?.route);
        let over = route(Rung::Proxy, HTTPS_PORT, Some(proxy.address().to_string()));
        assert_eq!(connected, Some(over), "{}", daemon.log());
        // It was the first, or one that was begun while that was waited for.
        assert!(proxy.connections() <= 4, "{} connections", proxy.connections());
    });
}

#[test]
fn r68_another_proxy_is_used_meanwhile() {
    in_network(Families::V4, |network| {
        let world = refusing(network);
        let [slow, quick] = [late, |_: &Asked| opens("HTTP/1.1 200 OK\r\n\r\n")]
            .map(|script| Scripted::start(&world, script));
        let list = format!("return 'PROXY {}; PROXY {}'", slow.address(), quick.address());
        let script = format!("function FindProxyForURL(url, host) {{ {list} }}\n");
        let files = FileServer::start(world.network(), script);
        let configuration = format!("[proxy]\npac_url = \"{}\"\n", files.url());
        let daemon = world.daemon("anna", &Settings { configuration, ..Settings::default() });
        let over = route(Rung::Proxy, HTTPS_PORT, Some(quick.address().to_string()));
        assert_joins(&daemon, FAST, &over);
        assert_eq!(slow.connections(), 1, "the first of the list was tried");
    });
}

/// Bytes of the server's that pass: some frames behind the greeting.
const PASSING: usize = 8_000;
/// How soon silence is noticed, and the way back found.
const NOTICED: Duration = Duration::from_secs(45);

/// Says what comes to several times [`PASSING`], each within the limit, and hears each once and in
/// order.
fn assert_keeps(daemon: &Daemon<'_>, limit: Duration) {
    let texts: Vec<_> = (0..8).map(|number| format!("{number} {}", "word ".repeat(400))).collect();
    for text in &texts {
        let said = daemon.say(text, &Uuid::new_v4().to_string(), limit);
        let state = said.answer.map(|answer| answer.state);
        assert_eq!(state.as_deref(), Some("accepted"), "{:?} {}", said.took, daemon.log());
    }
    let heard = |daemon: &Daemon<'_>| -> Vec<_> {
        daemon.tail().into_iter().filter_map(|event| event.text).collect()
    };
    let all = patiently(limit, || (heard(daemon).len() >= texts.len()).then_some(()));
    assert!(all.is_some() && heard(daemon) == texts, "{} heard", heard(daemon).len());
}

#[test]
fn a_way_that_is_cut_again_and_again_loses_nothing() {
    in_network(Families::V4, |network| {
        let world = refusing(network);
        let proxy = Scripted::start(&world, |_| {
            vec![Step::says("HTTP/1.1 200 OK\r\n\r\n"), Step::PassesOnly(PASSING), Step::Closes]
        });
        let daemon = world.daemon("anna", &environment(format!("http://{}", proxy.address())));
        let over = route(Rung::Proxy, HTTPS_PORT, Some(proxy.address().to_string()));
        assert_joins(&daemon, FAST, &over);
        assert_keeps(&daemon, NOTICED);
        assert!((3..20).contains(&proxy.connections()), "{} connections", proxy.connections());
    });
}

#[test]
fn a_way_that_stalls_without_a_word_is_left_within_45_s_and_loses_nothing() {
    in_network(Families::V4, |network| {
        let world = refusing(network);
        let proxy = Scripted::start(&world, |asked| {
            let end = if asked.connection == 0 { Step::PassesOnly(PASSING) } else { Step::Passes };
            vec![Step::says("HTTP/1.1 200 OK\r\n\r\n"), end, Step::Hangs]
        });
        let daemon = world.daemon("anna", &environment(format!("http://{}", proxy.address())));
        let over = route(Rung::Proxy, HTTPS_PORT, Some(proxy.address().to_string()));
        assert_joins(&daemon, FAST, &over);
        assert_keeps(&daemon, NOTICED);
        assert!((2..5).contains(&proxy.connections()), "{} connections", proxy.connections());
    });
}
