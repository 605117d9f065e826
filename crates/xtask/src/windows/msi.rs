//! The installers for Windows, one per language.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::debian::Debian;
use super::limit;
use super::target::{PROGRAMS, strip};
use crate::workspace::root;

/// Windows' numbers of the languages, and what stands in the files' names.
const LANGUAGES: [(u16, &str); 2] = [(1031, "de"), (1033, "en")];
/// The namespace of product codes: the upgrade code in `convene.wxs`.
const PRODUCT: Uuid = Uuid::from_u128(0x6f2a_4c1e_6e0b_4c55_9f44_9d6a_5c6f_2b77);
/// The files that decide an installer's bytes beside the programs.
const SOURCES: [&str; 5] = ["convene.wxs", "texts-1031.wxi", "texts-1033.wxi", "codepage.idt", "msi.sh"];
/// How long making one installer may take.
const LIMIT: Duration = Duration::from_secs(300);

/// The programs that are to be packed, and their version and age.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// The folder of the programs.
    pub(crate) programs: &'a Path,
    /// Three numbers.
    pub(crate) version: &'a str,
    /// Seconds since 1970: the age that all files get.
    pub(crate) epoch: u64,
}

/// Makes the installers in this folder and gives their paths. The same programs, version and epoch
/// give the same bytes.
///
/// # Errors
/// When a program is missing, the version is none of Windows', or wixl leaves something out.
pub(crate) fn build(wanted: Wanted<'_>, debian: &Debian, into: &Path) -> Result<Vec<PathBuf>> {
    let numbers = wanted.version.split('.').map(str::parse::<u16>).filter(Result::is_ok).count();
    ensure!(numbers == 3, "{}: Windows knows versions of three numbers alone", wanted.version);
    let stage = into.join("msi-programs");
    fs::create_dir_all(&stage)?;
    for name in PROGRAMS {
        strip(&wanted.programs.join(name), &stage.join(name), wanted.epoch)?;
        let age = SystemTime::UNIX_EPOCH + Duration::from_secs(wanted.epoch);
        File::options().write(true).open(stage.join(name))?.set_modified(age)?;
    }
    let made = LANGUAGES.map(|(language, word)| {
        let msi = into.join(format!("convene-{}-x64-{word}.msi", wanted.version));
        make(wanted, language, &stage, &msi, debian).map(|()| msi)
    });
    fs::remove_dir_all(&stage)?;
    made.into_iter().collect()
}

fn make(wanted: Wanted<'_>, language: u16, stage: &Path, msi: &Path, debian: &Debian) -> Result<()> {
    let Wanted { version, epoch, .. } = wanted;
    let product = Uuid::new_v5(&PRODUCT, format!("{version}/{language}").as_bytes());
    let package = package_code(&format!("{version}/{language}/{epoch}"), stage)?;
    let sources = root().join("packaging/windows");
    let folder = msi.parent().context("a file lies in a folder")?;
    let mut command = debian.once(&[&sources, folder], &sources, "env");
    command.arg(format!("SOURCE_DATE_EPOCH={epoch}")).arg(format!("VERSION={version}"));
    command.arg(format!("LANGUAGE={language}"));
    command.arg(format!("PRODUCT_CODE={product}")).arg(format!("PACKAGE_CODE={}", braced(package)));
    command
        .arg(format!("PROGRAMS={}", stage.display()))
        .arg(format!("OUT={}", msi.display()))
        .arg("./msi.sh");
    let output = limit::output(&mut command, "", LIMIT)?;
    if !output.status.success() {
        bail!("{}: {}", msi.display(), output.text().trim());
    }
    Ok(())
}

/// Another one for every other content, as Windows demands.
fn package_code(what: &str, stage: &Path) -> Result<Uuid> {
    let mut hash = Sha256::new_with_prefix(what);
    let sources = SOURCES.map(|name| root().join("packaging/windows").join(name));
    for path in PROGRAMS.map(|name| stage.join(name)).iter().chain(&sources) {
        hash.update(fs::read(path).with_context(|| format!("cannot read {}", path.display()))?);
    }
    Ok(Uuid::new_v5(&PRODUCT, &hash.finalize()))
}

fn braced(code: Uuid) -> String {
    code.braced().to_string().to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_property_of_the_list_of_settings_is_kept_under_its_name_in_the_registry() {
        let list = fs::read_to_string(root().join("packaging/policies/settings.toml")).unwrap();
        let source = fs::read_to_string(root().join("packaging/windows/convene.wxs")).unwrap();
        let script = fs::read_to_string(root().join("packaging/windows/msi.sh")).unwrap();
        let mut registry = "";
        let mut properties = 0;
        for line in list.lines() {
            let value = |key: &str| line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"');
            registry = value("registry").unwrap_or(registry);
            let Some(property) = value("property") else { continue };
            properties += 1;
            for part in [
                format!(r#"Name="{registry}" Type="raw""#),
                format!(r#"Name="{registry}" Type="string" Value="[{property}]""#),
            ] {
                assert!(source.contains(&part), "{part}");
            }
            assert!(script.contains(&format!(";{property};")), "{property} is not secure");
        }
        assert_eq!(properties, source.matches(r#"Type="raw""#).count());
    }

    #[test]
    fn a_link_that_is_clicked_is_one_quoted_argument_behind_a_quoted_program() {
        let source = fs::read_to_string(root().join("packaging/windows/convene.wxs")).unwrap();
        let installer = roxmltree::Document::parse(&source).unwrap();
        let key = r"Software\Classes\convene\shell\open\command";
        let commands = installer.descendants().filter(|node| node.attribute("Key") == Some(key));
        let values: Vec<_> = commands.filter_map(|node| node.attribute("Value")).collect();
        assert_eq!(values, [r#""[INSTALLDIR]convene.exe" web --join "%1""#]);
    }

    #[test]
    fn the_code_that_product_codes_come_from_is_the_upgrade_code() {
        let source = fs::read_to_string(root().join("packaging/windows/convene.wxs")).unwrap();
        assert!(
            source.contains(&format!(r#"UpgradeCode="{}""#, PRODUCT.hyphenated().to_string().to_uppercase()))
        );
    }
}
