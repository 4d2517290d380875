//! How long searches took: a histogram while they are made, percentiles afterwards.

use std::time::Duration;

use hdrhistogram::Histogram;

/// Digits of a latency that are kept.
const DIGITS: u8 = 3;

/// What takes longer counts as so much.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Steps of the distribution from one power of ten to the next: 90 %, 99 %, 99.9 %.
const STEPS: u32 = 20;

/// How long a number of searches took: three digits of each are right.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Latency {
    /// Searches.
    pub n: u64,
    /// The mean.
    pub mean: Duration,
    /// Half of them took at most so long.
    pub p50: Duration,
    /// 90 % of them.
    pub p90: Duration,
    /// 99 % of them.
    pub p99: Duration,
    /// 99.9 % of them; the longest where they are fewer than a thousand.
    pub p999: Duration,
    /// The longest.
    pub max: Duration,
    /// Percentiles and how long at most that many took, both ascending, finer towards the longest: from the shortest (0)
    /// to the longest (100).
    pub distribution: Vec<(f64, Duration)>,
}

/// Collects latencies.
#[derive(Clone)]
pub(super) struct Recorder(Histogram<u64>);

impl Recorder {
    pub(super) fn new() -> Recorder {
        Recorder(Histogram::new(DIGITS).expect("the digits are in range"))
    }

    pub(super) fn record(&mut self, elapsed: Duration) {
        let nanoseconds = elapsed.min(LONGEST).as_nanos();
        let nanoseconds = u64::try_from(nanoseconds).expect("a day is few enough nanoseconds");
        self.0
            .record(nanoseconds)
            .expect("the histogram grows as needed");
    }

    /// Adds all that another has.
    pub(super) fn add(&mut self, other: &Recorder) {
        self.0
            .add(&other.0)
            .expect("all recorders grow, and keep the same digits");
    }

    pub(super) fn latency(&self) -> Latency {
        let n = self.0.len();
        let at = |percentile: f64| Duration::from_nanos(self.0.value_at_percentile(percentile));
        let mut distribution = Vec::new();
        if n > 0 {
            distribution.push((0.0, Duration::from_nanos(self.0.min())));
            let n_steps = ((n as f64).log10() * f64::from(STEPS)) as u32;
            distribution.extend((1..=n_steps).map(|step| {
                let share_above = 10f64.powf(-f64::from(step) / f64::from(STEPS));
                let percentile = 100.0 * (1.0 - share_above);
                (percentile, at(percentile))
            }));
            distribution.push((100.0, Duration::from_nanos(self.0.max())));
        }
        Latency {
            n,
            mean: Duration::from_nanos(self.0.mean() as u64),
            p50: at(50.0),
            p90: at(90.0),
            p99: at(99.0),
            p999: at(99.9),
            max: Duration::from_nanos(self.0.max()),
            distribution,
        }
    }
}

/// The median of a few durations; 0 without any.
pub(super) fn median(mut durations: Vec<Duration>) -> Duration {
    durations.sort_unstable();
    durations
        .get(durations.len() / 2)
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_close(found: Duration, micros: u64) {
        let expected = micros as f64;
        let found = found.as_secs_f64() * 1e6;
        assert!((found / expected - 1.0).abs() < 0.002, "{found} µs");
    }

    #[test]
    fn percentiles_of_a_thousand_are_what_they_should_be() {
        let (mut all, mut others) = (Recorder::new(), Recorder::new());
        for micros in 1..=500 {
            all.record(Duration::from_micros(micros));
            others.record(Duration::from_micros(micros + 500));
        }
        all.add(&others);
        let latency = all.latency();
        assert_eq!(latency.n, 1000);
        for (found, micros) in [
            (latency.mean, 500),
            (latency.p50, 500),
            (latency.p90, 900),
            (latency.p99, 990),
            (latency.p999, 999),
            (latency.max, 1000),
        ] {
            assert_close(found, micros);
        }
        let distribution = latency.distribution;
        assert!(distribution.is_sorted());
        assert_close(distribution[0].1, 1);
        assert_close(distribution[20].1, 900);
        assert_eq!(distribution.last().unwrap().0, 100.0);
    }

    #[test]
    fn nothing_recorded_is_nothing() {
        assert_eq!(Recorder::new().latency(), Latency::default());
        assert_eq!(median(Vec::new()), Duration::ZERO);
    }

    #[test]
    fn the_longest_duration_is_recorded() {
        let mut recorder = Recorder::new();
        recorder.record(Duration::MAX);
        recorder.record(Duration::ZERO);
        assert_eq!(recorder.latency().n, 2);
    }
}
