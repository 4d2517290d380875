//! Two measurements side by side.

use std::time::Duration;

use super::Report;
use super::measure::{KindLatency, Throughput};

/// An older measurement and a newer one.
#[derive(Clone, Copy, Debug)]
pub struct Comparison<'r> {
    /// The older.
    pub old: &'r Report,
    /// The newer.
    pub new: &'r Report,
}

impl<'r> Comparison<'r> {
    /// Why the two may differ for other reasons than the program, for people.
    pub fn differences(&self) -> Vec<String> {
        let (old, new) = (self.old, self.new);
        let mut differences = Vec::new();
        let mut differ = |what: &str, old: String, new: String| {
            if old != new {
                differences.push(format!("{what} differs: {old} then, {new} now"));
            }
        };
        let index = |report: &Report| {
            let (articles, passages) = (report.index.articles, report.index.passages);
            format!("{articles} articles, {passages} passages")
        };
        differ("the index", index(old), index(new));
        let build = |report: &Report| match report.is_optimized {
            true => "optimized".to_owned(),
            false => "not optimized".to_owned(),
        };
        differ("the build", build(old), build(new));
        let machine = |report: &Report| {
            let machine = &report.machine;
            format!(
                "{}, {} at once, {}",
                machine.cpu, machine.n_cpus, machine.os
            )
        };
        differ("the machine", machine(old), machine(new));
        if old.queries.fingerprint != new.queries.fingerprint {
            differences.push("the queries, or how they are asked, differ".to_owned());
        }
        differences
    }

    /// What both have measured with as many threads.
    pub fn throughput(&self) -> impl Iterator<Item = (&'r Throughput, &'r Throughput)> {
        let old = &self.old.measures.throughput;
        let new = self.new.measures.throughput.iter();
        new.filter_map(|new| Some((old.iter().find(|old| old.threads == new.threads)?, new)))
    }

    /// How many times as large the index is.
    pub fn size(&self) -> f64 {
        self.new.index.bytes as f64 / self.old.index.bytes.max(1) as f64
    }

    /// The latencies of what both have asked, in the order of the newer.
    pub fn latencies(&self) -> impl Iterator<Item = (&'r KindLatency, &'r KindLatency)> {
        let old = &self.old.measures.latencies;
        let new = self.new.measures.latencies.iter();
        new.filter_map(|new| Some((old.iter().find(|old| old.kind == new.kind)?, new)))
    }
}

/// How many times as long the new takes as the old; 1 where neither takes any time.
pub fn ratio(old: Duration, new: Duration) -> f64 {
    if old == new {
        return 1.0;
    }
    new.as_secs_f64() / old.as_secs_f64().max(1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_of_new_to_old() {
        let (one, two) = (Duration::from_micros(1), Duration::from_micros(2));
        assert_eq!(ratio(one, two), 2.0);
        assert_eq!(ratio(two, one), 0.5);
        assert_eq!(ratio(Duration::ZERO, Duration::ZERO), 1.0);
        assert!(ratio(Duration::ZERO, one).is_finite());
    }
}
