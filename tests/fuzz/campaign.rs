//! Tries a target with one seed after the other.

use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{env, fs};

use super::mutate::{Samples, input};

/// What an input may take in a long campaign whatever its size: other work on the machine is not to blame for.
const MAX_SECONDS: f64 = 2.0;
/// What it may take beside that for each megabyte.
const MAX_SECONDS_PER_MB: f64 = 5.0;

/// Calls `check` with inputs made of `samples`, and with a number that may decide what else is drawn: `usual` inputs, or
/// as many as the environment asks for.
///
/// Fails with the first input that `check` panics at. In a long campaign it fails in the end, too, if inputs took too
/// long, and leaves the seed it is at in a file, for what cannot be caught: an exhausted stack, a hang.
pub(crate) fn campaign(
    target: &str,
    samples: &Samples,
    usual: u64,
    mut check: impl FnMut(&[u8], u64),
) {
    let Some(limit) = time_limit() else {
        for seed in seeds(1..=usual) {
            try_seed(target, samples, seed, &mut check);
        }
        return;
    };
    let note = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{target}"));
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let first = since_epoch.as_secs() << 24;
    let started = Instant::now();
    let mut slow = Vec::new();
    let mut seed = first;
    while started.elapsed() < limit {
        fs::write(&note, seed.to_string()).unwrap();
        let (n_bytes, took) = try_seed(target, samples, seed, &mut check);
        let allowed = MAX_SECONDS + MAX_SECONDS_PER_MB * n_bytes as f64 / 1e6;
        if took.as_secs_f64() > allowed {
            slow.push(format!("SEEDS={seed}: {n_bytes} bytes in {took:?}"));
        }
        seed += 1;
    }
    eprintln!("{target}: {} inputs from seed {first}", seed - first);
    assert!(slow.is_empty(), "{target} took long:\n{}", slow.join("\n"));
}

/// Tries one input; says how large it is and how long it took.
fn try_seed(
    target: &str,
    samples: &Samples,
    seed: u64,
    check: &mut impl FnMut(&[u8], u64),
) -> (usize, Duration) {
    let input = input(samples, seed);
    let started = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| check(&input, seed)));
    if let Err(panic) = outcome {
        let shown = &input[..input.len().min(2_000)];
        eprintln!(
            "{target} fails at {} bytes: {}",
            input.len(),
            shown.escape_ascii()
        );
        eprintln!("again: SEEDS={seed} cargo test --test fuzz {target}");
        resume_unwind(panic);
    }
    (input.len(), started.elapsed())
}

/// The seeds of a target, or those that `SEEDS` names (`SEEDS=100-200`).
fn seeds(usual: RangeInclusive<u64>) -> RangeInclusive<u64> {
    let Ok(asked) = env::var("SEEDS") else {
        return usual;
    };
    let (first, last) = asked.split_once('-').unwrap_or((&asked, &asked));
    first.parse().unwrap()..=last.parse().unwrap()
}

/// How long a campaign goes on, where `FUZZ_SECONDS` says so.
fn time_limit() -> Option<Duration> {
    let seconds = env::var("FUZZ_SECONDS").ok()?;
    Some(Duration::from_secs(seconds.parse().unwrap()))
}
