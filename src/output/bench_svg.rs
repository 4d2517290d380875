//! The distribution of latencies as a picture: an SVG file that needs nothing else.
//!
//! Two charts side by side, with snippets and ranking alone, on the same scales. From left to right the percentiles, each power
//! of ten nearer to 100 % one step further; upwards the latency, on a logarithmic scale. A line a kind of query.

use std::fmt;
use std::io::{self, Write};
use std::time::Duration;

use fouine::bench::{Kind, KindLatency, Latency, Report};

use super::text::{bytes, count};

const WIDTH: f64 = 1200.0;
const HEIGHT: f64 = 560.0;
/// Of the charts, with what is written around them outside.
const TOP: f64 = 96.0;
const BOTTOM: f64 = 490.0;
const LEFT: [f64; 2] = [72.0, 552.0];
const CHART_WIDTH: f64 = 440.0;
const LEGEND_LEFT: f64 = 1022.0;

/// Ticks of a decade of milliseconds.
const TICKS: [f64; 3] = [1.0, 2.0, 5.0];

/// Shortest latency drawn, in milliseconds: less than any search takes, and above 0.
const SHORTEST_MS: f64 = 1e-3;

const STYLE: &str = "\
text{font:13px system-ui,'Segoe UI','Helvetica Neue',Arial,'DejaVu Sans',sans-serif;fill:#3b4252}\
.title{font-size:18px;font-weight:600;fill:#1f2430}\
.aside{font-size:12px;fill:#6b7280}\
.chart{font-size:14px;font-weight:600}\
.tick{font-size:11px;fill:#6b7280}\
.grid{stroke:#e5e7eb;stroke-width:1}\
.minor{stroke:#f1f2f4;stroke-width:1}\
.axis{fill:none;stroke:#9ca3af;stroke-width:1}\
.line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}\
.all{stroke-width:3.2}";

/// Writes the picture of a measurement.
pub(crate) fn write_report(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let latencies = &report.measures.latencies;
    let charts: [(&str, Vec<(&KindLatency, &Latency)>); 2] = [
        (
            "Ten hits with snippets",
            latencies.iter().map(|of| (of, &of.with_snippets)).collect(),
        ),
        (
            "Ranking alone",
            latencies
                .iter()
                .map(|of| (of, &of.without_snippets))
                .collect(),
        ),
    ];
    let drawn = charts.iter().flat_map(|(_, lines)| lines);
    let scales = Scales::of(drawn.map(|(_, latency)| *latency));
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" \
         height=\"{HEIGHT}\" role=\"img\" aria-label=\"Latency of searches by percentile\">"
    )?;
    writeln!(out, "<style>{STYLE}</style>")?;
    writeln!(
        out,
        "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>"
    )?;
    write_head(report, out)?;
    for ((title, lines), left) in charts.iter().zip(LEFT) {
        write_grid(&scales, left, title, out)?;
        // All of them together lie on top.
        for (of, latency) in lines.iter().rev() {
            write_line(&scales, left, of.kind, latency, out)?;
        }
    }
    write_legend(latencies, out)?;
    writeln!(out, "</svg>")
}

/// From percentiles and latencies to places in a chart.
struct Scales {
    /// Powers of ten from 0 % to the right edge: 3 for 99.9 %.
    n_nines: f64,
    /// Logarithms of the milliseconds at the bottom and at the top.
    low: f64,
    high: f64,
}

impl Scales {
    /// Scales on which all of these have a place.
    fn of<'l>(latencies: impl Iterator<Item = &'l Latency>) -> Scales {
        let mut n_most = 1;
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for latency in latencies {
            n_most = n_most.max(latency.n);
            for (_, at_most) in &latency.distribution {
                let log = log_ms(*at_most);
                low = low.min(log);
                high = high.max(log);
            }
        }
        if low > high {
            (low, high) = (0.0, 0.0);
        }
        // A little air above and below, and never nothing in between.
        Scales {
            n_nines: ((n_most as f64).log10() + 0.15).clamp(2.0, 9.0),
            low: low - 0.08,
            high: high.max(low + 0.3) + 0.08,
        }
    }

    /// Where a percentile is, from the left edge of a chart.
    fn x(&self, percentile: f64) -> f64 {
        let share_above = (1.0 - percentile / 100.0).max(f64::MIN_POSITIVE);
        let nines = (-share_above.log10()).clamp(0.0, self.n_nines);
        nines / self.n_nines * CHART_WIDTH
    }

    fn y(&self, log_ms: f64) -> f64 {
        let share = (log_ms - self.low) / (self.high - self.low);
        BOTTOM - share.clamp(0.0, 1.0) * (BOTTOM - TOP)
    }
}

fn log_ms(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e3).max(SHORTEST_MS).log10()
}

fn write_head(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let left = LEFT[0];
    let index = format!(
        "{}, {}, {}",
        count(report.index.articles, "article"),
        count(report.index.passages, "passage"),
        bytes(report.index.bytes)
    );
    let machine = &report.machine;
    writeln!(
        out,
        "<text class=\"title\" x=\"{left}\" y=\"34\">Latency of searches over {}</text>",
        Text(&index)
    )?;
    let n_queries = report.queries.number;
    let aside = format!(
        "fouine {} · {n_queries} queries, {} · {}, {} at once, {}",
        report.version,
        count(report.settings.repeat as u64, "round"),
        machine.cpu,
        count(machine.n_cpus as u64, "thread"),
        machine.os
    );
    writeln!(
        out,
        "<text class=\"aside\" x=\"{left}\" y=\"54\">{}</text>",
        Text(&aside)
    )
}

fn write_grid(scales: &Scales, left: f64, title: &str, out: &mut impl Write) -> io::Result<()> {
    let right = left + CHART_WIDTH;
    writeln!(
        out,
        "<text class=\"chart\" x=\"{left}\" y=\"{}\">{}</text>",
        TOP - 12.0,
        Text(title)
    )?;
    for decade in scales.low.floor() as i32..=scales.high.ceil() as i32 {
        for tick in TICKS {
            let log = f64::from(decade) + tick.log10();
            if log < scales.low || log > scales.high {
                continue;
            }
            let y = scales.y(log);
            let class = if tick == 1.0 { "grid" } else { "minor" };
            writeln!(
                out,
                "<path class=\"{class}\" d=\"M{left} {y:.1}H{right}\"/>\
                 <text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                left - 8.0,
                y + 4.0,
                milliseconds(tick, decade)
            )?;
        }
    }
    for percentile in [0.0, 50.0, 90.0, 99.0, 99.9, 99.99, 99.999, 99.9999] {
        let share_above: f64 = 1.0 - percentile / 100.0;
        if -share_above.log10() > scales.n_nines {
            break;
        }
        let x = left + scales.x(percentile);
        writeln!(
            out,
            "<path class=\"grid\" d=\"M{x:.1} {TOP}V{BOTTOM}\"/>\
             <text class=\"tick\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{percentile} %</text>",
            BOTTOM + 18.0
        )?;
    }
    writeln!(
        out,
        "<path class=\"axis\" d=\"M{left} {TOP}V{BOTTOM}H{right}\"/>"
    )?;
    writeln!(
        out,
        "<text class=\"aside\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">of the searches take at most so long</text>",
        left + CHART_WIDTH / 2.0,
        BOTTOM + 42.0
    )
}

fn milliseconds(tick: f64, decade: i32) -> String {
    let decimals = usize::try_from(-decade).unwrap_or_default();
    format!("{:.decimals$} ms", tick * 10f64.powi(decade))
}

fn write_line(
    scales: &Scales,
    left: f64,
    kind: Option<Kind>,
    latency: &Latency,
    out: &mut impl Write,
) -> io::Result<()> {
    if latency.distribution.is_empty() {
        return Ok(());
    }
    write!(
        out,
        "<polyline class=\"{}\" stroke=\"{}\" points=\"",
        class(kind),
        color(kind)
    )?;
    let longest = 100.0 - 100.0 / latency.n.max(1) as f64;
    for &(percentile, at_most) in &latency.distribution {
        // The longest of a hundred searches stands where 99 % end: what is beyond nobody has seen.
        let x = left + scales.x(percentile.min(longest));
        write!(out, "{x:.1},{:.1} ", scales.y(log_ms(at_most)))?;
    }
    writeln!(out, "\"><title>{}</title></polyline>", name(kind))
}

fn write_legend(latencies: &[KindLatency], out: &mut impl Write) -> io::Result<()> {
    for (row, of) in latencies.iter().enumerate() {
        let y = TOP + 14.0 + 26.0 * row as f64;
        writeln!(
            out,
            "<path class=\"{}\" stroke=\"{}\" d=\"M{LEGEND_LEFT} {:.1}h26\"/>\
             <text x=\"{:.1}\" y=\"{y:.1}\">{}</text>",
            class(of.kind),
            color(of.kind),
            y - 4.0,
            LEGEND_LEFT + 36.0,
            name(of.kind)
        )?;
    }
    Ok(())
}

fn class(kind: Option<Kind>) -> &'static str {
    match kind {
        None => "line all",
        Some(_) => "line",
    }
}

fn name(kind: Option<Kind>) -> &'static str {
    kind.map_or("all", Kind::name)
}

/// Colors that are told apart with any eyes, after Okabe and Ito.
fn color(kind: Option<Kind>) -> &'static str {
    match kind {
        None => "#1f2430",
        Some(Kind::OneWord) => "#56b4e9",
        Some(Kind::FewWords) => "#0072b2",
        Some(Kind::Question) => "#d55e00",
        Some(Kind::Phrase) => "#009e73",
        Some(Kind::Prefix) => "#cc79a7",
        Some(Kind::Fuzzy) => "#e69f00",
        Some(Kind::Filtered) => "#8a6fd1",
    }
}

/// Text between tags, and nothing but text: characters that XML does not have are replaced.
struct Text<'t>(&'t str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '&' => f.write_str("&amp;")?,
                c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => {
                    f.write_str("\u{FFFD}")?;
                }
                c => write!(f, "{c}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_place() {
        let text = Text("<script> & \"\u{1b}\u{0}é").to_string();
        assert_eq!(text, "&lt;script&gt; &amp; \"\u{FFFD}\u{FFFD}é");
    }

    #[test]
    fn scales_hold_whatever_was_measured() {
        for latencies in [vec![], vec![Latency::default()]] {
            let scales = Scales::of(latencies.iter());
            assert_eq!(scales.x(0.0), 0.0);
            assert!(scales.x(100.0).is_finite() && scales.y(f64::NEG_INFINITY).is_finite());
        }
        let latency = Latency {
            n: 1000,
            distribution: vec![(0.0, Duration::ZERO), (100.0, Duration::from_secs(1))],
            ..Latency::default()
        };
        let scales = Scales::of([latency].iter());
        assert!(scales.x(99.0) > scales.x(90.0) && scales.x(99.9) < CHART_WIDTH);
        let (fast, slow) = (log_ms(Duration::ZERO), log_ms(Duration::from_secs(1)));
        assert!(scales.y(fast) > scales.y(slow) && scales.y(slow) > TOP);
    }

    #[test]
    fn ticks_say_what_they_are() {
        assert_eq!(milliseconds(5.0, -2), "0.05 ms");
        assert_eq!(milliseconds(2.0, 1), "20 ms");
    }
}
