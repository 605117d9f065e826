//! The page consists of its own code, Svelte, Fluent and the client: nothing else runs in it.

use serde_json::Value;

use super::Finding;
use crate::page::FOLDER;
use crate::tree::Source;

/// The libraries that may run in the page. The client is made of the local API.
const LIBRARIES: &[&str] = &["svelte", "@fluent/bundle", "convene-client"];
/// The tables of `package.json` that name what runs. What builds the page stands in
/// `devDependencies`.
const TABLES: &[&str] = &[
    "dependencies",
    "optionalDependencies",
    "peerDependencies",
    "bundledDependencies",
    "bundleDependencies",
];

/// Checks what the page declares and what it imports: a library that only builds it would be built
/// in as well.
pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let manifest = format!("{FOLDER}/package.json");
    let mut findings = match sources.iter().find(|source| source.path == manifest) {
        Some(source) => declared(source),
        None => vec![Finding::new(&*manifest, "is missing")],
    };
    let folder = format!("{FOLDER}/src/");
    let is_built_in =
        |source: &&Source| source.path.starts_with(&folder) && !source.path.ends_with(".test.ts");
    for source in sources.iter().filter(is_built_in) {
        for (number, line) in source.text.lines().enumerate() {
            if let Some(library) = imported(line).filter(|name| !may_run(name)) {
                let place = format!("{}:{}", source.path, number + 1);
                findings.push(Finding::new(
                    place,
                    format!("imports {library}: {LIBRARIES:?} may run in the page"),
                ));
            }
        }
    }
    findings
}

fn declared(manifest: &Source) -> Vec<Finding> {
    let Ok(value) = serde_json::from_str::<Value>(&manifest.text) else {
        return vec![Finding::new(&*manifest.path, "is no JSON")];
    };
    let mut findings = Vec::new();
    for table in TABLES {
        let names: Vec<&str> = match value.get(table) {
            Some(Value::Object(names)) => names.keys().map(String::as_str).collect(),
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            Some(_) => vec!["what is no list"],
            None => Vec::new(),
        };
        for name in names.into_iter().filter(|name| !LIBRARIES.contains(name)) {
            let what = format!("names {name} in {table}: {LIBRARIES:?} may run in the page");
            findings.push(Finding::new(&*manifest.path, what));
        }
    }
    findings
}

/// The library that a line imports; none where it imports a file.
fn imported(line: &str) -> Option<&str> {
    let begins = ["from \"", "import \"", "import(\""];
    let (_, behind) = begins.iter().find_map(|begin| line.split_once(begin))?;
    let (name, _) = behind.split_once('"')?;
    (!name.starts_with('.')).then_some(name)
}

fn may_run(name: &str) -> bool {
    let mut behind = LIBRARIES.iter().filter_map(|library| name.strip_prefix(*library));
    behind.any(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(manifest: &str, code: &str) -> Vec<Finding> {
        check(&[
            Source::new("crates/web/page/package.json", manifest),
            Source::new("crates/web/page/src/main.ts", code),
            Source::new("crates/web/page/src/main.test.ts", "import { test } from \"node:test\";"),
        ])
    }

    #[test]
    fn svelte_fluent_and_the_client_may_run() {
        let manifest =
            "{\"dependencies\": {\"@fluent/bundle\": \"1\"}, \"devDependencies\": {\"vite\": \"6\"}}";
        let code = "import \"./styles/base.css\";\nimport { SvelteSet } from \"svelte/reactivity\";\n\
                    import { Client } from \"convene-client\";\nimport { inert } from \"./state/letter\";\n";
        assert_eq!(told(manifest, code), []);
    }

    #[test]
    fn another_library_is_told_where_it_is_declared_or_imported() {
        for manifest in [
            "{\"dependencies\": {\"@fluent/bundle\": \"1\", \"left-pad\": \"1\"}}",
            "{\"optionalDependencies\": {\"left-pad\": \"1\"}}",
            "{\"bundledDependencies\": [\"left-pad\"]}",
            "no JSON",
        ] {
            assert_eq!(told(manifest, "").len(), 1, "{manifest}");
        }
        for code in [
            "import pad from \"left-pad\";",
            "import \"left-pad\";",
            "await import(\"left-pad\")",
            "export * from \"svelte-x\";",
        ] {
            let told = told("{}", &format!("// x\n{code}\n"));
            assert_eq!(told.len(), 1, "{code}");
            assert!(told[0].place.ends_with("main.ts:2"), "{told:?}");
        }
        assert_eq!(check(&[]).len(), 1);
    }
}
