//! Calls of the daemon's methods, each with its answer.

use convene_local_api::{
    AccessCheck, AccessCheckParams, Act, ConnectionRetry, ConnectionWatch, Dismiss, DismissParams, DraftGet,
    DraftGetParams, DraftSet, Empty, Forget, ForgetParams, History, Join, Leave, List, ProxyTest,
    RetryParams, SettingsPatch, SettingsWatch, Unwatch, UnwatchParams, Watch,
};
use convene_local_client::Client;

use crate::message::{Answer, Call};

/// Makes a call.
pub(super) async fn make(client: Client, call: Call) -> Answer {
    match call {
        Call::List => Answer::List(client.call::<List>(&Empty {}).await),
        Call::Connections => Answer::Connections(client.call::<ConnectionWatch>(&Empty {}).await),
        Call::Settings => Answer::Settings(Box::new(client.call::<SettingsWatch>(&Empty {}).await)),
        Call::Checks { begins } => {
            let params = AccessCheckParams { server: None, watch_only: !begins };
            Answer::Checks(client.call::<AccessCheck>(&params).await)
        }
        Call::Retry(server) => {
            Answer::Done(client.call::<ConnectionRetry>(&RetryParams { server }).await.map(drop))
        }
        Call::Join(params) => Answer::Join(Box::new(client.call::<Join>(&params).await)),
        Call::Turn(params) => Answer::Seats(client.call::<Join>(&params).await.map(drop)),
        Call::Watch(params) => {
            let answer = client.call::<Watch>(&params).await;
            Answer::Watch(params.conference, Box::new(answer))
        }
        Call::Unwatch(conference) => {
            Answer::Done(client.call::<Unwatch>(&UnwatchParams { conference }).await.map(drop))
        }
        Call::History(wanted, params) => {
            let page = client.call::<History>(&params).await;
            Answer::History(params.conference, wanted, page)
        }
        Call::Act(params) => {
            let answer = client.call::<Act>(&params).await;
            Answer::Act(params.conference, params.id, answer)
        }
        Call::Dismiss(conference, id) => {
            Answer::Done(client.call::<Dismiss>(&DismissParams { conference, id }).await.map(drop))
        }
        Call::Leave(params) => Answer::Leave(client.call::<Leave>(&params).await),
        Call::Forget(seat) => Answer::Seats(client.call::<Forget>(&ForgetParams { seat }).await.map(drop)),
        Call::Drafts(conference) => {
            let params = DraftGetParams { conference, key: None };
            let drafts = client.call::<DraftGet>(&params).await;
            Answer::Drafts(params.conference, drafts)
        }
        Call::Draft(params) => {
            let draft = client.call::<DraftSet>(&params).await;
            Answer::Draft(params.conference, params.key, draft)
        }
        Call::Patch(params) => Answer::Patch(Box::new(client.call::<SettingsPatch>(&params).await)),
        Call::TestProxies => Answer::TestProxies(client.call::<ProxyTest>(&Empty {}).await),
    }
}
