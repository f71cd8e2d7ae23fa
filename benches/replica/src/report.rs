//! Figures as lines of text.

use std::time::Duration;

/// One figure: its name, unit, and the target if there is one.
#[expect(clippy::print_stdout, reason = "a benchmark prints its results")]
pub fn result(name: &str, ours: f64, unit: &str, target: Option<f64>) {
    let target = target.map_or(String::new(), |target| format!(" target={target}"));
    println!("RESULT replica/{name} ours={ours:.3} unit={unit}{target}");
}

/// A figure beside those of peers; the best of them is named. `better` says which of two is.
#[expect(clippy::print_stdout, reason = "a benchmark prints its results")]
pub fn result_beside(
    name: &str,
    ours: f64,
    unit: &str,
    target: f64,
    peers: &[(&str, f64)],
    better: fn(f64, f64) -> bool,
) {
    let best = peers.iter().copied().reduce(
        |one, other| {
            if better(other.1, one.1) { other } else { one }
        },
    );
    let best = best.map_or(String::new(), |(peer, figure)| {
        format!(" best={peer} peer={figure:.3} ratio={:.3}", ours / figure)
    });
    println!("RESULT replica/{name} ours={ours:.3} unit={unit}{best} target={target}");
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its results")]
pub fn note(text: &str) {
    println!("  {text}");
}

pub fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// The value below which this share of `values` lies.
pub fn share(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = ((values.len() as f64 * share).ceil() as usize).clamp(1, values.len());
    values[at - 1]
}
