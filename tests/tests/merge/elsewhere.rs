//! No deletion hides what hung elsewhere on the screen of who made it, though it hangs below what was
//! deleted in the end.

use crate::scene::Scene;

fn check(scene: &mut Scene, expected: &str) {
    assert_eq!(scene.expected().notation(), expected, "the oracle");
    scene.sync();
    for peer in &scene.peers {
        assert_eq!(peer.shown.notation(), expected, "the engine");
    }
}

#[test]
fn a_line_whose_move_below_a_deleted_one_was_skipped_outlives_the_deletion() {
    let mut scene = Scene::new(4);
    scene.steps(0, "move A under B");
    scene.sync();
    scene.steps(0, "move B under C");
    scene.steps(1, "type P 0 X; type P 0 Y; move C under A1");
    scene.hear(2, 0);
    scene.hear(2, 1);
    let shown = scene.peers[2].shown.notation();
    assert_eq!(shown, "YXpp | cc[bbbb[b1 b2 aaaa[a1]]]");
    scene.steps(2, "delete A");
    // Ordered before the move of C, which makes no cycle then.
    scene.steps(3, "move B under P");
    check(&mut scene, "YXpp[bbbb[b1 b2 aaaa[a1[cc]]]]");
}

#[test]
fn a_line_that_could_not_be_split_off_outlives_the_deletion_of_the_line_before() {
    let mut scene = Scene::new(3);
    scene.steps(0, "move B1 under C; move B2 under C");
    scene.sync();
    scene.steps(0, "join C A");
    scene.hear(2, 0);
    scene.steps(0, "move B under B2");
    scene.steps(1, "split A 2 M; move M under B; split M 1 N");
    scene.hear(2, 1);
    let shown = scene.peers[2].shown.notation();
    assert_eq!(shown, "pp | aa[a1] | bbbb[a acc[b1 b2]]");
    scene.steps(2, "delete M");
    check(&mut scene, "pp | aa[a1] | aacc[b1 b2[bbbb]]");
}
