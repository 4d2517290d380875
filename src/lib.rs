//! fouine
pub mod language;
pub mod passage;
