//! `convene report`: what somebody needs to know who helps. It holds what is made of numbers and of
//! words that this program knows, and nothing that anyone wrote: no name, address, text, code or
//! password can be in it.

mod lines;

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use convene_command_lines::convene::Report;
use convene_local_api::{
    AccessCheck, AccessCheckParams, ConnectionWatch, Empty, Hello, HelloParams, List, Method, SettingsGet,
    SystemStatus,
};
use convene_local_client::{Client, ConnectError, Introduction};

use self::lines::Lines;
use super::{Context, PROGRAM, known_proxies};
use crate::stop::{FAILED, Stop};
use crate::{output, prompt};

/// Bytes of an answer to a question of yes or no.
const ANSWER_BYTES_MAX: u64 = 64;

pub(super) async fn run(options: &Report, context: &Context) -> Result<(), Stop> {
    let text = context.waits(text(context)).await;
    if context.json {
        output::json(&serde_json::json!({ "report": text }))?;
    } else {
        output::line(&text)?;
    }
    let Some(file) = &options.file else { return Ok(()) };
    let wording = &context.wording;
    let name = file.to_string_lossy();
    let fields = [("file", &*name)];
    if !context.json {
        let asked = wording.about("report-ask", &fields);
        let answer = prompt::line(&asked, ANSWER_BYTES_MAX, wording)?;
        // Where nobody can be asked, naming the file was the answer.
        if answer.is_some_and(|answer| !is_yes(&answer)) {
            return Ok(());
        }
    }
    let key = match write(file, &text) {
        Ok(()) => "report-written",
        Err(error) if error.kind() == ErrorKind::AlreadyExists => "report-exists",
        Err(_) => "report-unwritten",
    };
    if key != "report-written" {
        output::complain(&wording.about(key, &fields));
        return Err(Stop::Code(FAILED));
    }
    if context.json { Ok(()) } else { Ok(output::line(&wording.about(key, &fields))?) }
}

/// In either language, whichever was asked in.
fn is_yes(answer: &str) -> bool {
    ["j", "ja", "y", "yes"].iter().any(|yes| answer.eq_ignore_ascii_case(yes))
}

/// Writes a file that is not there yet.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    let mut file = File::options().write(true).create_new(true).open(file)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")
}

async fn text(context: &Context) -> String {
    let mut lines = Lines::new(context);
    lines.session(&known_proxies().await.unwrap_or_default());
    // As a program that answers no questions: nobody is asked for a login meanwhile.
    match Introduction::new(context.sockets.clone(), PROGRAM).connect().await {
        Ok((client, _)) => daemon(&client, &mut lines).await,
        Err(ConnectError::NotRunning { .. }) => lines.away("not_running"),
        Err(ConnectError::Impostor { .. }) => lines.away("impostor"),
        Err(ConnectError::Foreign { .. }) => lines.away("foreign"),
    }
    lines.text()
}

/// Asks for everything. What a daemon refuses or does not know is left out.
async fn daemon(client: &Client, lines: &mut Lines<'_>) {
    let hello = HelloParams { client: PROGRAM.to_owned(), answers: Vec::new() };
    if let Some(hello) = asked::<Hello>(client, &hello).await {
        lines.hello(&hello);
    }
    if let Some(system) = asked::<SystemStatus>(client, &Empty {}).await {
        lines.system(&system);
    }
    if let Some(shown) = asked::<ConnectionWatch>(client, &Empty {}).await {
        lines.connections(&shown.connections);
    }
    if let Some(listed) = asked::<List>(client, &Empty {}).await {
        lines.seats(&listed.conferences);
    }
    let last = AccessCheckParams { server: None, watch_only: true };
    if let Some(last) = asked::<AccessCheck>(client, &last).await {
        lines.checks(&last.checks);
    }
    if let Some(settings) = asked::<SettingsGet>(client, &Empty {}).await {
        lines.settings(&settings);
    }
}

async fn asked<M: Method>(client: &Client, params: &M::Params) -> Option<M::Result> {
    client.call::<M>(params).await.ok()
}

/// The socket of a fake daemon is a file, which a pipe of Windows is not.
#[cfg(all(test, unix))]
mod tests {
    use convene_local_api::{
        AccessCheckRecord, AccessCheckResult, AccessReason, AccessStep, AccessStepKind, AccessStepState,
        AccessVerdict, Connection, ConnectionRoute, ConnectionState, Connections, HelloResult, ListResult,
        ListedSeat, OwnSettings, ProxySource, SeatState, Setting, SettingSource, SettingSourceKind, Settings,
    };
    use convene_local_client::FakeDaemon;
    use convene_model::{Attempt, Carrier, Code, Evidence, Fingerprint, PortRange, Remedy, Rung, Stage};
    use convene_wording::Language;
    use serde_json::json;

    use super::super::fixture;

    /// What nobody may find in a report: names, addresses, codes, texts and passwords.
    const PLANTED: &[&str] = &[
        "kanarie",
        "waldkauz",
        "10.20.30.40",
        "hunter2",
        "VpTQii5T_8rgwxA-Wtb2Bw",
        "Zaunkönig",
        "Anna",
        "Olga",
        "Unser nächstes Jahr",
        "Guten Morgen",
        "AAAAAAAA",
    ];

    fn attempt() -> Attempt {
        Attempt {
            stage: Stage::Proxy,
            target: "kanarie.test:443 via waldkauz.test:3128".to_owned(),
            code: Code::ProxyForbidden,
            ms: 1_234,
            remedy: Remedy::AllowServerInProxy,
            evidence: Some(Evidence {
                name: Some("Zaunkönig Box 10.20.30.40".to_owned()),
                fingerprint: Some(Fingerprint([0; 32])),
                status: Some(403),
                schemes: vec!["Basic".to_owned(), "Zaunkönig".to_owned()],
                page: Some("http://anna:hunter2@waldkauz.test/".to_owned()),
            }),
        }
    }

    fn proxy() -> ProxySource {
        ProxySource {
            name: "kanarie".to_owned(),
            proxies: vec!["http://anna:hunter2@waldkauz.test:3128".to_owned()],
            exceptions: vec!["10.20.30.40".to_owned()],
            pac_url: Some("http://waldkauz.test/proxy.pac".to_owned()),
            wpad: true,
        }
    }

    fn connection() -> Connection {
        Connection {
            server: "kanarie.test".to_owned(),
            ports: PortRange::DEFAULT,
            https_port: 443,
            state: ConnectionState::Blocked,
            route: Some(ConnectionRoute {
                rung: Rung::Proxy,
                target: "kanarie.test:443".to_owned(),
                proxy: Some("waldkauz.test:3128".to_owned()),
                carrier: Carrier::Poll,
            }),
            since: "Zaunkönig".to_owned(),
            attempts: vec![attempt()],
            inspected_by: Some("CN=Zaunkönig".to_owned()),
            contact: Some("anna@waldkauz.test".to_owned()),
            storage: None,
            clock_offset_ms: Some(-1_500),
        }
    }

    fn check() -> AccessCheckRecord {
        AccessCheckRecord {
            server: "kanarie.test".to_owned(),
            ports: PortRange::DEFAULT,
            https_port: 443,
            reason: AccessReason::DayBefore,
            began: "2026-11-30T09:00:00Z".to_owned(),
            ended: Some("kanarie".to_owned()),
            verdict: Some(AccessVerdict::Red),
            steps: vec![AccessStep {
                kind: AccessStepKind::Proxy,
                target: "waldkauz.test:3128".to_owned(),
                state: AccessStepState::Failed,
                ms: Some(20),
                attempt: Some(attempt()),
                rung: None,
                carrier: None,
                named_by: Some("kanarie".to_owned()),
                logins: vec!["Zaunkönig".to_owned()],
                inspected_by: Some("Zaunkönig".to_owned()),
                clock_offset_ms: None,
            }],
            contact: Some("anna@waldkauz.test".to_owned()),
            machine: "kanarie".to_owned(),
            version: "0.1.0".to_owned(),
        }
    }

    fn settings() -> Settings {
        let place = Some("/home/kanarie/convened.toml:3".to_owned());
        let setting = Setting {
            value: json!("http://anna:hunter2@waldkauz.test"),
            from: SettingSource { kind: SettingSourceKind::File, place },
            managed: true,
            secret: false,
            hidden: Vec::new(),
        };
        Settings {
            number: 1,
            proxy: [("url".to_owned(), setting.clone())].into(),
            policy: [].into(),
            server: [("kanarie.test:443".to_owned(), [("contact".to_owned(), setting)].into())].into(),
            own: OwnSettings { proxy: Some(proxy()), ..OwnSettings::default() },
            privileged: false,
            command: Some("sudo kanarie".to_owned()),
        }
    }

    fn planted(fake: FakeDaemon) -> FakeDaemon {
        let seat = ListedSeat {
            server: "kanarie.test".to_owned(),
            state: SeatState::Refused,
            code: Some("VpTQii5T_8rgwxA-Wtb2Bw".to_owned()),
            ..fixture::seat()
        };
        fake.answers::<super::Hello>(&HelloResult { daemon: "convened Zaunkönig".to_owned(), api: 4 })
            .answers::<super::ConnectionWatch>(&Connections { number: 1, connections: vec![connection()] })
            .answers::<super::List>(&ListResult { conferences: vec![seat] })
            .answers::<super::AccessCheck>(&AccessCheckResult { checks: vec![check()] })
            .answers::<super::SettingsGet>(&settings())
    }

    #[tokio::test]
    async fn nothing_that_anyone_wrote_is_in_a_report() {
        for language in [Language::De, Language::En] {
            let report = fixture::said(&["report"], language, planted).await;
            for word in PLANTED {
                assert!(!report.to_lowercase().contains(&word.to_lowercase()), "{word}: {report}");
            }
            for known in [
                "proxy/proxy_forbidden ms=1234 remedy=allow_server_in_proxy port=443 proxy=yes status=403 logins=Basic,other",
                "Server 1 state=blocked",
                "way=proxy/poll clock_offset_ms=-1500 inspected=yes",
                "state=refused entry=28 waiting=0 code=other",
                "proxy failed ms=20 named_by=other",
                "proxy url by=file managed=yes",
                "other proxies=1 script=yes search=yes",
            ] {
                assert!(report.contains(known), "{known}: {report}");
            }
        }
    }

    #[tokio::test]
    async fn a_report_is_shown_and_replaces_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("report.txt");
        let name = file.to_str().unwrap();
        let shown = fixture::said(&["report", name, "--json"], Language::En, planted).await;
        let written = std::fs::read_to_string(&file).unwrap();
        assert!(shown.contains("state=blocked") && written.contains("state=blocked"), "{shown}");
        std::fs::write(&file, "mine").unwrap();
        fixture::said(&["report", name, "--json"], Language::En, planted).await;
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    }
}
