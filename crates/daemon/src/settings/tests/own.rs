//! Settings that users make for themselves.

use super::*;

fn leads(place: &Place, user: &str) -> Vec<String> {
    let leads = place.board.proxies.leads(user, ("conference.test", 443), Timestamp::from(SystemTime::now()));
    leads.proxies.into_iter().map(|(proxy, _)| proxy.to_string()).collect()
}

#[tokio::test]
async fn a_users_proxy_serves_that_user_and_is_shown_without_its_password() {
    let place = Place::new(&[("convened.toml", "")]);
    let seen = place.board.show(BERT, false).await;
    let proxies = ["http://anna:hunter2@own.test:3"];
    let patch = json!({ "own": { "proxy": { "proxies": proxies, "exceptions": [".test"] } } });
    let set = place.patch(patch).await.unwrap();
    let own = set.own.proxy.unwrap();
    assert_eq!(
        (own.proxies, own.exceptions),
        (vec!["http://anna@own.test:3".to_owned()], vec![".test".to_owned()])
    );
    assert_eq!(leads(&place, ANNA), [""; 0], "the exception counts");
    let free = place.patch(json!({ "own": { "proxy": { "exceptions": null } } })).await.unwrap();
    assert_eq!(free.number, set.number + 1);
    assert_eq!((leads(&place, ANNA), leads(&place, BERT)), (vec!["own.test:3".to_owned()], Vec::new()));
    assert_eq!(place.board.show(BERT, false).await, seen, "nothing of it is Bert's");
    assert!(place.files().is_empty(), "nothing of it is the machine's");
    let gone = place.patch(json!({ "own": { "proxy": null } })).await.unwrap();
    assert_eq!((gone.own.proxy, leads(&place, ANNA)), (None, Vec::new()));
}

#[tokio::test]
async fn a_policy_keeps_users_from_setting_a_proxy_and_says_so() {
    let place =
        Place::new(&[("convened.toml", ""), ("policy.toml", "[proxy]\nurl = \"http://policy.test:1\"")]);
    let own = json!({ "own": { "proxy": { "proxies": ["own.test:3"] } } });
    let fixed = "proxy.url".to_owned();
    assert_eq!(place.patch(own).await.unwrap_err(), PatchError::Fixed { setting: fixed.clone() });
    let shown = place.patch(json!({ "own": { "proxy": null } })).await.unwrap();
    assert_eq!(shown.own.proxy_fixed_by, Some(fixed), "to forget one is allowed");
}

#[tokio::test]
async fn what_a_user_says_of_telling_is_kept_for_that_user() {
    let place = Place::new(&[("convened.toml", "")]);
    assert_eq!(place.board.show(ANNA, false).await.own.tell_access, None);
    let said = place.patch(json!({ "own": { "tell_access": false } })).await.unwrap();
    assert_eq!(said.own.tell_access, Some(false));
    let place = place.restart();
    assert_eq!(place.board.show(ANNA, false).await.own.tell_access, Some(false));
    assert_eq!(place.board.show(BERT, false).await.own.tell_access, None);
    let back = place.patch(json!({ "own": { "tell_access": null } })).await.unwrap();
    assert_eq!(back.own.tell_access, None);
}
