//! What people and programs get to see. Nothing here computes anything but its looks.

pub(crate) mod json;
pub(crate) mod progress;
pub(crate) mod terminal;
pub(crate) mod text;
