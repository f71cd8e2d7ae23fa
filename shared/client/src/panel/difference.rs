//! Row changes between any two lists of rows. Knows nothing of documents.

use std::collections::{BTreeSet, HashMap};

use tideline_model::LineId;

use super::Head;
use crate::protocol::{Row, RowChange};

/// Row changes from `before` to `after`. Rows that keep their order stay (the longest such run of
/// rows); others go and come. Linear but for one sort-like pass over the kept rows.
pub(super) fn difference(
    before: &[Head],
    after: &[Head],
    touched: &BTreeSet<LineId>,
    row: impl Fn(&Head) -> Row,
) -> Vec<RowChange> {
    let kept = kept_rows(before, after);
    let mut changes = Vec::new();
    // In `before`, rows up to `old` are dealt with; in the interface, rows up to `new` are final.
    let (mut old, mut new) = (0, 0);
    let end = std::iter::once((before.len(), after.len()));
    for (next_old, next_new) in kept.into_iter().chain(end) {
        if next_old > old || next_new > new {
            changes.push(RowChange::Splice {
                at: new as u32,
                delete: (next_old - old) as u32,
                insert: after[new..next_new].iter().map(&row).collect(),
            });
        }
        if let (Some(was), Some(is)) = (before.get(next_old), after.get(next_new))
            && (was != is || touched.contains(&is.line))
        {
            changes.push(RowChange::Row {
                at: next_new as u32,
                row: row(is),
            });
        }
        (old, new) = (next_old + 1, next_new + 1);
    }
    changes
}

/// Pairs (index before, index after) of rows that can stay, ascending in both.
fn kept_rows(before: &[Head], after: &[Head]) -> Vec<(usize, usize)> {
    let same = |(a, b): &(&Head, &Head)| a.line == b.line;
    let prefix = before.iter().zip(after).take_while(same).count();
    let rest = before.len().min(after.len()) - prefix;
    let suffix = before
        .iter()
        .rev()
        .zip(after.iter().rev())
        .take(rest)
        .take_while(same)
        .count();
    let middle_before = &before[prefix..before.len() - suffix];
    let middle_after = &after[prefix..after.len() - suffix];

    let place: HashMap<LineId, usize> = (0..)
        .zip(middle_before)
        .map(|(at, head)| (head.line, at))
        .collect();
    let pairs: Vec<(usize, usize)> = (0..)
        .zip(middle_after)
        .filter_map(|(new, head)| Some((*place.get(&head.line)?, new)))
        .collect();

    let mut kept: Vec<(usize, usize)> = (0..prefix).map(|at| (at, at)).collect();
    let shifted = |(old, new): (usize, usize)| (old + prefix, new + prefix);
    kept.extend(longest_ascending(&pairs).into_iter().map(shifted));
    let tail = (0..suffix)
        .rev()
        .map(|back| (before.len() - 1 - back, after.len() - 1 - back));
    kept.extend(tail);
    kept
}

/// The longest subsequence that ascends in the first number (patience sorting).
fn longest_ascending(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut ends: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (at, pair) in pairs.iter().enumerate() {
        let length = ends.partition_point(|&end| pairs[end].0 < pair.0);
        previous.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(at);
        } else {
            ends[length] = at;
        }
    }
    let mut chain = Vec::with_capacity(ends.len());
    let mut at = ends.last().copied();
    while let Some(index) = at {
        chain.push(pairs[index]);
        at = previous[index];
    }
    chain.reverse();
    chain
}
