//! Feeds every parser with what fuzzing found worth keeping.

use std::fs;
use std::path::{Path, PathBuf};

use convene_protocol::{ClientFrame, ServerFrame};
use convene_tests_parsers::TARGETS;

fn corpora() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

#[test]
fn every_corpus_passes() {
    for target in TARGETS {
        let folder = corpora().join(target.name);
        let inputs: Vec<_> = fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{} has no corpus at {}: {error}", target.name, folder.display()))
            .map(|entry| entry.unwrap().path())
            .collect();
        assert!(!inputs.is_empty(), "{} has an empty corpus", target.name);
        for input in &inputs {
            println!("{}", input.display());
            (target.feed)(&fs::read(input).unwrap());
        }
    }
}

#[test]
fn every_target_is_fuzzed_and_every_corpus_has_its_target() {
    let fuzz = corpora().join("../../fuzz");
    let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
    for target in TARGETS {
        let program = fs::read_to_string(fuzz.join(format!("fuzz_targets/{}.rs", target.name))).unwrap();
        assert!(program.contains(&format!("feed(\"{}\"", target.name)), "{} is not fed", target.name);
        assert!(manifest.contains(&format!("name = \"{}\"", target.name)), "{} is not built", target.name);
    }
    for folder in fs::read_dir(corpora()).unwrap() {
        let name = folder.unwrap().file_name();
        assert!(TARGETS.iter().any(|target| *target.name == *name), "{name:?} has no target");
    }
}

/// A fuzzer finds what lies near to what it is given: that must be frames of today.
#[test]
fn every_kind_of_frame_is_in_the_corpus_of_its_side() {
    let golden = |side: &str, kind: &str| {
        let file = corpora().join(side).join(format!("golden-{kind}"));
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert!(text.starts_with(&format!(r#"{{"{kind}":"#)), "{kind}: {text}");
        text
    };
    for kind in ClientFrame::KINDS {
        ClientFrame::parse(&golden("client_frame", kind)).unwrap_or_else(|error| panic!("{kind}: {error}"));
    }
    for kind in ServerFrame::KINDS {
        ServerFrame::parse(&golden("server_frame", kind)).unwrap_or_else(|error| panic!("{kind}: {error}"));
    }
}
