//! Takes in documents, one after the other, and holds them until they are written as a segment.

use std::path::Path;
use std::sync::Arc;

use tantivy::{Index, TantivyError};

use super::log::GAP;
use super::logs::Logs;
use super::rest::Rest;
use super::words::Words;
use crate::index::codec::{Kind, Learner};
use crate::index::entry::Entry;
use crate::index::record::{Shared, article_entry, passage_entry};
use crate::index::snapshot::dictionary_entry;
use crate::index::stored::{ARTICLE, store_passage, store_text, to_json};
use crate::index::{ArticleRecord, Fields, PassageRecord};
use crate::language::Language;

/// Bytes of the words of all texts, at most: where they are is told by 32 bits.
const MAX_WORDS_BYTES: usize = 2 << 30;

/// The documents of a segment that has not been written yet.
pub(super) struct Builder {
    fields: Fields,
    learner: Arc<Learner>,
    logs: Logs,
    rest: Rest,
    title: Label,
    heading: Label,
    text: Vec<u32>,
}

impl Builder {
    /// A builder of documents of `index`, which is in `folder`; their texts are written as `learner` has learned.
    pub(super) fn new(
        index: &Index,
        folder: &Path,
        fields: Fields,
        learner: Arc<Learner>,
    ) -> tantivy::Result<Builder> {
        Ok(Builder {
            fields,
            learner,
            logs: Logs::new(&index.schema(), fields),
            rest: Rest::new(index, folder)?,
            title: Label::default(),
            heading: Label::default(),
            text: Vec::new(),
        })
    }

    /// Takes in an article and its passages.
    pub(super) fn add_article(
        &mut self,
        article: &ArticleRecord,
        passages: Vec<PassageRecord>,
    ) -> tantivy::Result<()> {
        let card = to_json(article);
        self.learn(&card, &passages)?;
        let card = store_text(ARTICLE, &self.learner.codes(Kind::Records), &card);
        self.add(&article_entry(&self.fields, article, card))?;
        let shared = Shared::new(article);
        let codes = Language::ALL.map(|language| self.learner.codes(Kind::Passages(language)));
        for passage in &passages {
            let language = passage.language;
            let heading = passage.place.heading.as_deref().unwrap_or_default();
            let words = &mut self.logs.words;
            self.title.read(words, language, &article.metadata.title);
            self.heading.read(words, language, heading);
            words.read(language, &passage.text, &mut self.text);
            if words.n_bytes() > MAX_WORDS_BYTES {
                let reason = "an article has more different words than can be held";
                return Err(TantivyError::SystemError(reason.to_owned()));
            }
            let heading_start = self.title.n_positions();
            let text_start = heading_start + self.heading.n_positions();
            let labels = [&self.title, &self.heading];
            let words = labels.into_iter().flat_map(Label::words_and_gap);
            let words = words.chain(self.text.iter().copied());
            self.logs.add_words(language, words);
            let starts = [heading_start, text_start].map(|start| start as u64);
            let stored = store_passage(passage, &codes[language as usize]);
            self.add(&passage_entry(
                &self.fields,
                &shared,
                passage,
                starts,
                stored,
            ))?;
        }
        Ok(())
    }

    /// Learns from the texts of an article. A dictionary that comes of it is stored before the article, which is to be followed
    /// by its passages.
    fn learn(&mut self, card: &str, passages: &[PassageRecord]) -> tantivy::Result<()> {
        self.learner.note(Kind::Records, card);
        for passage in passages {
            let kind = Kind::Passages(passage.language);
            self.learner.note(kind, &passage.text);
        }
        while let Some((number, dictionary)) = self.learner.learn() {
            self.add(&dictionary_entry(&self.fields, number, &dictionary))?;
        }
        Ok(())
    }

    /// Takes in a document.
    pub(super) fn add(&mut self, entry: &Entry) -> tantivy::Result<()> {
        self.logs.add(entry);
        self.rest.add(entry)
    }

    /// Whether it holds nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.logs.n_docs == 0
    }

    /// The bytes of memory it takes: while documents are taken in, or when what is stored of them is read back, whichever is
    /// more.
    pub(super) fn n_bytes(&self) -> usize {
        let taking_in = self.logs.n_bytes() + self.rest.n_bytes();
        taking_in.max(self.rest.n_stored)
    }

    /// What it holds.
    pub(super) fn close(mut self) -> (Logs, Rest) {
        self.logs.close();
        (self.logs, self.rest)
    }
}

/// A title or a heading, which stands before the text; passages that follow each other have the same.
#[derive(Default)]
struct Label {
    language: Option<Language>,
    text: String,
    words: Vec<u32>,
}

impl Label {
    fn read(&mut self, words: &mut Words, language: Language, text: &str) {
        if self.language != Some(language) || self.text != text {
            self.language = Some(language);
            text.clone_into(&mut self.text);
            words.read(language, text, &mut self.words);
        }
    }

    /// Its words, and behind them a gap, so that no phrase runs from the title into the text.
    fn words_and_gap(&self) -> impl Iterator<Item = u32> + Clone {
        let gap = (!self.text.is_empty()).then_some(GAP);
        self.words.iter().copied().chain(gap)
    }

    fn n_positions(&self) -> usize {
        self.words.len() + usize::from(!self.text.is_empty())
    }
}
