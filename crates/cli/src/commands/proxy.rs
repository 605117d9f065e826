//! `convene proxy`.

use convene_command_lines::convene::{Proxy, ProxyCommand, Set};
use convene_local_api::{
    Empty, ProxyOffer, ProxyOfferParams, ProxySource, ProxyTest, ProxyTestResult, ProxyTested,
};

use super::Context;
use crate::output;
use crate::stop::{FAILED, Stop};

/// By this name the daemon knows what a user set by hand.
const OWN: &str = "user";

pub(super) async fn run(options: &Proxy, context: &Context) -> Result<(), Stop> {
    match &options.command {
        ProxyCommand::Set(options) => set(options, context).await,
        ProxyCommand::Test => test(context).await,
    }
}

async fn set(options: &Set, context: &Context) -> Result<(), Stop> {
    let Set { proxies, pac, except } = options;
    if proxies.iter().chain(pac).any(|address| address.contains('@')) {
        // Everybody on this machine can read the arguments of a command.
        return Err(Stop::Usage(context.wording.word("proxy_login_apart")));
    }
    let source = ProxySource {
        name: OWN.to_owned(),
        proxies: proxies.iter().filter(|proxy| *proxy != "none").cloned().collect(),
        exceptions: except.clone(),
        pac_url: pac.clone(),
        wpad: false,
    };
    let is_none = source.is_empty();
    let client = context.connect().await?;
    let taken = client.call::<ProxyOffer>(&ProxyOfferParams { sources: vec![source] }).await?;
    if context.json {
        output::json(&taken)?;
    } else {
        let word = match (taken.used, is_none) {
            (true, true) => "proxy_forgotten",
            (true, false) => "proxy_set",
            (false, _) => "proxy_not_used",
        };
        output::line(&context.wording.word(word))?;
    }
    if taken.used { Ok(()) } else { Err(Stop::Code(FAILED)) }
}

async fn test(context: &Context) -> Result<(), Stop> {
    let client = context.connect().await?;
    let result = context.waits(client.call::<ProxyTest>(&Empty {})).await?;
    if context.json {
        for tested in &result.tested {
            output::json(tested)?;
        }
    } else {
        people(&result, context)?;
    }
    let works = result.tested.iter().any(|tested| tested.attempt.is_none());
    if works { Ok(()) } else { Err(Stop::Code(FAILED)) }
}

fn people(result: &ProxyTestResult, context: &Context) -> Result<(), Stop> {
    let wording = &context.wording;
    for source in result.offered.iter().filter(|source| !source.is_empty()) {
        let proxies = source.proxies.iter().map(|url| without_login(url));
        let all: Vec<String> =
            proxies.chain(source.pac_url.clone()).chain(source.wpad.then(|| "WPAD".to_owned())).collect();
        output::line(&format!("{}: {}", output::inert(&source.name), output::inert(&all.join(", "))))?;
    }
    if result.tested.is_empty() {
        output::line(&wording.word("no_proxies"))?;
    }
    for ProxyTested { server, proxy, ms, attempt } in &result.tested {
        let line = match attempt {
            None => {
                let fields = [("target", server.as_str()), ("proxy", proxy), ("ms", &ms.to_string())];
                wording.about("proxy-works", &fields)
            }
            Some(attempt) => wording.attempt(attempt),
        };
        output::line(&line)?;
    }
    Ok(())
}

/// An address without the login in it.
fn without_login(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, address))) => format!("{scheme}://{address}"),
        (None, Some((_, address))) => address.to_owned(),
        (_, None) => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_not_shown() {
        for (url, shown) in [
            ("http://anna:secret@proxy.test:3128", "http://proxy.test:3128"),
            ("anna:sec@ret@proxy.test", "proxy.test"),
            ("socks5://proxy.test", "socks5://proxy.test"),
        ] {
            assert_eq!(without_login(url), shown);
        }
    }
}
