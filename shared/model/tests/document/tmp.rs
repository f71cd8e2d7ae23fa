use crate::people::play;
#[test]
fn tmp() {
    let base =
        "paste under root x1 .x12 ..c3 ..c4 ...c5 .x9 .x14 .x10 ..x11 x7; type c4 0 OP; delete x1";
    play(base, &[1, 2]);
    play(base, &[2, 1]);
    let base = "paste under root x1 x2 .x12 ..c3 ..c4 ...c5 .x9 .x14 .x10 ..x11 x7, join x2 x1; type c4 0 OP; delete x1";
    play(base, &[1, 2]);
    play(base, &[2, 1]);
    let base = "paste under root x1 x2 .x12 ..c3 ..c4 ...c5 .x9 .x14 .x10 ..x11 x7, join x2 x1; delete x1, undo; kind c4 todo:open, type c5 0 X; delete x1; type x1 0 OP ; type x12 0 U";
    play(base, &[1, 2, 3, 4, 5]);
    play(base, &[5, 4, 3, 2, 1]);
}
