//! The progress bar of `index`: on a terminal only, on standard error.

use std::time::Duration;

use fouine::index::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar that is drawn where standard error is a terminal, and otherwise is not.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    pub(crate) fn new() -> Bar {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template(
            "{bar:12} {msg}, {decimal_bytes}/{decimal_total_bytes}, {decimal_bytes_per_sec}, {eta} left",
        );
        bar.set_style(style.expect("the template is constant"));
        bar.enable_steady_tick(Duration::from_millis(200));
        Bar(bar)
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
