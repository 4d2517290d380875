//! What `bench` measured, for programs: one JSON object, written and read again by `--compare`. What was shipped changes
//! only by addition.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use fouine::bench::{
    Comparison, IndexFacts, Kind, KindLatency, Latency, Machine, Measures, Opening, QueryFacts,
    Report, Settings, Throughput, ratio,
};
use fouine::error::{Error, Result};
use serde::{Deserialize, Serialize};

use super::json::write_line;

const EXPECTED: &str = "what `fouine bench --json` writes";

/// Stands for all kinds together.
const ALL: &str = "all";

/// A measurement. All latencies are in microseconds.
#[derive(Serialize, Deserialize)]
struct Bench {
    /// `bench`.
    #[serde(rename = "type")]
    line: Line,
    /// Of the program.
    version: String,
    /// Whether the program was built to be fast.
    optimized: bool,
    machine: MachineFields,
    index: Index,
    queries: Queries,
    rounds: Rounds,
    opening: OpeningFields,
    /// For `all` queries first, then for each kind.
    latency: Vec<KindFields>,
    /// For 1, 2 … threads.
    throughput: Vec<ThroughputFields>,
    /// Where an older measurement was brought.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    comparison: Option<ComparisonFields>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Bench,
}

#[derive(Serialize, Deserialize)]
struct MachineFields {
    /// Model of the processor.
    cpu: String,
    /// Threads that it runs at once.
    cpus: usize,
    os: String,
}

#[derive(Serialize, Deserialize)]
struct Index {
    path: PathBuf,
    articles: u64,
    passages: u64,
    /// On disk.
    bytes: u64,
}

#[derive(Serialize, Deserialize)]
struct Queries {
    /// Null where they were drawn from the index.
    file: Option<PathBuf>,
    number: usize,
    /// Equal for the same queries asked in the same way; 16 hexadecimal digits, for not all programs have such numbers.
    fingerprint: String,
}

#[derive(Serialize, Deserialize)]
struct Rounds {
    /// Over all queries, before any was measured.
    warmup: usize,
    /// Over all queries, measured.
    repeat: usize,
    /// Most threads that asked at once.
    threads: usize,
    /// By what queries, and their order, were drawn.
    seed: u64,
}

#[derive(Serialize, Deserialize)]
struct OpeningFields {
    /// For the first time in the process.
    first: f64,
    /// Again, the median.
    again: f64,
    /// The first search after opening, the median.
    first_search: f64,
}

#[derive(Serialize, Deserialize)]
struct KindFields {
    /// `all`, or the kind: `one_word`, `few_words`, `question`, `phrase`, `prefix`, `fuzzy`, `filtered`.
    kind: String,
    /// Different queries.
    queries: usize,
    with_snippets: LatencyFields,
    without_snippets: LatencyFields,
}

#[derive(Serialize, Deserialize)]
struct LatencyFields {
    searches: u64,
    mean: f64,
    p50: f64,
    p90: f64,
    p99: f64,
    #[serde(rename = "p99.9")]
    p99_9: f64,
    max: f64,
    /// Pairs of a percentile, ascending, and the latency that so many percent of the searches do not exceed.
    distribution: Vec<[f64; 2]>,
}

#[derive(Serialize, Deserialize)]
struct ThroughputFields {
    threads: usize,
    searches: usize,
    seconds: f64,
    per_second: f64,
}

/// The new measurement beside the old; ratios are new to old.
#[derive(Serialize)]
struct ComparisonFields {
    /// Why they may differ for other reasons than the program.
    differences: Vec<String>,
    index_bytes: f64,
    opening: Ratio,
    latency: Vec<KindRatios>,
    throughput: Vec<ThroughputRatio>,
}

#[derive(Serialize)]
struct Ratio {
    first: f64,
    again: f64,
    first_search: f64,
}

#[derive(Serialize)]
struct KindRatios {
    kind: &'static str,
    with_snippets: LatencyRatios,
    without_snippets: LatencyRatios,
}

#[derive(Serialize)]
struct LatencyRatios {
    mean: f64,
    p50: f64,
    p90: f64,
    p99: f64,
    #[serde(rename = "p99.9")]
    p99_9: f64,
    max: f64,
}

#[derive(Serialize)]
struct ThroughputRatio {
    threads: usize,
    per_second: f64,
}

/// Writes a measurement, and how it compares with an older one if there is one.
pub(crate) fn write_report(
    report: &Report,
    old: Option<&Report>,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut fields = fields(report);
    fields.comparison = old.map(|old| compared(&Comparison { old, new: report }));
    write_line(&fields, out)
}

/// Reads a measurement that was written before.
///
/// # Errors
///
/// [`Error::Read`], [`Error::Malformed`].
pub(crate) fn read_report(path: &Path) -> Result<Report> {
    let malformed = |line, problem| Error::Malformed {
        path: path.to_owned(),
        line,
        problem,
        expected: EXPECTED,
    };
    let json = fs::read(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })?;
    let fields: Bench = serde_json::from_slice(&json).map_err(|error| {
        // It ends in the place, which is told by the line already.
        let problem = error.to_string();
        let end = problem.rfind(" at line ").unwrap_or(problem.len());
        malformed(error.line().max(1), problem[..end].to_owned())
    })?;
    report(fields).map_err(|problem| malformed(1, problem))
}

fn fields(report: &Report) -> Bench {
    let Report {
        version,
        is_optimized,
        machine,
        index,
        queries,
        settings,
        measures,
    } = report;
    Bench {
        line: Line::Bench,
        version: version.clone(),
        optimized: *is_optimized,
        machine: MachineFields {
            cpu: machine.cpu.clone(),
            cpus: machine.n_cpus,
            os: machine.os.clone(),
        },
        index: Index {
            path: index.path.clone(),
            articles: index.articles,
            passages: index.passages,
            bytes: index.bytes,
        },
        queries: Queries {
            file: queries.file.clone(),
            number: queries.number,
            fingerprint: format!("{:016x}", queries.fingerprint),
        },
        rounds: Rounds {
            warmup: settings.warmup,
            repeat: settings.repeat,
            threads: settings.threads,
            seed: settings.seed,
        },
        opening: OpeningFields {
            first: micros(measures.opening.first),
            again: micros(measures.opening.again),
            first_search: micros(measures.opening.first_search),
        },
        latency: measures.latencies.iter().map(kind_fields).collect(),
        throughput: measures.throughput.iter().map(throughput_fields).collect(),
        comparison: None,
    }
}

fn kind_fields(latency: &KindLatency) -> KindFields {
    KindFields {
        kind: code(latency.kind).to_owned(),
        queries: latency.n_queries,
        with_snippets: latency_fields(&latency.with_snippets),
        without_snippets: latency_fields(&latency.without_snippets),
    }
}

fn latency_fields(latency: &Latency) -> LatencyFields {
    let distribution = latency.distribution.iter();
    LatencyFields {
        searches: latency.n,
        mean: micros(latency.mean),
        p50: micros(latency.p50),
        p90: micros(latency.p90),
        p99: micros(latency.p99),
        p99_9: micros(latency.p999),
        max: micros(latency.max),
        distribution: distribution
            .map(|&(percentile, at_most)| [rounded(percentile, 1e6), micros(at_most)])
            .collect(),
    }
}

fn throughput_fields(throughput: &Throughput) -> ThroughputFields {
    ThroughputFields {
        threads: throughput.threads,
        searches: throughput.n_searches,
        seconds: throughput.elapsed.as_secs_f64(),
        per_second: rounded(throughput.per_second(), 1e3),
    }
}

fn compared(comparison: &Comparison<'_>) -> ComparisonFields {
    let (old, new) = (&comparison.old.measures, &comparison.new.measures);
    let latency = comparison.latencies().map(|(old, new)| KindRatios {
        kind: code(new.kind),
        with_snippets: latency_ratios(&old.with_snippets, &new.with_snippets),
        without_snippets: latency_ratios(&old.without_snippets, &new.without_snippets),
    });
    let throughput = comparison.throughput().map(|(old, new)| ThroughputRatio {
        threads: new.threads,
        per_second: rounded(new.per_second() / old.per_second(), 1e4),
    });
    ComparisonFields {
        differences: comparison.differences(),
        index_bytes: rounded(comparison.size(), 1e4),
        opening: Ratio {
            first: rounded_ratio(old.opening.first, new.opening.first),
            again: rounded_ratio(old.opening.again, new.opening.again),
            first_search: rounded_ratio(old.opening.first_search, new.opening.first_search),
        },
        latency: latency.collect(),
        throughput: throughput.collect(),
    }
}

fn latency_ratios(old: &Latency, new: &Latency) -> LatencyRatios {
    LatencyRatios {
        mean: rounded_ratio(old.mean, new.mean),
        p50: rounded_ratio(old.p50, new.p50),
        p90: rounded_ratio(old.p90, new.p90),
        p99: rounded_ratio(old.p99, new.p99),
        p99_9: rounded_ratio(old.p999, new.p999),
        max: rounded_ratio(old.max, new.max),
    }
}

/// The measurement that the fields are of, or what is wrong with them.
fn report(fields: Bench) -> std::result::Result<Report, String> {
    let fingerprint = &fields.queries.fingerprint;
    let fingerprint = u64::from_str_radix(fingerprint, 16)
        .map_err(|_| format!("a fingerprint of queries that is none: {fingerprint}"))?;
    let mut latencies = Vec::new();
    for latency in fields.latency {
        latencies.push(KindLatency {
            kind: kind(&latency.kind)?,
            n_queries: latency.queries,
            with_snippets: read_latency(&latency.with_snippets)?,
            without_snippets: read_latency(&latency.without_snippets)?,
        });
    }
    let mut throughput = Vec::new();
    for of_threads in fields.throughput {
        throughput.push(Throughput {
            threads: of_threads.threads,
            n_searches: of_threads.searches,
            elapsed: duration(of_threads.seconds * 1e6)?,
        });
    }
    Ok(Report {
        version: fields.version,
        is_optimized: fields.optimized,
        machine: Machine {
            cpu: fields.machine.cpu,
            n_cpus: fields.machine.cpus,
            os: fields.machine.os,
        },
        index: IndexFacts {
            path: fields.index.path,
            articles: fields.index.articles,
            passages: fields.index.passages,
            bytes: fields.index.bytes,
        },
        queries: QueryFacts {
            file: fields.queries.file,
            number: fields.queries.number,
            fingerprint,
        },
        settings: Settings {
            warmup: fields.rounds.warmup,
            repeat: fields.rounds.repeat,
            threads: fields.rounds.threads,
            seed: fields.rounds.seed,
        },
        measures: Measures {
            opening: Opening {
                first: duration(fields.opening.first)?,
                again: duration(fields.opening.again)?,
                first_search: duration(fields.opening.first_search)?,
            },
            latencies,
            throughput,
        },
    })
}

fn read_latency(fields: &LatencyFields) -> std::result::Result<Latency, String> {
    let mut distribution = Vec::new();
    for &[percentile, at_most] in &fields.distribution {
        distribution.push((percentile, duration(at_most)?));
    }
    Ok(Latency {
        n: fields.searches,
        mean: duration(fields.mean)?,
        p50: duration(fields.p50)?,
        p90: duration(fields.p90)?,
        p99: duration(fields.p99)?,
        p999: duration(fields.p99_9)?,
        max: duration(fields.max)?,
        distribution,
    })
}

fn code(kind: Option<Kind>) -> &'static str {
    kind.map_or(ALL, Kind::code)
}

fn kind(code: &str) -> std::result::Result<Option<Kind>, String> {
    if code == ALL {
        return Ok(None);
    }
    let kind = Kind::ALL.into_iter().find(|kind| kind.code() == code);
    kind.map(Some)
        .ok_or_else(|| format!("a kind of query that is none: {code}"))
}

fn micros(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1e3
}

fn duration(micros: f64) -> std::result::Result<Duration, String> {
    Duration::try_from_secs_f64(micros / 1e6).map_err(|_| format!("a time that is none: {micros}"))
}

fn rounded_ratio(old: Duration, new: Duration) -> f64 {
    rounded(ratio(old, new), 1e4)
}

fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}
