//! Scripts as networks have them, and scripts that nobody should run, in real children.
#![cfg(unix)]

use std::cell::Cell;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use convene_pac::{Candidate, Evaluator, PacError};

fn evaluator() -> Evaluator {
    Evaluator::new(env!("CARGO_BIN_EXE_convene-pac-trial").into())
}

async fn evaluate(script: &str) -> Result<Vec<String>, PacError> {
    let resolve = |name: String| async move { (name == "inside.test").then(|| "10.1.2.3".to_owned()) };
    let found = evaluator().evaluate(script, ("conference.test", 443), "192.0.2.7", resolve).await?;
    let show = |candidate| match candidate {
        Candidate::Direct => "direct".to_owned(),
        Candidate::Proxy(proxy) => proxy.to_string(),
    };
    Ok(found.into_iter().map(show).collect())
}

/// Whether an expression holds inside a script.
async fn holds(expression: &str) -> bool {
    let script = format!(
        "function FindProxyForURL(url, host) {{ return {expression} ? 'PROXY yes:1' : 'PROXY no:1' }}"
    );
    evaluate(&script).await.is_ok_and(|found| found == ["yes:1"])
}

#[tokio::test]
async fn a_script_sees_where_it_leads_and_names_its_proxies_in_order() {
    let script = "\u{feff}function FindProxyForURL(url, host) {
        answer = url === 'https://conference.test/' && host === 'conference.test'; // sloppy, as they are
        return answer ? 'PROXY a.test:3128; SOCKS5 b.test; DIRECT' : 'DIRECT' }";
    assert_eq!(evaluate(script).await.unwrap(), ["a.test:3128", "socks5://b.test:1080", "direct"]);
}

#[tokio::test]
async fn every_function_of_the_language_is_there() {
    for expression in [
        "isPlainHostName('intranet') && !isPlainHostName(host)",
        "dnsDomainIs(host, '.test') && dnsDomainIs(host, 'TEST') && !dnsDomainIs(host, '.org')",
        "localHostOrDomainIs('www', 'www.test') && !localHostOrDomainIs('www.org', 'www.test')",
        "isResolvable('inside.test') && !isResolvable('outside.test')",
        "dnsResolve('inside.test') === '10.1.2.3' && dnsResolve('10.0.0.1') === '10.0.0.1' && dnsResolve('x.test') === null",
        "isInNet('inside.test', '10.0.0.0', '255.0.0.0') && !isInNet('inside.test', '10.9.0.0', '255.255.0.0')",
        "isInNetEx('inside.test', '10.0.0.0/8') && !isInNet('outside.test', '0.0.0.0', '0.0.0.0')",
        "isInNetEx('2001:db8::1', '2001:db8::/33') && !isInNetEx('2001:db8:8000::1', '2001:db8::/33') && isInNetEx('::1', '::/0')",
        "!isInNetEx('10.0.0.1', '::/0') && !isInNetEx('10.0.0.1', '10.0.0.0') && !isInNetEx('10.0.0.1', '10.0.0.0/33')",
        "isResolvableEx('inside.test') && !isResolvableEx('outside.test')",
        "dnsResolveEx('inside.test') === '10.1.2.3' && dnsResolveEx('outside.test') === ''",
        "sortIpAddressList('10.2.3.9;2001:db8::2; 10.2.3.10 ;2001:db8::1;::ffff:10.0.0.1') === '::ffff:10.0.0.1;2001:db8::1;2001:db8::2;10.2.3.9;10.2.3.10'",
        "['', 'a.test', '10.0.0.1;', '1.2.3', '::1::', ':::', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '12345::', '300.0.0.1'].every(list => sortIpAddressList(list) === false)",
        "getClientVersion() === '1.0'",
        "myIpAddress() === '192.0.2.7' && myIpAddressEx() === '192.0.2.7'",
        "dnsDomainLevels('a.b.c') === 2 && dnsDomainLevels('a') === 0",
        "shExpMatch(host, '*.test') && shExpMatch(url, 'https://*/') && !shExpMatch(host, '?.test') && shExpMatch('a', 'a*')",
        "weekdayRange('SUN', 'SAT') && (weekdayRange('MON', 'FRI', 'GMT') || weekdayRange('SAT', 'SUN', 'GMT'))",
        "timeRange(0, 24) && timeRange(0, 0, 0, 23, 59, 59, 'GMT')",
        "dateRange('JAN', 'DEC') && dateRange(1, 31) && dateRange(2020, 2099) && !dateRange(1999)",
        "dateRange(1, 'JAN', 2020, 31, 'DEC', 2099)",
        "(alert('x'), true)",
    ] {
        assert!(holds(expression).await, "{expression}");
    }
}

#[tokio::test]
async fn scripts_that_take_too_much_or_fail_end_in_time() {
    for body in [
        "while (true) {}",
        "let a = []; while (true) a.push('x'.repeat(1000))",
        "return FindProxyForURL(url, host)",
        "return /^(a+)+$/.test('a'.repeat(40) + 'b')",
        "return 'x'.repeat(5e8)",
        "let n = 2n; while (true) n = n * n",
        // One call of the interpreter's own, which is never interrupted.
        "return '' + 'a'.repeat(8e6).indexOf('a'.repeat(4e6) + 'b')",
        "throw 1",
        "return 7",
        "return null",
        "return ''",
        "return 'QUIC a:1'",
    ] {
        let began = Instant::now();
        let script = format!("function FindProxyForURL(url, host) {{ {body} }}");
        assert_eq!(evaluate(&script).await, Err(PacError::Script), "{body}");
        assert!(began.elapsed() < Duration::from_secs(4), "{body} took {:?}", began.elapsed());
    }
    for script in ["", "function FindProxyForURL(", "<html>", "while (true) {}"] {
        assert_eq!(evaluate(script).await, Err(PacError::Script), "{script}");
    }
    assert_eq!(evaluate(&"x".repeat(2 << 20)).await, Err(PacError::TooLong));
}

#[tokio::test]
async fn a_silent_name_server_does_not_hold_a_script_up() {
    let silent = |_| std::future::pending::<Option<String>>();
    let asking = |count: usize| {
        format!(
            "function FindProxyForURL(url, host) {{
                for (let i = 0; i < {count}; i++) dnsResolve('name' + i + '.test');
                return 'PROXY a:1' }}"
        )
    };
    let began = Instant::now();
    let found = evaluator().evaluate(&asking(12), ("conference.test", 443), "192.0.2.7", silent).await;
    assert_eq!(found.unwrap().len(), 1);
    let found = evaluator().evaluate(&asking(60), ("conference.test", 443), "192.0.2.7", silent).await;
    assert_eq!(found, Err(PacError::Names));
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_script_may_ask_for_many_names_and_is_told_when_they_are_too_many() {
    let asked = &Cell::new(0);
    let run = |count: usize| {
        let script = format!(
            "function FindProxyForURL(url, host) {{
                for (let i = 0; i < {count}; i++) isResolvable('x' + i);
                for (let i = 0; i < 100; i++) isResolvable('x0');
                return isResolvable('inside.test') ? 'PROXY good:3128' : 'PROXY dead:1' }}"
        );
        let resolve = move |name: String| {
            asked.set(asked.get() + 1);
            async move { (name == "inside.test").then(|| "10.1.2.3".to_owned()) }
        };
        async move {
            let to = ("conference.test", 443);
            evaluator().evaluate(&script, to, "192.0.2.7", resolve).await.map(|found| found.len())
        }
    };
    assert_eq!(run(8).await, Ok(1));
    assert_eq!(asked.replace(0), 9, "what was answered is remembered");
    assert_eq!(run(60).await, Ok(1));
    assert_eq!(asked.get(), 61);
    assert_eq!(run(64).await, Err(PacError::Names), "no wrong answer instead");
}

/// As large organisations generate them; browsers run them.
#[tokio::test]
async fn long_chains_are_run() {
    for count in [900, 4_000] {
        let chain: String = (0..count)
            .map(|at| {
                format!("else if (shExpMatch(host, \"*.intern{at}.corp.test\")) {{return \"DIRECT\";}}\n")
            })
            .collect();
        let script = format!(
            "function FindProxyForURL(url, host) {{ if (false) {{}}\n{chain}else return 'PROXY last:1'; }}"
        );
        assert_eq!(evaluate(&script).await, Ok(vec!["last:1".to_owned()]), "{count}");
        let nested = "(host == 'x') ? 'DIRECT' : ".repeat(count);
        let script = format!("function FindProxyForURL(url, host) {{ return {nested} 'PROXY last:1'; }}");
        assert_eq!(evaluate(&script).await, Ok(vec!["last:1".to_owned()]), "{count} conditions");
    }
}

#[tokio::test]
async fn a_script_reaches_nothing_outside_of_itself() {
    for name in [
        "std",
        "os",
        "process",
        "require",
        "fetch",
        "XMLHttpRequest",
        "WebSocket",
        "Deno",
        "print",
        "console",
    ] {
        assert!(holds(&format!("typeof {name} === 'undefined'")).await, "{name}");
    }
}

/// A child whose script has this body, with these variables, what tells it more, and the first line
/// that it says.
fn child_at(body: &str, variables: &[(&str, &str)]) -> (Child, ChildStdin, String) {
    let script = format!("function FindProxyForURL(url, host) {{ {body} }}");
    let task = serde_json::json!({ "script": script, "url": "https://a.test/", "host": "a.test", "own": "" });
    let mut child = Command::new(env!("CARGO_BIN_EXE_convene-pac-trial"))
        .env_clear()
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the child's program is built");
    let (mut asks, says) =
        (child.stdin.take().expect("it is piped"), child.stdout.take().expect("it is piped"));
    writeln!(asks, "{task}").expect("the child listens");
    let mut said = String::new();
    BufReader::new(says).read_line(&mut said).expect("the child says text");
    (child, asks, said)
}

/// The zone's file cannot be opened any more when the script runs.
#[test]
fn a_script_knows_the_local_time() {
    // RFC 8536, section 3: one kind of time, nine hours east, and no change of it.
    let mut zone = b"TZif".to_vec();
    zone.resize(20, 0);
    for count in [0, 0, 0, 0, 1, 4] {
        zone.extend(u32::to_be_bytes(count));
    }
    zone.extend(i32::to_be_bytes(9 * 60 * 60));
    zone.extend(b"\0\0JST\0");
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("zone");
    std::fs::write(&file, zone).unwrap();
    let (mut child, _, said) = child_at(
        "return 'PROXY a:' + -new Date().getTimezoneOffset()",
        &[("TZ", &format!(":{}", file.display()))],
    );
    assert!(said.contains("a:540"), "{said}");
    child.wait().unwrap();
}

/// Checks the kernel's account of a child while its script runs.
#[cfg(target_os = "linux")]
#[test]
fn a_script_runs_as_nobody_within_its_limits() {
    let (mut child, asks, asked) = child_at("dnsResolve('asked.test'); return 'DIRECT'", &[]);
    assert!(asked.contains("asked.test"), "{asked}");

    let told = |file: &str| std::fs::read_to_string(format!("/proc/{}/{file}", child.id())).unwrap();
    let (status, limits) = (told("status"), told("limits"));
    let said = |key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
        line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(said("NoNewPrivs:"), ["1"]);
    // Only root can become somebody else; whoever else runs the daemon, its scripts run as.
    if nix::unistd::geteuid().is_root() {
        assert_eq!((said("Uid:"), said("Gid:")), (vec!["65534".to_owned(); 4], vec!["65534".to_owned(); 4]));
        assert_eq!((said("Groups:"), said("CapEff:")), (vec![], vec!["0".repeat(16)]));
    }
    for (name, limit) in [
        ("Max address space", "536870912"),
        ("Max cpu time", "2"),
        ("Max core file size", "0"),
        ("Max file size", "0"),
        ("Max open files", "3"),
        ("Max processes", "0"),
    ] {
        let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        let found: Vec<_> = line.split_whitespace().take(2).collect();
        assert_eq!(found, [limit, limit], "{name}");
    }
    // Its input ends, and so does the child.
    drop(asks);
    child.wait().unwrap();
}

/// As root with no right to become somebody else.
#[cfg(target_os = "linux")]
#[test]
fn a_script_runs_without_capabilities_where_nobody_cannot_be_become() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let task = serde_json::json!({
        "script": "function FindProxyForURL(url, host) { dnsResolve('asked.test'); return 'DIRECT' }",
        "url": "https://a.test/", "host": "a.test", "own": "",
    });
    let mut child = Command::new("setpriv")
        .args(["--bounding-set", "-setuid,-setgid", env!("CARGO_BIN_EXE_convene-pac-trial")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("util-linux is there");
    let (mut asks, says) =
        (child.stdin.take().expect("it is piped"), child.stdout.take().expect("it is piped"));
    writeln!(asks, "{task}").expect("the child listens");
    let mut asked = String::new();
    BufReader::new(says).read_line(&mut asked).expect("the child says text");
    assert!(asked.contains("asked.test"), "the script runs: {asked}");
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    for set in ["CapInh:", "CapPrm:", "CapEff:", "CapAmb:"] {
        let line = status.lines().find_map(|line| line.strip_prefix(set)).unwrap_or_default();
        assert_eq!(line.trim(), "0".repeat(16), "{set}");
    }
    drop(asks);
    child.wait().unwrap();
}

#[tokio::test]
async fn a_program_that_is_not_there_is_told() {
    let missing = Evaluator::new("/nonexistent/convened".into());
    let resolve = |_| std::future::ready(None);
    let evaluated = missing.evaluate("", ("a", 443), "", resolve).await;
    assert_eq!(evaluated, Err(PacError::Child(std::io::ErrorKind::NotFound)));
}

#[tokio::test]
async fn a_hypotenuse_is_reckoned_as_the_system_does() {
    for expression in [
        "Math.hypot(3, 4) === 5 && Math.hypot(-5, 12) === 13 && Math.hypot(1e200, 1e200) < 1.5e200",
        "Math.hypot(Infinity, NaN) === Infinity && isNaN(Math.hypot(NaN, 1)) && Math.hypot(0, 2e-320) === 2e-320",
    ] {
        assert!(holds(expression).await, "{expression}");
    }
}
