//! The progress bars of `index`, `eval` and `bench`: on a terminal only, on standard error.

use std::time::Duration;

use fouine::index::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

#[derive(Clone)]
/// A bar that is drawn where standard error is a terminal, and otherwise is not.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    /// For files: [`Bar::update`] says how many, and how large.
    pub(crate) fn of_files() -> Bar {
        Bar::new(
            None,
            "{bar:12} {msg}, {decimal_bytes}/{decimal_total_bytes}, {decimal_bytes_per_sec}, {eta} left",
        )
    }

    /// For so many queries: [`Bar::advance`] after each.
    pub(crate) fn of_queries(n_queries: usize) -> Bar {
        let template = "{bar:12} {pos} of {len} queries, {eta} left";
        Bar::new(Some(n_queries as u64), template)
    }

    /// For so many searches: [`Bar::advance_by`] after some.
    pub(crate) fn of_searches(n_searches: usize) -> Bar {
        let template = "{bar:12} {pos} of {len} searches, {eta} left";
        Bar::new(Some(n_searches as u64), template)
    }

    fn new(length: Option<u64>, template: &str) -> Bar {
        let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template(template);
        bar.set_style(style.expect("the templates are constant"));
        bar.enable_steady_tick(Duration::from_millis(200));
        Bar(bar)
    }

    pub(crate) fn advance(&self) {
        self.0.inc(1);
    }

    pub(crate) fn advance_by(&self, n: usize) {
        self.0.inc(n as u64);
    }

    pub(crate) fn update(&self, progress: Progress) {
        self.0.set_length(progress.n_bytes);
        self.0.set_position(progress.bytes_done);
        let (done, all) = (progress.files_done, progress.n_files);
        self.0.set_message(format!("{done} of {all} files"));
    }

    pub(crate) fn clear(&self) {
        self.0.finish_and_clear();
    }
}
