//! Scripted worlds: each holds, and most break without the rule that they are about.

use convene_tests_sim::{Scene, play_scene};

/// The network and the log of a scene differ a little from seed to seed.
const SEEDS: u64 = 12;

/// One in which much is said takes seconds, and nothing in it hangs on chance.
fn seeds(scene: Scene) -> u64 {
    if scene == Scene::RepeatBehindSnapshot || scene.mistake().is_none() { 1 } else { SEEDS }
}

#[test]
fn each_scene_holds_and_breaks_with_its_mistake() {
    for scene in Scene::ALL {
        for seed in 0..seeds(scene) {
            assert_eq!(play_scene(scene, seed, None, false).violation, None, "{scene:?} with seed {seed}");
        }
        if let Some(mistake) = scene.mistake() {
            let broken = |seed| play_scene(scene, seed, Some(mistake), false).violation;
            let found = (0..seeds(scene)).find_map(|seed| Some((seed, broken(seed)?)));
            let (seed, violation) = found.unwrap_or_else(|| panic!("{scene:?} holds with {mistake:?}"));
            println!("{scene:?} breaks with {mistake:?} and seed {seed}: {violation}");
        }
    }
}

#[test]
fn a_daemon_that_reads_nothing_is_cut_and_comes_back() {
    let outcome = play_scene(Scene::SlowReader, 0, None, false);
    assert!(outcome.counts.contains_key("slow readers cut"), "{:?}", outcome.counts);
}

#[test]
fn a_server_starts_from_the_snapshot_that_it_stored() {
    let outcome = play_scene(Scene::StoredSnapshot, 0, None, false);
    assert!(outcome.counts.contains_key("stored snapshots"), "{:?}", outcome.counts);
}
