//! From paths on the command line to articles: discover, decode, extract.
//!
//! [`discover()`] lists the files; [`Items`] turns them into pieces of work, one an article;
//! [`Item::load`] does the work, on whichever thread the caller likes: it reads the bytes,
//! finds out their encoding, takes the text out of the markup and gives a [`Document`].
//! Whatever cannot be read is a [`Skipped`] and never stops the rest.
//!
//! Nothing here knows what happens to the text: language detection, passages and the index are
//! other modules. Start reading at `items.rs`.

mod collection;
mod date;
mod dateline;
mod decode;
mod discover;
mod extract;
mod fingerprint;
mod front_matter;
mod items;
mod metadata;
mod skipped;
mod source_map;
mod tags;

use std::path::{Path, PathBuf};

pub use date::Date;
pub use discover::{Discovery, Root, SourceFile, discover};
pub(crate) use discover::{ReadSoFar, entry_path};
pub use fingerprint::Fingerprint;
pub(crate) use fingerprint::settled_stamp;
pub use items::{DEFAULT_MAX_FILE_BYTES, Item, Items, Limits, Loaded, Piece};
pub use metadata::Metadata;
pub use skipped::{SkipReason, Skipped};
pub use source_map::{Location, SourceMap};

/// One article, decoded and freed of its markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Names the article in its corpus: derived from the file's name, or the record's own id.
    pub id: String,
    /// The source file, absolute, symbolic links resolved.
    pub path: PathBuf,
    /// What is known about the article beside its text.
    pub metadata: Metadata,
    /// The article's body, without title and headings; never only white space.
    pub text: String,
    /// The parts of the text, in order and without gaps; the first begins at 0.
    pub sections: Vec<Section>,
    /// From offsets of `text` to bytes and lines of the file.
    pub source: SourceMap,
}

/// Tells whether what is known of an article would be other if its file, now at `from`, had the name it has at `to`: where an
/// article does not say its title or date, its file name does.
pub(crate) fn depends_on_name(metadata: &Metadata, from: &Path, to: &Path) -> bool {
    let [from, to] = [from, to].map(|path| {
        path.file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    });
    let has_date = |stem: &str| Date::in_file_name(stem).is_some();
    from != to
        && (metadata.title == extract::title_from_file_name(&from)
            || has_date(&from)
            || has_date(&to))
}

/// A part of an article under one heading; it ends where the next one begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Offset in the document's text.
    pub start: usize,
    /// The headings that lead here, outermost first: `Chapter › Section`. None before the first.
    pub heading: Option<String>,
}
