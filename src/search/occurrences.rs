//! Where a word stands in passages.
//!
//! Keys are indexed with their positions, forms without: a form stands where its key does, unless other forms of that key
//! stand there. Frequencies tell: where the forms that are looked up are as many as their keys, the positions of these are
//! theirs. Only elsewhere is the passage read, and cut into words again.

use rustc_hash::FxHashMap;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocId, DocSet, Term};

use super::highlight::with_analyzer;
use super::segments::Segment;
use super::terms::Terms;
use super::union::Union;
use crate::index::{article_of, form_term, stored_passage_at};
use crate::language::{Forms, Language};
use crate::query::{Lookup, PlannedWord};

/// A cursor over the passages of a segment that have a word, which knows where in them it stands.
pub(super) struct Occurrences<'s> {
    union: Union,
    /// What is known of the forms that the union is of; `None` where it is of keys.
    written: Option<Written<'s>>,
}

/// Where a word may stand in a passage.
#[derive(Debug)]
pub(super) struct Places {
    /// Positions, ascending.
    pub(super) positions: Vec<u32>,
    /// Whether it stands at all of them; else at some.
    pub(super) are_certain: bool,
}

impl<'s> Occurrences<'s> {
    /// A cursor at the first passage that has `word`, which is looked up in passages of `language`. A form may be in
    /// others too; it stands nowhere in them.
    pub(super) fn open(
        segment: Segment<'s>,
        language: Language,
        word: &'s PlannedWord,
    ) -> tantivy::Result<Occurrences<'s>> {
        match &word.lookup {
            Lookup::Keys { .. } => {
                let terms = Terms::of(segment.fields, language, word);
                let option = IndexRecordOption::WithFreqsAndPositions;
                Ok(Occurrences {
                    union: Union::of(segment, &terms, option)?,
                    written: None,
                })
            }
            Lookup::Forms { forms, .. } => {
                let (union, written) = Written::open(segment, language, forms)?;
                Ok(Occurrences {
                    union,
                    written: Some(written),
                })
            }
        }
    }

    /// Where it is; [`TERMINATED`](tantivy::TERMINATED) past the last.
    pub(super) fn doc(&self) -> DocId {
        self.union.doc()
    }

    /// Goes to `target`, or the first passage after it; never back.
    pub(super) fn seek(&mut self, target: DocId) {
        if self.union.doc() < target {
            self.union.seek(target);
        }
    }

    /// The positions of the word in passage `doc`, ascending; none when it is not there.
    pub(super) fn positions(&mut self, doc: DocId) -> Vec<u32> {
        let Places {
            positions,
            are_certain,
        } = self.places(doc);
        match are_certain {
            true => positions,
            false => self.certain(doc, positions),
        }
    }

    /// Where the word may stand in passage `doc`, without reading it.
    pub(super) fn places(&mut self, doc: DocId) -> Places {
        match &mut self.written {
            Some(written) => written.places(self.union.postings(), doc),
            None => {
                let mut positions = Vec::new();
                self.union.positions(doc, &mut positions);
                Places {
                    positions,
                    are_certain: true,
                }
            }
        }
    }

    /// Keeps those of the `positions` where the word may stand in passage `doc` at which it does; reads the passage.
    pub(super) fn certain(&self, doc: DocId, positions: Vec<u32>) -> Vec<u32> {
        match &self.written {
            // As tantivy does of what it cannot read: whoever searches takes a panic for a sign of damage.
            Some(written) => written
                .certain(self.union.postings(), doc, &positions)
                .unwrap_or_else(|error| panic!("a passage cannot be read: {error}")),
            None => positions,
        }
    }
}

/// Forms of a segment, and the positions of their keys.
struct Written<'s> {
    segment: Segment<'s>,
    language: Language,
    /// The forms that the segment has, in the order of their postings.
    forms: Vec<Form<'s>>,
    /// Where the keys stand that were needed so far; none where the language does not have one.
    keys: Vec<Option<SegmentPostings>>,
    /// The places of these among [`Written::keys`].
    known: FxHashMap<String, usize>,
    /// How often the passage that was looked at last has the forms of each key, by its place.
    frequencies: Vec<(usize, u32)>,
}

/// A form that is looked up.
struct Form<'s> {
    form: &'s str,
    /// The place of its key among those that were needed so far, once it was: a pattern may stand for a thousand forms,
    /// of which few are in the passages that are looked at.
    key: Option<usize>,
}

impl<'s> Written<'s> {
    fn open(
        segment: Segment<'s>,
        language: Language,
        forms: &'s [String],
    ) -> tantivy::Result<(Union, Written<'s>)> {
        let inverted_index = segment.reader.inverted_index(segment.fields.forms)?;
        let mut all_postings = Vec::new();
        let mut here = Vec::new();
        for form in forms {
            let term = Term::from_field_text(segment.fields.forms, &form_term(form));
            let postings = inverted_index.read_postings(&term, IndexRecordOption::WithFreqs)?;
            if let Some(postings) = postings {
                all_postings.push(postings);
                here.push(Form { form, key: None });
            }
        }
        let written = Written {
            segment,
            language,
            forms: here,
            keys: Vec::new(),
            known: FxHashMap::default(),
            frequencies: Vec::new(),
        };
        Ok((Union::of_postings(all_postings), written))
    }

    fn places(&mut self, postings: &[SegmentPostings], doc: DocId) -> Places {
        let mut places = Places {
            positions: Vec::new(),
            are_certain: true,
        };
        self.count(postings, doc);
        for &(key, frequency) in &self.frequencies {
            let Some(postings) = &mut self.keys[key] else {
                continue;
            };
            if postings.doc() < doc {
                postings.seek(doc);
            }
            // Not there: the passage is in another language.
            if postings.doc() == doc {
                places.are_certain &= postings.term_freq() == frequency;
                postings.append_positions_with_offset(0, &mut places.positions);
            }
        }
        places.positions.sort_unstable();
        places
    }

    /// Counts the forms in passage `doc`, those of each key together.
    fn count(&mut self, postings: &[SegmentPostings], doc: DocId) {
        self.frequencies.clear();
        for (at, postings) in postings.iter().enumerate() {
            if postings.doc() != doc {
                continue;
            }
            let key = self.key(at);
            let mut frequencies = self.frequencies.iter_mut();
            match frequencies.find(|(known, _)| *known == key) {
                Some((_, frequency)) => *frequency += postings.term_freq(),
                None => self.frequencies.push((key, postings.term_freq())),
            }
        }
    }

    /// The place of the key of a form.
    fn key(&mut self, at: usize) -> usize {
        let Form { form, key } = self.forms[at];
        if let Some(key) = key {
            return key;
        }
        let mut key = String::new();
        with_analyzer(self.language, |analyzer| analyzer.key(form, &mut key));
        let place = match self.known.get(&key) {
            Some(place) => *place,
            None => {
                let postings = self
                    .open_key(&key)
                    .unwrap_or_else(|error| panic!("a word cannot be read: {error}"));
                self.keys.push(postings);
                self.known.insert(key, self.keys.len() - 1);
                self.keys.len() - 1
            }
        };
        self.forms[at].key = Some(place);
        place
    }

    fn open_key(&self, key: &str) -> tantivy::Result<Option<SegmentPostings>> {
        let Segment { reader, fields, .. } = self.segment;
        let field = fields.terms(self.language);
        let term = Term::from_field_text(field, key);
        let option = IndexRecordOption::WithFreqsAndPositions;
        let postings = reader.inverted_index(field)?.read_postings(&term, option)?;
        Ok(postings)
    }

    /// Those of `positions` at which passage `doc` has one of the forms. Of title, heading and text, it reads what they are
    /// in.
    fn certain(
        &self,
        postings: &[SegmentPostings],
        doc: DocId,
        positions: &[u32],
    ) -> tantivy::Result<Vec<u32>> {
        let forms = self.forms.iter().zip(postings);
        let here = forms.filter(|(_, postings)| postings.doc() == doc);
        let here: Vec<&str> = here.map(|(form, _)| form.form).collect();
        let Segment {
            snapshot,
            ord,
            columns,
            ..
        } = self.segment;
        let address = DocAddress::new(ord, doc);
        let Some(passage) = stored_passage_at(snapshot, address)? else {
            return Err(unreadable());
        };
        let [heading_start, text_start] = columns.zones(doc);
        let n_in_title = positions.partition_point(|at| *at < heading_start);
        let n_before_text = positions.partition_point(|at| *at < text_start);
        let mut certain = Vec::new();
        if n_in_title > 0 {
            let Some(article) = article_of(snapshot, address, columns.ordinal(doc))? else {
                return Err(unreadable());
            };
            add_places(&article.metadata.title, 0, &here, &mut certain);
        }
        if n_in_title < n_before_text {
            let heading = passage.place.heading.as_deref().unwrap_or_default();
            add_places(heading, heading_start, &here, &mut certain);
        }
        if n_before_text < positions.len() {
            add_places(&passage.text, text_start, &here, &mut certain);
        }
        Ok(certain)
    }
}

fn unreadable() -> tantivy::TantivyError {
    tantivy::TantivyError::InternalError("it makes no sense".to_owned())
}

/// Adds the positions at which `text`, whose first word is at `start`, has one of `forms`.
fn add_places(text: &str, start: u32, forms: &[&str], positions: &mut Vec<u32>) {
    let mut words = Forms::new(text);
    let mut at = start;
    while words.advance().is_some() {
        if forms.contains(&words.form()) {
            positions.push(at);
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tantivy::TERMINATED;

    use super::*;
    use crate::index::{BuildOptions, build};
    use crate::query::Query;
    use crate::search::{SearchOptions, Searcher};

    /// An index of one article in French, one in English and one in German.
    fn searcher(folder: &tempfile::TempDir) -> Searcher {
        let corpus = folder.path().join("corpus");
        fs::create_dir(&corpus).unwrap();
        for (name, text) in [
            (
                "1.md",
                "---\ntitle: Le maire, les maires\nlang: fr\n---\n\n## Des maires et un maire\n\n\
                 Maire, les maires et la dette du maire.\n",
            ),
            (
                "2.md",
                "---\ntitle: The mayor\nlang: en\n---\n\n## Debts of a mayor\n\nMayors, or one maire with a debt.\n",
            ),
            (
                "3.md",
                "---\ntitle: Stadt\nlang: de\n---\n\nDer maire der Stadt.\n",
            ),
        ] {
            fs::write(corpus.join(name), text).unwrap();
        }
        let dir = folder.path().join("index");
        build(&dir, &[corpus], &BuildOptions::default(), &mut |_| {}).unwrap();
        Searcher::open(&dir).unwrap()
    }

    fn written(forms: &[&str]) -> PlannedWord {
        PlannedWord {
            typed: vec![forms.join(" ")],
            lookup: Lookup::Forms {
                forms: forms.iter().map(|&form| form.to_owned()).collect(),
                n_passages: 1,
            },
            senses: Vec::new(),
            near: Vec::new(),
            weight: 1.0,
        }
    }

    /// The places of `forms` in each passage that has any: what is certain without reading it, and what is in the end.
    fn places(
        searcher: &Searcher,
        language: Language,
        forms: &[&str],
    ) -> Vec<(bool, Vec<u32>, Vec<u32>)> {
        let segment = searcher.segments.open(&searcher.snapshot, 0).unwrap();
        let word = written(forms);
        let mut occurrences = Occurrences::open(segment, language, &word).unwrap();
        let mut all = Vec::new();
        while occurrences.doc() != TERMINATED {
            let doc = occurrences.doc();
            let Places {
                positions,
                are_certain,
            } = occurrences.places(doc);
            all.push((are_certain, positions, occurrences.positions(doc)));
            occurrences.seek(doc + 1);
        }
        // In which order articles are written depends on the threads.
        all.sort();
        all
    }

    #[test]
    fn passages_are_read_only_where_other_forms_of_a_key_stand() {
        let folder = tempfile::tempdir().unwrap();
        let searcher = searcher(&folder);
        assert_eq!(searcher.snapshot.searcher.segment_readers().len(), 1);
        let all = || vec![1, 3, 6, 9, 11, 13, 18];
        let none = || (true, vec![], vec![]);
        assert_eq!(
            places(&searcher, Language::French, &["maire"]),
            [(false, all(), vec![1, 9, 11, 18]), none(), none()]
        );
        assert_eq!(
            places(&searcher, Language::French, &["maires"]),
            [(false, all(), vec![3, 6, 13])]
        );
        assert_eq!(
            places(&searcher, Language::French, &["maire", "maires"]),
            [none(), none(), (true, all(), all())]
        );
        assert_eq!(
            places(&searcher, Language::French, &["maires", "dette"]),
            [(false, vec![1, 3, 6, 9, 11, 13, 16, 18], vec![3, 6, 13, 16])]
        );
        assert_eq!(
            places(&searcher, Language::English, &["mayor", "debt"]),
            [(false, vec![1, 3, 6, 8, 14], vec![1, 6, 14])]
        );
    }

    #[test]
    fn forms_stand_in_passages_of_the_language_only() {
        let folder = tempfile::tempdir().unwrap();
        let searcher = searcher(&folder);
        let n_found = |query: &str| {
            let answer = searcher.search(&Query::parse(query), &SearchOptions::default());
            answer.unwrap().n_passages
        };
        assert_eq!(n_found("=\"un maire\""), 1);
        assert_eq!(n_found("=\"one maire\""), 1);
        assert_eq!(n_found("=\"der maire\""), 1);
        assert_eq!(n_found("lang:fr =\"der maire\""), 0);
    }
}
