//! Plain text: the article is the file.

use super::{Extracted, Format};
use crate::corpus::Section;
use crate::corpus::metadata::Metadata;
use crate::corpus::source_map::Segment;

/// Plain text files.
#[derive(Debug)]
pub(super) struct Plain;

impl Format for Plain {
    fn extensions(&self) -> &'static [&'static str] {
        &["txt", "text"]
    }

    fn extract(&self, source: &str) -> Extracted {
        Extracted {
            metadata: Metadata::default(),
            text: source.to_owned(),
            segments: vec![Segment {
                text: 0,
                source: 0,
                len: source.len(),
            }],
            sections: vec![Section {
                start: 0,
                heading: None,
            }],
            body: 0..source.len(),
        }
    }
}
