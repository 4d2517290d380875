//! What a mistyped or half-remembered word may be: the nearest words that the index has.
//!
//! Nearness is counted in edits of the folded words, an exchange of two neighbouring letters being one. Only the nearest
//! words are taken, no function words, and they count as one word. Tried on judged queries with one typo in their longest word, nDCG@10:
//!
//! | | piaf-fr | faq-fr | squad-en | news |
//! |---|---|---|---|---|
//! | without a typo | 0.805 | 0.592 | 0.888 | 0.669 |
//! | with one, not widened | 0.674 | 0.527 | 0.783 | 0.601 |
//! | widened to the nearest words | 0.803 | 0.591 | 0.885 | 0.664 |
//! | … that begin with the same letter | 0.803 | 0.587 | 0.885 | 0.664 |
//! | … of words of five letters or more | 0.803 | 0.591 | 0.885 | 0.664 |
//! | … without those with less than 5 % of the most frequent's passages | 0.803 | 0.591 | 0.885 | 0.663 |
//!
//! (piaf-fr and squad-en: every fourth query.) The queries without an added typo gain as well where they have slips of
//! their own: piaf-fr 0.798 → 0.805.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::index::{Form, Vocabulary};
use crate::language::{fold, is_any_typed_stop_word};

/// Shortest word that is widened, in letters: shorter ones are near to everything.
const MIN_LETTERS: usize = 4;

/// Longest word of which only words one edit away are looked for; of longer ones, words two edits away.
const MAX_LETTERS_ONE_EDIT: usize = 7;

/// Most words that one is widened to, the most frequent ones.
const MAX_NEAR: usize = 16;

/// Letters that cognates have in common at their beginnings.
const COGNATE_PREFIX: usize = 3;

/// Shortest word that has cognates, in letters: *criée* is no *crime*.
const MIN_COGNATE_LETTERS: usize = 6;

/// Most words of a query that others are looked for near to, each at a fraction of a millisecond.
pub(super) const MAX_LOOKED_FOR: usize = 40;

/// A word in at most so many passages may be a slip of a much more frequent one.
pub(super) const MAX_HARDLY_KNOWN: u64 = 3;

/// Shortest word of which that is thought, in letters: *yeux* is no slip of *deux*, nor *page* of *péage*.
const MIN_HARDLY_KNOWN_LETTERS: usize = 6;

/// How many times as many passages the other must be in.
const MUCH_MORE_FREQUENT: u64 = 10;

/// What that other is worth: as much as the word itself, it would bring passages of words that are only alike (squad-en
/// 0.8925 → 0.8911, news 0.681 → 0.6785); at half, no judged collection changes by more than 0.0005.
const HARDLY_KNOWN: f32 = 0.5;

/// Words that one may be a slip of.
#[derive(Clone, Debug, Default)]
pub(super) struct Slips {
    /// As written, the most frequent first.
    pub(super) words: Vec<String>,
    /// What they are worth, beside the word as typed.
    pub(super) weight: f32,
}

/// Words near one, each with how many edits it is away.
type Near = Vec<(u8, Form)>;

/// How far from a word others are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Reach {
    /// One edit.
    One,
    /// One edit, and the same first letter.
    OneAlike,
    /// Two edits, and the same first letter: *acier* is no slip for *glacier*.
    TwoAlike,
}

/// Looks for near words, each once for all languages, and not for ever.
pub(super) struct Neighbours<'v> {
    vocabulary: &'v Vocabulary<'v>,
    /// What was found, by folded word.
    known: RefCell<FxHashMap<(String, Reach), Near>>,
}

impl<'v> Neighbours<'v> {
    pub(super) fn new(vocabulary: &'v Vocabulary<'v>) -> Neighbours<'v> {
        Neighbours {
            vocabulary,
            known: RefCell::default(),
        }
    }

    /// All forms of the index that are `folded` when folded.
    pub(super) fn spellings(&self, folded: &str) -> tantivy::Result<Arc<[Form]>> {
        self.vocabulary.spellings(folded)
    }

    /// How many words were looked for, where that is as many as there may be.
    pub(super) fn limit_reached(&self) -> Option<usize> {
        let known = self.known.borrow();
        let words = known.keys().filter(|(_, reach)| *reach != Reach::TwoAlike);
        (words.count() >= MAX_LOOKED_FOR).then_some(MAX_LOOKED_FOR)
    }

    fn near(&self, folded: &str, reach: Reach) -> tantivy::Result<Near> {
        let wanted = (folded.to_owned(), reach);
        if let Some(near) = self.known.borrow().get(&wanted) {
            return Ok(near.clone());
        }
        let may_look = match reach {
            Reach::One | Reach::OneAlike => self.limit_reached().is_none(),
            // Only where nothing was nearer.
            Reach::TwoAlike => {
                let nearer = (wanted.0.clone(), Reach::One);
                self.known.borrow().contains_key(&nearer)
            }
        };
        if !may_look {
            return Ok(Vec::new());
        }
        let first = folded.chars().next().map_or(0, char::len_utf8);
        let (edits, beginning) = match reach {
            Reach::One => (1, ""),
            Reach::OneAlike => (1, &folded[..first]),
            Reach::TwoAlike => (2, &folded[..first]),
        };
        let mut near = self.vocabulary.near(folded, edits, beginning)?.to_vec();
        near.retain(|(_, form)| !is_any_typed_stop_word(&form.form));
        self.known.borrow_mut().insert(wanted, near.clone());
        Ok(near)
    }

    /// The words nearest to a word that the index lacks.
    ///
    /// `folded` is the word, folded. Numbers are near to nothing: 2013 is no slip for 2012.
    pub(super) fn nearest(&self, folded: &str) -> tantivy::Result<Slips> {
        let Some(most_edits) = most_edits(folded) else {
            return Ok(Slips::default());
        };
        let mut near = self.near(folded, Reach::One)?;
        if near.is_empty() && most_edits > 1 {
            near = self.near(folded, Reach::TwoAlike)?;
        }
        Ok(Slips {
            words: most_frequent(near),
            weight: 1.0,
        })
    }

    /// The words of which a word in `n_passages` passages may be a slip all the same, since they are so much more
    /// frequent; and begin alike, as most slips do: where there is hardly a doubt, no time is spent.
    pub(super) fn much_more_frequent(
        &self,
        folded: &str,
        n_passages: u64,
    ) -> tantivy::Result<Slips> {
        let is_short = folded.chars().count() < MIN_HARDLY_KNOWN_LETTERS;
        if n_passages > MAX_HARDLY_KNOWN || is_short || most_edits(folded).is_none() {
            return Ok(Slips::default());
        }
        let mut near = self.near(folded, Reach::OneAlike)?;
        near.retain(|(edits, form)| {
            *edits == 1 && form.n_passages >= n_passages.max(1) * MUCH_MORE_FREQUENT
        });
        Ok(Slips {
            words: most_frequent(near),
            weight: HARDLY_KNOWN,
        })
    }

    /// The words that a word of another language may be a cognate of: near it, and beginning alike.
    pub(super) fn cognates(&self, folded: &str) -> tantivy::Result<Vec<String>> {
        let is_short = folded.chars().count() < MIN_COGNATE_LETTERS;
        if is_short || most_edits(folded).is_none() {
            return Ok(Vec::new());
        }
        let beginning: String = folded.chars().take(COGNATE_PREFIX).collect();
        let mut near = self.near(folded, Reach::One)?;
        near.retain(|(_, form)| fold(&form.form).starts_with(&beginning));
        Ok(most_frequent(near))
    }
}

/// How many edits away from a word others are looked for; `None` for one that is not widened.
pub(super) fn most_edits(folded: &str) -> Option<u8> {
    let n_letters = folded.chars().count();
    if n_letters < MIN_LETTERS || folded.contains(|c: char| c.is_ascii_digit()) {
        None
    } else if n_letters <= MAX_LETTERS_ONE_EDIT {
        Some(1)
    } else {
        Some(2)
    }
}

fn most_frequent(mut near: Near) -> Vec<String> {
    near.sort_by_key(|(_, form)| Reverse(form.n_passages));
    near.truncate(MAX_NEAR);
    near.into_iter().map(|(_, form)| form.form).collect()
}
