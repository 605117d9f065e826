use std::path::{Path, PathBuf};

use interprocess::os::windows::named_pipe::PipeListenerOptions;
use interprocess::os::windows::named_pipe::pipe_mode::Bytes;
use interprocess::os::windows::named_pipe::tokio::PipeListener;
use interprocess::os::windows::security_descriptor::SecurityDescriptor;
use tokio::task::JoinSet;
use widestring::U16CString;

use crate::errors::ConnectError;
use crate::fake::FakeDaemon;
use crate::introduction::Introduction;

fn pipe(test: &str) -> PathBuf {
    format!(r"\\.\pipe\convene-test-{test}-{}", std::process::id()).into()
}

/// A pipe of somebody else's. Wine lets anybody say whose a pipe is; Windows does not, and there
/// this is `None`.
fn impostor(path: &Path) -> Option<PipeListener<Bytes, Bytes>> {
    let somebody = U16CString::from_str("O:S-1-5-21-1-2-3-1001D:(A;;GA;;;WD)").expect("no zero");
    let mut options = PipeListenerOptions::new().path(U16CString::from_os_str(path).expect("no zero"));
    options.security_descriptor = Some(SecurityDescriptor::deserialize(&somebody).expect("sound"));
    options.create_tokio_duplex::<Bytes>().ok()
}

#[tokio::test]
async fn a_pipe_of_somebody_elses_is_passed_by_and_told_where_there_is_no_other() {
    let (taken, own) = (pipe("taken"), pipe("own"));
    let Some(_squatter) = impostor(&taken) else { return };
    let alone = Introduction::new(vec![taken.clone()], "test").connect().await.expect_err("passed by");
    let told = matches!(&alone, ConnectError::Impostor { user, .. } if user == "S-1-5-21-1-2-3-1001");
    assert!(told, "{alone}");
    let mut serving = JoinSet::new();
    serving.spawn(FakeDaemon::bind(&own).expect("bound").serve());
    Introduction::new(vec![taken, own], "test").connect().await.expect("the other one answers");
}
