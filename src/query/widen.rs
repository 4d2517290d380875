//! What a word of a query stands for in the index: its own key, and those of other spellings of it.
//!
//! | typed | looked up |
//! |---|---|
//! | `obscurités` | its stem, and that of the same word written without accents (capitals often are), if the index has it |
//! | `obscurite` (no accents) | its stem, and the stems of every accented spelling that the index has |
//! | `depute` where only *députées* occurs | the stems of accented words that have the same one without accents |
//!
//! The last row would let `chat` find *châtiment*: it is only taken for words more common in the index than the word
//! as typed, and at most [`MAX_ENDING_CHARS`] longer or shorter.

use std::slice;
use std::sync::Arc;

use super::known::Widening;
use super::plan::{PlannedWord, Sense};
use super::typo::{MAX_HARDLY_KNOWN, Neighbours, Slips};
use super::words::TypedWord;
use crate::index::{Form, Vocabulary};
use crate::language::{Analyzer, Language, fold, is_any_stop_word, is_folded};

/// Most characters by which an inflected form may differ in length from the word typed without accents.
const MAX_ENDING_CHARS: usize = 3;

/// Shortest stem, in bytes, by which inflections are looked for: shorter ones begin too many words.
const MIN_STEM_BYTES: usize = 3;

/// Shortest second word that may be written together with the one before it, in characters.
const MIN_LAST_PART: usize = 3;

/// Finds the keys of words in one language.
pub(super) struct Widener<'v> {
    analyzer: Analyzer,
    vocabulary: &'v Vocabulary<'v>,
    neighbours: &'v Neighbours<'v>,
}

impl<'v> Widener<'v> {
    pub(super) fn new(
        language: Language,
        vocabulary: &'v Vocabulary<'v>,
        neighbours: &'v Neighbours<'v>,
    ) -> Widener<'v> {
        Widener {
            analyzer: Analyzer::new(language),
            vocabulary,
            neighbours,
        }
    }

    /// What stands for a word as typed: itself, and where the index hardly knows it, what it may be a slip of, which
    /// weighs less.
    pub(super) fn word<'w>(
        &mut self,
        word: &'w TypedWord,
        widening: Widening,
    ) -> tantivy::Result<&'w [Arc<PlannedWord>]> {
        let language = self.language();
        word.known.words(language, widening, || {
            let words = self.widen(word.form(), widening)?;
            Ok(words.into_iter().map(Arc::new).collect())
        })
    }

    fn widen(&mut self, form: &str, widening: Widening) -> tantivy::Result<Vec<PlannedWord>> {
        let own = self.key(form);
        if widening == Widening::None {
            return Ok(vec![self.word_of_keys(form, vec![own])?]);
        }
        let folded = fold(form);
        let mut keys = vec![own.clone()];
        let spellings = self.neighbours.spellings(&folded)?;
        for spelling in spellings.iter() {
            if means(form, &folded, &spelling.form) {
                keys.push(self.key(&spelling.form));
            }
        }
        if !is_any_stop_word(&folded) && !folded.starts_with(|c: char| c.is_ascii_digit()) {
            if form == folded {
                let as_typed = spellings.iter().find(|spelling| spelling.form == form);
                let n_as_typed = as_typed.map_or(0, |spelling| spelling.n_passages);
                self.accented_inflections(form, n_as_typed, &mut keys)?;
            } else {
                self.unaccented_inflections(&folded, &mut keys)?;
            }
        }
        self.retain_known(&mut keys)?;
        let slips = match widening {
            Widening::Slips | Widening::Doubts => {
                self.slips(form, &folded, &spellings, widening)?
            }
            Widening::Spellings | Widening::None => Slips::default(),
        };
        let mut slip_keys = Vec::new();
        let mut near = slips.words;
        near.retain(|near| {
            let key = self.key(near);
            let is_new = !keys.contains(&key) && !slip_keys.contains(&key);
            slip_keys.push(key);
            is_new
        });
        slip_keys.retain(|key| !keys.contains(key));
        self.retain_known(&mut slip_keys)?;
        let mut words = Vec::new();
        if !keys.is_empty() {
            words.push(self.word_of_keys(form, keys)?);
        }
        if !slip_keys.is_empty() {
            words.push(PlannedWord {
                near,
                weight: slips.weight,
                ..self.word_of_keys(form, slip_keys)?.in_sense(Sense::Slip)
            });
        }
        if words.is_empty() {
            words.push(self.word_of_keys(form, vec![own])?);
        }
        Ok(words)
    }

    /// A word typed as `typed` that is looked up by its keys.
    pub(super) fn word_of_keys(
        &self,
        typed: &str,
        keys: Vec<String>,
    ) -> tantivy::Result<PlannedWord> {
        let mut n_passages = 0;
        for key in &keys {
            n_passages += self.vocabulary.n_passages(self.language(), key)?;
        }
        Ok(PlannedWord::of_keys(typed, keys, n_passages))
    }

    /// The key of a word of the language, if the index has it.
    pub(super) fn known_key(&mut self, form: &str) -> tantivy::Result<Option<String>> {
        let key = self.key(form);
        Ok(self.is_known(&key)?.then_some(key))
    }

    /// Whether any passage in the language has a key.
    fn is_known(&self, key: &str) -> tantivy::Result<bool> {
        Ok(self.vocabulary.n_passages(self.language(), key)? > 0)
    }

    /// Words of the language that a word of another is a cognate of, the nearest ones: their keys, sorted, and the words.
    pub(super) fn cognates(&mut self, form: &str) -> tantivy::Result<(Vec<String>, Vec<String>)> {
        let mut keys: Vec<String> = Vec::new();
        let mut words: Vec<String> = Vec::new();
        for near in self.neighbours.cognates(&fold(form))? {
            if let Some(key) = self.known_key(&near)? {
                words.push(near);
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        keys.sort_unstable();
        Ok((keys, words))
    }

    /// The words that `form` may be a slip of: where the index does not know it in any language, or in doubt, hardly.
    fn slips(
        &mut self,
        form: &str,
        folded: &str,
        spellings: &[Form],
        widening: Widening,
    ) -> tantivy::Result<Slips> {
        if is_any_stop_word(form) {
            return Ok(Slips::default());
        }
        let n_passages = self.n_known(form, folded, spellings)?;
        match n_passages {
            0 => self.neighbours.nearest(folded),
            _ if widening == Widening::Doubts => {
                self.neighbours.much_more_frequent(folded, n_passages)
            }
            _ => Ok(Slips::default()),
        }
    }

    /// The two words of the language that a word which the index lacks may be: `degaulle` for *de Gaulle*. Of several such
    /// pairs, the one whose lesser word is the most frequent. `None` when the index has the word.
    pub(super) fn written_apart<'w>(
        &mut self,
        word: &'w TypedWord,
    ) -> tantivy::Result<Option<&'w [Arc<PlannedWord>]>> {
        let language = self.language();
        word.known.apart(language, || self.look_apart(word.form()))
    }

    fn look_apart(&mut self, form: &str) -> tantivy::Result<Option<Vec<Arc<PlannedWord>>>> {
        let folded = fold(form);
        let is_word = folded.chars().all(char::is_alphabetic);
        let spellings = self.neighbours.spellings(&folded)?;
        if !is_word || self.n_known(form, &folded, &spellings)? > 0 {
            return Ok(None);
        }
        let mut best: Option<(u64, [&str; 2], [String; 2])> = None;
        let n_chars = form.chars().count();
        for (n_before, (at, _)) in form.char_indices().enumerate() {
            if n_before == 0 || n_chars - n_before < MIN_LAST_PART {
                continue;
            }
            let parts = [&form[..at], &form[at..]];
            let keys = parts.map(|part| self.key(part));
            let mut n_passages = u64::MAX;
            for key in &keys {
                n_passages = n_passages.min(self.vocabulary.n_passages(self.language(), key)?);
            }
            let is_better = best.as_ref().is_none_or(|(most, ..)| n_passages > *most);
            let pair = [keys[0].as_str(), keys[1].as_str()];
            if n_passages > 0 && is_better && self.vocabulary.has_pair(self.language(), pair)? {
                best = Some((n_passages, parts, keys));
            }
        }
        let mut words = Vec::new();
        if let Some((_, parts, keys)) = best {
            for key in keys {
                words.push(Arc::new(PlannedWord {
                    near: vec![parts.join(" ")],
                    senses: Vec::new(),
                    ..self.word_of_keys(form, vec![key])?
                }));
            }
        }
        Ok(Some(words))
    }

    /// In how many passages a word is, in any of its spellings and inflections, in the language that has the most; at
    /// least so many, where that is no matter of doubt.
    fn n_known(&self, form: &str, folded: &str, spellings: &[Form]) -> tantivy::Result<u64> {
        let meant = spellings.iter().map(|spelling| spelling.form.as_str());
        let meant = meant.filter(|spelling| means(form, folded, spelling));
        let forms: Vec<&str> = meant.chain([form]).collect();
        let mut most: u64 = spellings.iter().map(|spelling| spelling.n_passages).sum();
        if most > MAX_HARDLY_KNOWN {
            return Ok(most);
        }
        for language in Language::ALL {
            let mut analyzer = Analyzer::new(language);
            let mut keys: Vec<String> = Vec::new();
            for form in &forms {
                let mut key = String::new();
                analyzer.key(form, &mut key);
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
            let mut n_passages = 0;
            for key in &keys {
                n_passages += self.vocabulary.n_passages(language, key)?;
            }
            most = most.max(n_passages);
        }
        Ok(most)
    }

    /// Adds the keys of accented words that could be inflections of `form`, typed without accents.
    fn accented_inflections(
        &mut self,
        form: &str,
        n_as_typed: u64,
        keys: &mut Vec<String>,
    ) -> tantivy::Result<()> {
        let stems = self.stems_without_accents(form);
        for candidate in self.inflections(form, &stems, true)? {
            if is_folded(&candidate.form) || candidate.n_passages <= n_as_typed {
                continue;
            }
            let key = self.key(&candidate.form);
            if stems.contains(&fold(&key)) || stems.contains(&self.key(&fold(&candidate.form))) {
                keys.push(key);
            }
        }
        Ok(())
    }

    /// Adds the key of a word typed with accents as it is without them, where a form without accents has it.
    fn unaccented_inflections(
        &mut self,
        folded: &str,
        keys: &mut Vec<String>,
    ) -> tantivy::Result<()> {
        let stem = self.key(folded);
        for candidate in self.inflections(folded, slice::from_ref(&stem), false)? {
            if is_folded(&candidate.form) && self.key(&candidate.form) == stem {
                keys.push(stem);
                break;
            }
        }
        Ok(())
    }

    /// The forms of the index that begin as the shortest of `stems` does and are about as long as `form`; with accents
    /// only, if asked.
    fn inflections(
        &self,
        form: &str,
        stems: &[String],
        is_accented: bool,
    ) -> tantivy::Result<Vec<Form>> {
        let shortest = stems.iter().min_by_key(|stem| stem.len());
        let Some(prefix) = shortest.filter(|stem| stem.len() >= MIN_STEM_BYTES) else {
            return Ok(Vec::new());
        };
        let n_chars = form.chars().count();
        // Folding takes apostrophes off, and may make two letters of one.
        let most = n_chars + MAX_ENDING_CHARS + 1;
        let least = n_chars.saturating_sub(MAX_ENDING_CHARS + 1);
        let candidates = self
            .vocabulary
            .inflections(prefix, least..=most, is_accented)?;
        let are_near = |candidate: &&Form| {
            candidate.form.chars().count().abs_diff(n_chars) <= MAX_ENDING_CHARS
        };
        Ok(candidates.iter().filter(are_near).cloned().collect())
    }

    /// The stem of `form`, typed without accents, and in French the one it would have if its last *e* were an *é*:
    /// Snowball takes *-ées* off, but not *-ees*.
    fn stems_without_accents(&mut self, form: &str) -> Vec<String> {
        let mut stems = vec![self.key(form)];
        if self.language() == Language::French {
            let ending = ["ees", "ee", "es", "e"]
                .into_iter()
                .find(|ending| form.ends_with(ending));
            if let Some(ending) = ending {
                let base = &form[..form.len() - ending.len()];
                let restored = format!("{base}é{}", &ending[1..]);
                stems.push(fold(&self.key(&restored)));
            }
        }
        stems
    }

    /// Leaves the keys that the index has, each once, sorted.
    fn retain_known(&self, keys: &mut Vec<String>) -> tantivy::Result<()> {
        let mut known: Vec<String> = Vec::new();
        for key in keys.drain(..) {
            if !known.contains(&key) && self.is_known(&key)? {
                known.push(key);
            }
        }
        known.sort_unstable();
        *keys = known;
        Ok(())
    }

    fn language(&self) -> Language {
        self.analyzer.language()
    }

    fn key(&mut self, form: &str) -> String {
        let mut key = String::new();
        self.analyzer.key(form, &mut key);
        key
    }
}

/// Tells whether a searcher who types `form` (which folds to `folded`) means `spelling`, which folds alike.
///
/// Typed without accents, every spelling. Typed with accents: the same word without any (as capitals often are), with
/// another accent on an *e* (`évènement`, `événement`), with or without one on its first letter; but no stop word, unless
/// it is one itself: `thé` is not `the`.
fn means(form: &str, folded: &str, spelling: &str) -> bool {
    if form == folded {
        return true;
    }
    if is_any_stop_word(spelling) && !is_any_stop_word(form) {
        return false;
    }
    if spelling == folded {
        return true;
    }
    let plain = |c: char| fold(c.encode_utf8(&mut [0; 4]));
    let agree = |(at, (typed, written)): (usize, (char, char))| {
        let are_accented_e = plain(typed) == "e" && typed != 'e' && written != 'e';
        typed == written || ((at == 0 || are_accented_e) && plain(typed) == plain(written))
    };
    form.chars().count() == spelling.chars().count()
        && form.chars().zip(spelling.chars()).enumerate().all(agree)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_typed_are_meant() {
        let means = |form: &str, spelling: &str| means(form, &fold(form), spelling);
        assert!(means("peche", "pêche") && means("peche", "péché"));
        assert!(means("pêche", "peche"), "capitals lack accents");
        assert!(!means("pêche", "péché") && !means("péché", "pêche"));
        assert!(means("évènement", "événement") && means("évènement", "evénement"));
        assert!(!means("thé", "the"));
        assert!(means("à", "a"), "both are stop words");
        assert!(means("evenement", "événement") && means("evénement", "événement"));
    }
}
