//! A replica that works out one line wrongly: the others and it find which line, and its events say
//! that it is the one that is wrong.

use std::collections::BTreeSet;

use tideline_model::{Change, Document, Event, Intent, LineId};
use tideline_tests::merge::names::Luck;
use tideline_tests::merge::operation::Mix;
use tideline_tests::merge::peer::{DOCUMENT, Peer};
use tideline_tests::merge::plan::Plan;
use tideline_tests::merge::simulation::Simulation;
use tideline_tests::shown::Shown;
use tideline_wire::Comparison;
use tideline_wire::comparison::differing_lines;

const HISTORIES: u64 = 20;

/// Reads of every insertion one character less.
fn misread(event: &mut Event) {
    for change in &mut event.changes {
        if let Change::EditText { insert, .. } = change {
            insert.pop();
        }
    }
}

/// Replicas with a random past and the same events, the second of which has misread the latest.
fn with_a_wrong_line(seed: u64) -> (Simulation, LineId) {
    let plan = Plan::random(seed, Mix::Restructuring, 150);
    let mut simulation = Simulation::new(3).expect("replicas");
    simulation.run(&plan).expect("the past holds");
    let line = *lines(&simulation.peers[0].shown).first().expect("a line");
    simulation.peers[1].fault = Some(misread);
    let intent = Intent::EditText {
        line,
        at: 0,
        delete: 0,
        insert: "!".to_owned(),
    };
    let typed = simulation.peers[0].gesture(&intent).expect("P6 holds");
    let typed = simulation.peers[0].log.event(typed.expect("an event"));
    let typed = typed.expect("it is kept").clone();
    for peer in &mut simulation.peers[1..] {
        let received = peer.receive(vec![typed.clone()], true);
        received.expect("the event fits");
    }
    (simulation, line)
}

fn lines(shown: &Shown) -> Vec<LineId> {
    shown.flat().iter().map(|(_, line)| line.id).collect()
}

/// What each names when all hear what any tells, late and in any order.
fn named(peers: &[Peer], luck: &mut Luck) -> Vec<BTreeSet<LineId>> {
    let documents: Vec<&Document> = peers.iter().map(|peer| &peer.document).collect();
    let mut sides: Vec<Comparison> = documents.iter().map(|it| Comparison::new(it)).collect();
    let mut named = vec![BTreeSet::new(); peers.len()];
    let begun = sides[0].begin(documents[0]);
    let mut on_the_way: Vec<_> = (1..peers.len()).map(|to| (to, begun.clone())).collect();
    while !on_the_way.is_empty() {
        let next = luck.below(on_the_way.len());
        let (to, ranges) = on_the_way.swap_remove(next);
        let finding = sides[to].hear(documents[to], &ranges);
        named[to].extend(finding.lines);
        let others = (0..peers.len()).filter(|&other| other != to);
        let reply = finding.reply.into_iter();
        on_the_way.extend(
            reply.flat_map(|reply| others.clone().map(move |other| (other, reply.clone()))),
        );
    }
    named
}

#[test]
fn the_line_that_one_replica_has_wrong_is_named_by_all_of_them() {
    for seed in 0..HISTORIES {
        let (simulation, line) = with_a_wrong_line(seed);
        let named = named(&simulation.peers, &mut Luck::new(seed));
        assert_eq!(named, vec![BTreeSet::from([line]); 3], "seed {seed}");
    }
}

#[test]
fn its_own_events_say_that_the_replica_is_wrong_and_put_it_right() {
    for seed in 0..HISTORIES {
        let (simulation, line) = with_a_wrong_line(seed);
        let rederived = |peer: &Peer| {
            let events = peer.log.events();
            Document::replay(DOCUMENT, events).expect("its events fit")
        };
        let [well, wrong, ..] = &simulation.peers[..] else {
            panic!("three replicas")
        };
        assert_eq!(rederived(well).hash(), well.document.hash());
        let again = rederived(wrong);
        assert_eq!(differing_lines(&again, &wrong.document), [line]);
        assert_eq!(again.hash(), well.document.hash());
    }
}
