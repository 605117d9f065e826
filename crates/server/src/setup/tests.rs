use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::UNIX_EPOCH;

use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;

use super::*;

/// A configuration with its files.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        place.certificate("chain.pem", "key.pem", "conference.example.org", 90);
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// One that ends so many days from now.
    fn certificate(&self, chain: &str, key: &str, name: &str, days: i64) {
        let pair = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        let today = i64::try_from(UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
        let epoch = rcgen::date_time_ymd(1970, 1, 1);
        params.not_after = epoch + Duration::from_secs(u64::try_from(today + days * 86_400).unwrap());
        fs::write(self.path(chain), params.self_signed(&pair).unwrap().pem()).unwrap();
        fs::write(self.path(key), pair.serialize_pem()).unwrap();
        fs::set_permissions(self.path(key), fs::Permissions::from_mode(0o640)).unwrap();
    }

    /// The problems of a configuration, a line each. A `!` stands before each problem that prevents
    /// a start.
    fn problems(&self, text: &str) -> Vec<String> {
        let config = self.path("c.toml");
        fs::write(&config, text).unwrap();
        let sources =
            Sources { config: ConfigPath::Named(config), listen: Vec::new(), state_dir: self.path("state") };
        let problems = sources.read().map_or_else(|problems| problems, |setup| setup.warnings);
        let line = |problem: &Problem| {
            let text = problem.to_string().replace(&format!("{}/", self.0.path().display()), "");
            if problem.prevents_a_start() { format!("!{text}") } else { text }
        };
        problems.iter().map(line).collect()
    }
}

const TLS: &str = "\n[tls]\ncertificate = \"chain.pem\"\nkey = \"key.pem\"\n";
const GOOD: &str = "name = \"conference.example.org\"\nlisten = [\"0.0.0.0:4500-4506\", \"0.0.0.0:443\"]\n";

#[track_caller]
fn assert_one(problems: &[String], start: &str, part: &str) {
    let [one] = problems else { panic!("{problems:?}") };
    assert!(one.starts_with(start) && one.contains(part), "{one}");
}

#[test]
fn a_good_configuration_has_no_problem() {
    let place = Place::new();
    assert_eq!(place.problems(GOOD), [""; 0]);
    assert_eq!(place.problems(&format!("{GOOD}{TLS}")), [""; 0]);
}

#[test]
fn what_would_lead_nowhere_is_told() {
    let place = Place::new();
    let problems = place.problems("");
    assert_one(&problems[..1], "c.toml: name is `localhost`", "name = \"conference.example.org\"");
    assert_one(&problems[1..], "c.toml: `listen` names ranges", "lead to port 4500: networks");
    let local = GOOD.replace("conference.example.org", "127.0.0.1");
    assert_one(&place.problems(&local), "c.toml:1:1: name is `127.0.0.1`", "this machine");
    let ranges = GOOD.replace(", \"0.0.0.0:443\"", "");
    assert_one(&place.problems(&ranges), "c.toml:2:1: `listen` names ranges", "add \"0.0.0.0:443\"");
    let in_front = format!("{ranges}{TLS}public_certificates = [\"chain.pem\"]");
    assert_eq!(place.problems(&in_front), [""; 0], "a load balancer listens there");
}

#[test]
fn certificates_that_clients_refuse_are_told() {
    let place = Place::new();
    let config = format!("{GOOD}{TLS}");
    place.certificate("chain.pem", "key.pem", "*.example.net", 90);
    let expected = "chain.pem is for *.example.net, and not for `conference.example.org`";
    assert_one(&place.problems(&config), "c.toml:5:1: ", expected);
    place.certificate("chain.pem", "key.pem", "*.example.org", 13);
    assert_one(&place.problems(&config), "c.toml:5:1: chain.pem ends on 20", "within 14 days");
    place.certificate("chain.pem", "key.pem", "*.example.org", 15);
    assert_eq!(place.problems(&config), [""; 0]);
    place.certificate("chain.pem", "key.pem", "*.example.org", -1);
    assert_one(&place.problems(&config), "c.toml:5:1: chain.pem ended on 20", "renew it");
    let behind = format!("{config}public_certificates = [\n  \"good.pem\",\n  \"old.pem\"]");
    place.certificate("good.pem", "unused.pem", "conference.example.org", 90);
    place.certificate("old.pem", "unused.pem", "conference.example.org", -1);
    assert_one(&place.problems(&behind), "c.toml:9:3: old.pem ended on 20", "renew it");
}

#[test]
fn files_that_cannot_be_used_prevent_a_start() {
    let place = Place::new();
    let config = format!("{GOOD}{TLS}");
    fs::set_permissions(place.path("key.pem"), fs::Permissions::from_mode(0o644)).unwrap();
    assert_one(&place.problems(&config), "c.toml:6:1: key.pem can be read by everyone", "mode 644");
    place.certificate("other.pem", "key.pem", "conference.example.org", 90);
    assert_one(&place.problems(&config), "!c.toml:6:1: chain.pem and key.pem cannot", "made for");
    fs::remove_file(place.path("key.pem")).unwrap();
    assert_one(&place.problems(&config), "!c.toml:6:1: key.pem cannot be read", "No such file");
    fs::write(place.path("chain.pem"), "no certificate").unwrap();
    assert_one(&place.problems(&config), "!c.toml:5:1: chain.pem: no certificate in PEM form", "BEGIN");
    assert_one(&place.problems("nmae = \"a\""), "!c.toml:1:1: unknown key", "did you mean `name`?");
    let engine = format!("{GOOD}[log]\nengine = \"jetstream\"\nurl = \"nats://a\"\n");
    assert_one(&place.problems(&engine), "!c.toml:4:1: engine: jetstream", "sqlite");
}

#[test]
fn an_own_key_that_is_gone_prevents_a_start_and_nothing_is_made() {
    let place = Place::new();
    assert_eq!(place.problems(GOOD), [""; 0]);
    assert!(!place.path("state").exists());
    fs::create_dir(place.path("state")).unwrap();
    fs::write(place.path("state/events.db"), "").unwrap();
    assert_one(&place.problems(GOOD), "!state/key.pem is missing", "put it back (a backup holds it");
    assert_eq!(place.problems(&format!("{GOOD}{TLS}")), [""; 0], "that of the configuration is used");
}
