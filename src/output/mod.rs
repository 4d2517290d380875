//! What people and programs get to see. Nothing here computes anything but its looks.

pub(crate) mod bench_json;
pub(crate) mod bench_svg;
pub(crate) mod bench_text;
pub(crate) mod check;
pub(crate) mod eval_json;
pub(crate) mod eval_text;
pub(crate) mod json;
pub(crate) mod progress;
pub(crate) mod terminal;
pub(crate) mod text;
