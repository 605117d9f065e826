use convene_model::{Evidence, PortRange, Remedy};
use convene_reach::ProxyScheme;

use super::*;

const HOST: &str = "conference.test";

fn proxy(host: &str) -> ProxyAddress {
    ProxyAddress { scheme: ProxyScheme::Http, host: host.to_owned(), port: 3_128 }
}

fn subject(ports: u16, proxies: &[&str]) -> Subject {
    let targets = Targets {
        host: HOST.to_owned(),
        direct_ports: PortRange::new(4_500, 4_499 + ports).unwrap(),
        https_port: 443,
        proxies: proxies.iter().map(|host| proxy(host)).collect(),
    };
    Subject {
        targets,
        places: proxies.iter().map(|_| "gnome".to_owned()).collect(),
        scripts: BTreeSet::new(),
        inspection: Inspection::Notify,
        contact: Some("help@conference.test".to_owned()),
        reason: AccessReason::Asked,
    }
}

/// A check on a clock that the test holds.
struct Scene {
    check: Check,
    start: Instant,
    ms: u64,
    under_way: Vec<(StepId, Task)>,
}

impl Scene {
    fn new(subject: Subject) -> Self {
        let check = Check::new(subject, Timestamp::from_millis(1_000));
        let mut scene = Self { check, start: Instant::now(), ms: 0, under_way: Vec::new() };
        scene.begin();
        scene
    }

    fn now(&self) -> Moment {
        let passed = Duration::from_millis(self.ms);
        Moment { instant: self.start + passed, at: Timestamp::from_millis(1_000 + self.ms.cast_signed()) }
    }

    fn begin(&mut self) {
        while let Some(begun) = self.check.poll_task(self.now().instant) {
            self.under_way.push(begun);
        }
    }

    /// Everything that is under way, and begun because of that, comes to this, each after 10 ms.
    fn come(&mut self, finding: impl Fn(&Task) -> Finding) {
        while let Some((step, task)) = self.under_way.pop() {
            self.ms += 10;
            let logins = if is_proxied(&task) { vec!["NTLM".to_owned()] } else { Vec::new() };
            self.check.handle_finding(step, finding(&task), logins, self.now());
            self.begin();
        }
    }

    fn steps(&self, kind: Kind) -> Vec<AccessStep> {
        self.check.record().steps.into_iter().filter(|step| step.kind == kind).collect()
    }

    fn states(&self, kind: Kind) -> Vec<State> {
        self.steps(kind).into_iter().map(|step| step.state).collect()
    }

    fn verdict(&self) -> Option<AccessVerdict> {
        self.check.record().verdict
    }
}

fn is_proxied(task: &Task) -> bool {
    matches!(task, Task::Open(route) if route.proxy.is_some())
}

fn greeting(route: &Route) -> Greeting {
    Greeting { route: route.clone(), worse_than: None, inspected_by: None, clock_offset_ms: 40 }
}

fn attempt(route: &Route, stage: Stage, code: Code) -> Attempt {
    describe::attempt(route, Failure { stage, code }, Duration::from_millis(7), None)
}

/// Everything is well.
fn fine(task: &Task) -> Finding {
    match task {
        Task::LookUp(_) | Task::AskPortal(_) => Finding::Clear,
        Task::Open(route) => Finding::Greeted(Box::new(greeting(route))),
        Task::Read(_) => Finding::Nothing,
    }
}

/// Nothing gets through.
fn silent(task: &Task) -> Finding {
    match task {
        Task::Open(route) => Finding::Failed(attempt(route, Stage::Tcp, Code::TimedOut)),
        Task::LookUp(_) | Task::AskPortal(_) | Task::Read(_) => Finding::Clear,
    }
}

#[test]
fn where_nothing_is_in_the_way_it_is_green_and_each_way_was_opened() {
    let mut scene = Scene::new(subject(7, &["a.test"]));
    assert_eq!(scene.verdict(), None);
    scene.come(fine);
    assert_eq!(scene.verdict(), Some(AccessVerdict::Green));
    assert_eq!(scene.states(Kind::Port), [State::Good; 7]);
    for kind in [Kind::Name, Kind::Https, Kind::Proxy, Kind::Portal, Kind::Inspection, Kind::Version] {
        assert_eq!(scene.states(kind), [State::Good], "{kind:?}");
    }
    let record = scene.check.record();
    assert!(record.steps.is_sorted_by_key(|step| step.kind));
    assert_eq!(record.attempts().count(), 0);
    assert_eq!((record.server.as_str(), record.https_port), (HOST, 443));
    assert_eq!(record.contact.as_deref(), Some("help@conference.test"));
    assert_eq!(record.began, "1970-01-01T00:00:01.000Z");
    assert!(record.ended > Some(record.began), "{:?}", record.ended);
    let clock = &scene.steps(Kind::Clock)[0];
    assert_eq!((clock.state, clock.clock_offset_ms), (State::Good, Some(40)));
    let proxy = &scene.steps(Kind::Proxy)[0];
    assert_eq!((proxy.target.as_str(), proxy.named_by.as_deref()), ("a.test:3128", Some("gnome")));
    assert_eq!((proxy.rung, proxy.carrier), (Some(Rung::Proxy), Some(Carrier::Websocket)));
    assert_eq!(proxy.logins, ["NTLM"]);
    assert!(scene.steps(Kind::Port).iter().all(|step| step.ms.is_some_and(|ms| ms > 0)));
}

#[test]
fn so_many_steps_are_under_way_at_the_same_time() {
    let names: Vec<_> = (0..PROXIES_MAX + 2).map(|n| format!("p{n}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let mut scene = Scene::new(subject(16, &names));
    assert_eq!(scene.under_way.len(), STEPS_MAX);
    let (step, task) = scene.under_way.remove(0);
    scene.check.handle_finding(step, fine(&task), Vec::new(), scene.now());
    scene.begin();
    assert_eq!(scene.under_way.len(), STEPS_MAX, "the next one has its place");
    scene.come(fine);
    assert_eq!(scene.states(Kind::Proxy).len(), PROXIES_MAX);
    assert!(scene.check.is_over());
}

#[test]
fn where_ports_are_closed_or_the_way_is_slow_it_is_yellow() {
    let mut scene = Scene::new(subject(2, &[]));
    scene.come(|task| match task {
        Task::Open(route) if route.target.port == 4_501 => silent(task),
        Task::LookUp(_) | Task::Open(_) | Task::Read(_) | Task::AskPortal(_) => fine(task),
    });
    assert_eq!(scene.states(Kind::Port), [State::Good, State::Failed]);
    assert_eq!(scene.states(Kind::Proxy), [State::Skipped], "there is none");
    assert_eq!(scene.verdict(), Some(AccessVerdict::Yellow));
    let record = scene.check.record();
    let failed: Vec<_> = record.attempts().map(|attempt| (attempt.code, attempt.remedy)).collect();
    assert_eq!(failed, [(Code::TimedOut, Remedy::AllowServer)]);

    let mut scene = Scene::new(subject(1, &[]));
    scene.come(|task| match task {
        Task::Open(route) if route.rung == Rung::Https => {
            let worse_than = Some(attempt(route, Stage::Http, Code::HttpRefused));
            let route = Route { carrier: Carrier::Poll, ..route.clone() };
            Finding::Greeted(Box::new(Greeting { worse_than, ..greeting(&route) }))
        }
        Task::LookUp(_) | Task::Open(_) | Task::Read(_) | Task::AskPortal(_) => fine(task),
    });
    let https = &scene.steps(Kind::Https)[0];
    assert_eq!((https.state, https.carrier), (State::Warned, Some(Carrier::Poll)));
    assert_eq!(https.attempt.as_ref().map(|attempt| attempt.code), Some(Code::HttpRefused));
    assert_eq!(scene.verdict(), Some(AccessVerdict::Yellow));
}

#[test]
fn a_proxy_that_is_not_needed_is_in_nobodys_way_and_one_that_is_alone_makes_it_yellow() {
    for (through_proxy, verdict) in [(false, AccessVerdict::Green), (true, AccessVerdict::Yellow)] {
        let mut scene = Scene::new(subject(1, &["a.test"]));
        scene.come(|task| {
            if is_proxied(task) == through_proxy || !matches!(task, Task::Open(_)) {
                fine(task)
            } else {
                silent(task)
            }
        });
        assert_eq!(scene.verdict(), Some(verdict));
    }
}

#[test]
fn where_nothing_gets_through_it_is_red_and_what_needs_the_server_is_skipped() {
    let mut scene = Scene::new(subject(2, &["a.test"]));
    scene.come(silent);
    assert_eq!(scene.verdict(), Some(AccessVerdict::Red));
    for kind in [Kind::Inspection, Kind::Clock, Kind::Version] {
        assert_eq!(scene.states(kind), [State::Skipped], "{kind:?}");
    }
    assert_eq!(scene.check.record().attempts().count(), 4);
}

#[test]
fn a_name_that_is_not_known_is_told_once() {
    let mut scene = Scene::new(subject(7, &[]));
    scene.come(|task| match task {
        Task::LookUp(route) | Task::Open(route) => {
            Finding::Failed(attempt(route, Stage::Dns, Code::NameNotFound))
        }
        Task::Read(_) | Task::AskPortal(_) => Finding::Clear,
    });
    assert_eq!(scene.states(Kind::Name), [State::Failed]);
    assert_eq!(
        (scene.states(Kind::Port), scene.states(Kind::Https)),
        (vec![State::Skipped; 7], vec![State::Skipped])
    );
    assert_eq!(scene.check.record().attempts().count(), 1);
    assert_eq!(scene.verdict(), Some(AccessVerdict::Red));
}

#[test]
fn a_server_of_another_version_is_reached_by_each_way_and_told_once() {
    let mut scene = Scene::new(subject(3, &[]));
    scene.come(|task| match task {
        Task::Open(route) => Finding::Failed(attempt(route, Stage::Hello, Code::VersionUnsupported)),
        Task::LookUp(_) | Task::Read(_) | Task::AskPortal(_) => fine(task),
    });
    assert_eq!(scene.states(Kind::Port), [State::Good; 3]);
    assert_eq!(scene.states(Kind::Version), [State::Failed]);
    let record = scene.check.record();
    assert_eq!(record.attempts().map(|attempt| attempt.code).collect::<Vec<_>>(), [Code::VersionUnsupported]);
    assert_eq!(record.verdict, Some(AccessVerdict::Red));
}

#[test]
fn who_inspects_tls_is_named_and_a_policy_that_allows_it_makes_it_well() {
    for (inspection, state, verdict) in [
        (Inspection::Notify, State::Warned, AccessVerdict::Yellow),
        (Inspection::Allow, State::Good, AccessVerdict::Green),
    ] {
        let mut scene = Scene::new(Subject { inspection, ..subject(1, &[]) });
        scene.come(|task| match task {
            Task::Open(route) if route.rung == Rung::Https => {
                let inspected_by = Some("CN=Lab Inspector".to_owned());
                Finding::Greeted(Box::new(Greeting { inspected_by, ..greeting(route) }))
            }
            Task::LookUp(_) | Task::Open(_) | Task::Read(_) | Task::AskPortal(_) => fine(task),
        });
        let step = &scene.steps(Kind::Inspection)[0];
        assert_eq!((step.state, step.inspected_by.as_deref()), (state, Some("CN=Lab Inspector")));
        assert_eq!(scene.verdict(), Some(verdict));
    }
    let mut scene = Scene::new(subject(1, &[]));
    scene.come(|task| match task {
        Task::Open(route) => {
            let evidence = Evidence { name: Some("CN=Stranger".to_owned()), ..Evidence::default() };
            let failed = attempt(route, Stage::Tls, Code::CertificateUntrusted);
            Finding::Failed(Attempt { evidence: Some(evidence), ..failed })
        }
        Task::LookUp(_) | Task::Read(_) | Task::AskPortal(_) => fine(task),
    });
    let step = &scene.steps(Kind::Inspection)[0];
    assert_eq!((step.state, step.inspected_by.as_deref()), (State::Failed, Some("CN=Stranger")));
    assert_eq!(scene.check.record().attempts().count(), 2, "one for each way, and not once more");
}

#[test]
fn a_clock_that_is_wrong_is_told_whether_or_not_the_server_is_reached() {
    let mut scene = Scene::new(subject(1, &[]));
    scene.come(|task| match task {
        Task::Open(route) => {
            let clock_offset_ms = -61_000;
            Finding::Greeted(Box::new(Greeting { clock_offset_ms, ..greeting(route) }))
        }
        Task::LookUp(_) | Task::Read(_) | Task::AskPortal(_) => fine(task),
    });
    assert_eq!(scene.states(Kind::Clock), [State::Warned]);
    assert_eq!(scene.verdict(), Some(AccessVerdict::Yellow));

    let mut scene = Scene::new(subject(1, &[]));
    scene.come(|task| match task {
        Task::Open(route) => Finding::Failed(attempt(route, Stage::Tls, Code::ClockWrong)),
        Task::LookUp(_) | Task::Read(_) | Task::AskPortal(_) => fine(task),
    });
    let clock = &scene.steps(Kind::Clock)[0];
    assert_eq!(
        (clock.state, clock.attempt.as_ref().map(|attempt| attempt.remedy)),
        (State::Failed, Some(Remedy::CheckClock))
    );
}

#[test]
fn a_login_page_is_a_failure_where_the_server_is_not_reached_and_a_warning_where_it_is() {
    for (is_reached, state) in [(false, State::Failed), (true, State::Warned)] {
        let mut scene = Scene::new(subject(1, &[]));
        scene.come(|task| match task {
            Task::AskPortal(page) => Finding::Failed(Attempt {
                stage: Stage::Http,
                target: page.to_string(),
                code: Code::CaptivePortal,
                ms: 3,
                remedy: Remedy::LogInToNetwork,
                evidence: None,
            }),
            Task::LookUp(_) | Task::Open(_) | Task::Read(_) => {
                if is_reached {
                    fine(task)
                } else {
                    silent(task)
                }
            }
        });
        assert_eq!(scene.states(Kind::Portal), [state]);
    }
}

#[test]
fn the_proxies_that_a_script_names_are_tried_each_once() {
    let scripts = BTreeSet::from([Script::At("http://a.test/proxy.pac?secret".to_owned())]);
    let mut scene = Scene::new(Subject { scripts, ..subject(1, &["a.test"]) });
    scene.come(|task| match task {
        Task::Read(_) => Finding::Named(vec![proxy("a.test"), proxy("b.test"), proxy("b.test")], None),
        Task::LookUp(_) | Task::Open(_) | Task::AskPortal(_) => fine(task),
    });
    let steps = scene.steps(Kind::Proxy);
    let told: Vec<_> = steps.iter().map(|step| (step.target.as_str(), step.named_by.as_deref())).collect();
    let script = ("http://a.test/proxy.pac", Some("script"));
    assert_eq!(told, [("a.test:3128", Some("gnome")), script, ("b.test:3128", Some("script"))]);
    assert!(steps.iter().all(|step| step.state == State::Good));
    assert!(scene.check.record().steps.is_sorted_by_key(|step| step.kind));
    assert_eq!(scene.verdict(), Some(AccessVerdict::Green));
}

#[test]
fn what_is_under_way_when_the_time_is_over_counts_as_silent_and_nothing_more_is_begun() {
    let mut scene = Scene::new(subject(16, &["a.test"]));
    scene.ms = 60_000;
    scene.check.handle_timeout(scene.now());
    assert!(scene.check.is_over());
    assert_eq!(scene.verdict(), Some(AccessVerdict::Red));
    let ports = scene.states(Kind::Port);
    assert!(ports.contains(&State::Failed) && ports.contains(&State::Skipped), "{ports:?}");
    let name = scene.steps(Kind::Name)[0].attempt.clone().map(|attempt| (attempt.code, attempt.ms));
    assert_eq!(name, Some((Code::DnsTimedOut, 60_000)));
    assert_eq!(scene.states(Kind::Portal), [State::Skipped]);
    assert_eq!(scene.check.poll_task(scene.now().instant), None);
    // What comes later changes nothing.
    let before = scene.check.record();
    scene.come(fine);
    assert_eq!(scene.check.record(), before);
}
