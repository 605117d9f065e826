//! The document of the local API, held against a real daemon: its examples are asked, and every
//! answer is as it says.

use std::collections::BTreeSet;
use std::os::unix::net::UnixStream;

use convene_tests_system::{Place, Program, until};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::hand::Hand;

/// The names in the examples that stand for others here.
const CONFERENCE: &str = "q7x2abcdef";
const LINK: &str = "https://conference.example.org/j/VpTQii5T_8rgwxA-Wtb2Bw";
const SERVER: &str = "conference.example.org";
const PROXY: &str = "proxy.example.org:3128";
const SEAT: &str = "\"s1\"";

/// A running server with a conference, and a daemon that has no seat yet.
struct House {
    place: Place,
    _server: Program,
    _daemon: Program,
    conference: String,
    link: String,
}

impl House {
    async fn new() -> Self {
        let place = Place::new();
        let server = place.server();
        until("the server", || server.logged().contains("listening").then_some(())).await;
        let (conference, link) = place.create();
        let daemon = place.daemon("one");
        until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;
        until("the start", || daemon.logged().contains("started").then_some(())).await;
        Self { place, _server: server, _daemon: daemon, conference: conference.to_string(), link }
    }

    fn hand(&self) -> Hand {
        Hand::attach(&self.place, "one")
    }

    /// An example with the names of this house. Nobody listens where its proxy is.
    fn real(&self, example: &Value, seat: &str) -> Value {
        let text = example.to_string().replace(LINK, &self.link).replace(CONFERENCE, &self.conference);
        let text = text.replace(SERVER, "localhost").replace(PROXY, "127.0.0.1:9");
        serde_json::from_str(&text.replace(SEAT, &json!(seat).to_string())).expect("JSON")
    }

    fn join(&self, hand: &mut Hand) {
        let joined =
            hand.call("conference.join", &json!({ "link": self.link, "name": "Anna", "wait_ms": 30_000 }));
        assert_eq!(joined["state"], "joined", "{joined}");
    }
}

fn list<'a>(within: &'a Value, key: &str) -> &'a [Value] {
    within[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn name_of(one: &Value) -> String {
    one["name"].as_str().expect("a name").to_owned()
}

/// The parameters of an example as they travel.
fn params(example: &Value) -> Value {
    let params = list(example, "params").iter().map(|param| (name_of(param), param["value"].clone()));
    params.collect::<Map<String, Value>>().into()
}

/// Where a value is not as a schema of the document says.
fn unfit(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let schema = json!({ "allOf": [schema], "components": document["components"] });
    let options = jsonschema::options().with_draft(jsonschema::Draft::Draft7);
    let validator = options.build(&schema).expect("a schema");
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// The names of the notifications among these lines, all of which are as the document says.
fn told(document: &Value, lines: &[Value]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for line in lines {
        let told = list(document, "x-notifications").iter().find(|told| told["name"] == line["method"]);
        let params = told.map(|told| list(told, "params"));
        assert!(params.is_some(), "the document does not tell of {line}");
        let params = params.unwrap_or_default();
        let properties: Map<String, Value> =
            params.iter().map(|param| (name_of(param), param["schema"].clone())).collect();
        let required: Vec<String> =
            params.iter().filter(|param| param["required"] == true).map(name_of).collect();
        let schema = json!({
            "type": "object", "properties": properties, "required": required, "additionalProperties": false,
        });
        assert_eq!(unfit(document, &schema, &line["params"]), [] as [String; 0], "{line}");
        names.extend(told.map(name_of));
    }
    names
}

/// The name of the only seat, once it is left: until then it cannot be forgotten.
async fn left(hand: &mut Hand) -> String {
    until("the seat to be left", || {
        let listed = hand.call("conference.list", &json!({}));
        let seat = &listed["conferences"][0];
        (seat["state"] == "left").then(|| seat["seat"].as_str().expect("a name").to_owned())
    })
    .await
}

#[tokio::test]
async fn every_example_of_a_method_is_answered_as_the_document_says() {
    let house = House::new().await;
    let mut hand = house.hand();
    let document = hand.call("rpc.discover", &json!({}));
    let mut asked = 0;
    for method in list(&document, "methods") {
        let name = method["name"].as_str().expect("a name");
        for example in list(method, "examples") {
            let seat = if name == "conference.forget" { left(&mut hand).await } else { "s1".to_owned() };
            let answer = hand.ask(name, &house.real(&params(example), &seat));
            let found = unfit(&document, &method["result"]["schema"], &answer["result"]);
            assert!(answer["error"].is_null() && found.is_empty(), "{name}: {answer}: {found:?}");
            asked += 1;
        }
    }
    assert!(asked >= list(&document, "methods").len());
    told(&document, &hand.said);
}

#[tokio::test]
async fn every_kind_of_command_of_the_document_is_decided() {
    let house = House::new().await;
    let mut hand = house.hand();
    let document = hand.call("rpc.discover", &json!({}));
    house.join(&mut hand);
    for (watch, wanted) in [
        ("connection.watch", json!({})),
        ("conference.watch", json!({ "conference": house.conference, "state": true })),
    ] {
        assert!(!hand.call(watch, &wanted).is_null(), "{watch}");
    }
    let commands = list(&document["components"]["schemas"]["Command"], "examples");
    let (last, first): (Vec<&Value>, Vec<&Value>) = commands.iter().partition(|body| body["kind"] == "leave");
    assert!(!last.is_empty() && first.len() > 10, "{commands:?}");
    for body in first.into_iter().chain(last) {
        let id = Uuid::new_v4();
        let wanted = json!({ "conference": house.conference, "id": id, "body": body, "wait_ms": 30_000 });
        let answer = hand.ask("conference.act", &wanted);
        let (state, code) = (&answer["result"]["state"], &answer["result"]["code"]);
        assert!(["accepted", "refused"].iter().any(|one| state == one), "{body}: {answer}");
        assert!(!["command_unknown", "command_invalid"].iter().any(|one| code == one), "{body}: {answer}");
        let is_said_here = body["kind"] == "say" && body["room"].is_null();
        if is_said_here || body["kind"] == "leave" {
            assert_eq!(state, "accepted", "{body}: {answer}");
        }
    }
    hand.hear("conference.seat", |params| params["seat"] == "left");
    let names = told(&document, &hand.said);
    for name in ["conference.events", "conference.receipt", "conference.presence"] {
        assert!(names.contains(name), "{names:?}");
    }
}

/// Requests that are refused, each with the word of its error. The daemon has one seat.
fn refused(house: &House) -> Vec<(&'static str, Value, &'static str)> {
    let (conference, link) = (house.conference.as_str(), house.link.as_str());
    let nobody = json!({ "conference": "q7x2zzzzzz" });
    let join = |link: &str, name: &str| json!({ "link": link, "name": name, "wait_ms": 30_000 });
    let act = |body: Value| json!({ "conference": conference, "id": Uuid::new_v4(), "body": body });
    let (before, fragment) = link.split_once('#').unwrap_or((link, ""));
    let base = before.rsplit_once('/').map_or(before, |(base, _)| base);
    let other_code = format!("{base}/{}#{fragment}", "A".repeat(22));
    let other_log = json!({ "link": link, "name": "Anna", "log": "7SeR_ap-_1c" });
    let proxy = json!({ "sources": [{ "name": "user", "proxies": ["ftp://proxy.example.org"] }] });
    let mode = json!({ "patch": { "proxy": { "mode": "sideways" } } });
    let outdated = json!({ "patch": { "own": { "tell_access": true } }, "number": 999_999 });
    let draft = json!({ "conference": conference, "key": "k".repeat(65), "revision": 0, "text": "x" });
    let known = "6f9619ff-8b86-d011-b42d-00c04fc964ff";
    let once = |text: &str| {
        let body = json!({ "kind": "say", "text": text });
        json!({ "conference": conference, "id": known, "body": body, "wait_ms": 30_000 })
    };
    vec![
        ("conference.dance", json!({}), "method_not_found"),
        ("conference.act", act(json!({ "kind": "say" })), "invalid_params"),
        ("conference.act", act(json!(7)), "command_malformed"),
        ("conference.act", act(json!({ "kind": "say", "text": "x".repeat(60_000) })), "command_too_large"),
        ("conference.act", once("once"), ""),
        ("conference.act", once("otherwise"), "id_reused"),
        ("conference.join", join("nonsense", "Anna"), "link_malformed"),
        ("conference.join", join(link, ""), "name_invalid"),
        ("conference.join", join(&other_code, "Anna"), "refused"),
        ("conference.join", other_log, "log_unknown"),
        ("conference.watch", nobody.clone(), "conference_unknown"),
        ("conference.presence", nobody, "conference_unknown"),
        ("conference.forget", json!({ "seat": conference }), "still_joined"),
        ("proxy.offer", proxy, "proxy_malformed"),
        ("settings.patch", mode, "setting_invalid"),
        ("settings.patch", outdated, "settings_changed"),
        ("draft.set", draft, "draft_too_large"),
    ]
}

#[tokio::test]
async fn errors_are_those_that_the_document_lists() {
    let house = House::new().await;
    let mut hand = house.hand();
    let document = hand.call("rpc.discover", &json!({}));
    let listed = &document["components"]["errors"];
    let is_as_listed = |answer: &Value, word: &str| {
        let (error, listed) = (&answer["error"], &listed[word]);
        let fields = error["data"].as_object().cloned().unwrap_or_default();
        error["code"] == listed["code"]
            && error["message"] == word
            && error["data"]["code"] == word
            && fields.keys().all(|field| listed["data"]["example"].get(field).is_some())
    };
    house.join(&mut hand);
    for (method, wanted, word) in refused(&house) {
        let answer = hand.ask(method, &wanted);
        if word.is_empty() {
            assert!(answer["error"].is_null(), "{method}: {answer}");
            continue;
        }
        assert!(is_as_listed(&answer, word), "{method}: {answer}");
        let named = list(&document, "methods").iter().find(|one| one["name"] == method);
        let errors = named.map(|one| list(one, "errors")).unwrap_or_default();
        let reference = json!({ "$ref": format!("#/components/errors/{word}") });
        assert!(named.is_none() || errors.contains(&reference), "{method} does not list {word}");
    }
    for (line, word) in [(&b"\xff"[..], "parse_error"), (&b"[1,2]"[..], "invalid_request")] {
        let answer = hand.answer_to(line);
        assert!(is_as_listed(&answer, word), "{answer}");
    }
}
