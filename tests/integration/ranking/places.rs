//! Where words, phrases and words near each other stand in a text: by trying every place.

use std::collections::BTreeSet;

/// A word of a text: numbers for its form and its key.
pub(super) struct Token {
    pub(super) form: u32,
    pub(super) key: u32,
    pub(super) range: std::ops::Range<usize>,
}

/// A word of a query.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) terms: Terms,
    /// How rare it is.
    pub(super) idf: f64,
    /// What it is worth beside that.
    pub(super) weight: f64,
}

/// What a word of a query stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Terms {
    Keys(BTreeSet<u32>),
    Forms(BTreeSet<u32>),
}

impl Word {
    /// Whether it is the same word, which some passage has, and worth as much.
    pub(super) fn is(&self, other: &Word) -> bool {
        let (Terms::Keys(terms) | Terms::Forms(terms)) = &self.terms;
        self.terms == other.terms && self.weight == other.weight && !terms.is_empty()
    }

    fn has(&self, token: &Token) -> bool {
        match &self.terms {
            Terms::Keys(keys) => keys.contains(&token.key),
            Terms::Forms(forms) => forms.contains(&token.form),
        }
    }
}

/// First and last word.
pub(super) type Span = (usize, usize);

/// What places match.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    Word(Word),
    Phrase(Vec<Word>, u32),
    Near(Box<Shape>, Box<Shape>, u32),
    Any(Vec<Shape>),
}

impl Shape {
    /// How rare it is: words that follow each other, or are near each other, as all of them together; any of several as the
    /// most common of them.
    pub(super) fn idf(&self) -> f64 {
        match self {
            Shape::Word(word) => word.weight * word.idf,
            Shape::Phrase(words, _) => words.iter().map(|word| word.weight * word.idf).sum(),
            Shape::Near(left, right, _) => left.idf() + right.idf(),
            Shape::Any(shapes) => shapes.iter().map(Shape::idf).fold(f64::MAX, f64::min),
        }
    }

    /// Whether it is a word, and a token is one of those it stands for.
    pub(super) fn has(&self, token: &Token) -> bool {
        matches!(self, Shape::Word(word) if word.has(token))
    }

    /// The places where it is in a text.
    pub(super) fn spans(&self, text: &[Token]) -> BTreeSet<Span> {
        match self {
            Shape::Word(word) => {
                let all = text.iter().enumerate();
                let places = all.filter(|(_, token)| word.has(token));
                places.map(|(at, _)| (at, at)).collect()
            }
            Shape::Phrase(words, slop) => phrases(words, *slop as i64, text),
            Shape::Near(left, right, distance) => {
                let (lefts, rights) = (left.spans(text), right.spans(text));
                let mut found = BTreeSet::new();
                // Of each on the left, with the nearest on the right, after and before.
                for &one in &lefts {
                    let near = || {
                        rights
                            .iter()
                            .filter(|other| is_near(one, **other, *distance))
                    };
                    let after = near()
                        .filter(|other| other.0 > one.1)
                        .min_by_key(|other| other.0);
                    let before = near()
                        .filter(|other| other.1 < one.0)
                        .max_by_key(|other| other.1);
                    found.extend(after.map(|other| (one.0, other.1)));
                    found.extend(before.map(|other| (other.0, one.1)));
                }
                found
            }
            Shape::Any(shapes) => shapes.iter().flat_map(|shape| shape.spans(text)).collect(),
        }
    }

    /// The places to be highlighted: phrases as a whole, and both of two things near each other.
    pub(super) fn marks(&self, text: &[Token]) -> BTreeSet<Span> {
        match self {
            Shape::Word(_) | Shape::Phrase(..) => self.spans(text),
            Shape::Near(left, right, distance) => {
                let (lefts, rights) = (left.spans(text), right.spans(text));
                let mut near = [BTreeSet::new(), BTreeSet::new()];
                for one in &lefts {
                    for other in rights
                        .iter()
                        .filter(|other| is_near(*one, **other, *distance))
                    {
                        near[0].insert(*one);
                        near[1].insert(*other);
                    }
                }
                let mut marks = BTreeSet::new();
                for (side, near) in [left, right].into_iter().zip(near) {
                    marks.extend(side.marks(text).into_iter().filter(|mark| {
                        let mut around = near.iter();
                        around.any(|span| span.0 <= mark.0 && mark.1 <= span.1)
                    }));
                }
                marks
            }
            Shape::Any(shapes) => shapes.iter().flat_map(|shape| shape.marks(text)).collect(),
        }
    }
}

/// Whether two places do not overlap and are at most `distance` words apart.
fn is_near(one: Span, other: Span, distance: u32) -> bool {
    let gap = if other.0 > one.1 {
        other.0 - one.1
    } else if one.0 > other.1 {
        one.0 - other.1
    } else {
        return false;
    };
    gap <= distance as usize
}

/// Phrases whose words have moved by at most `slop` places in all: of all ways to place the words that have moved least by
/// as much, the first.
fn phrases(words: &[Word], slop: i64, text: &[Token]) -> BTreeSet<Span> {
    let n_words = words.len() as i64;
    let mut found = BTreeSet::new();
    for least in -n_words..text.len() as i64 {
        let mut places = Vec::new();
        let is_first =
            |at: usize, word: usize| at as i64 - word as i64 == least && words[word].has(&text[at]);
        let begins = (0..text.len()).any(|at| (0..words.len()).any(|word| is_first(at, word)));
        if begins && place(words, least, slop, text, &mut places) {
            found.insert((*places.iter().min().unwrap(), *places.iter().max().unwrap()));
        }
    }
    found
}

/// Places the words that are not placed yet, each as early as can be such that the others have a place too.
fn place(words: &[Word], least: i64, slop: i64, text: &[Token], places: &mut Vec<usize>) -> bool {
    let word = places.len();
    if word == words.len() {
        return true;
    }
    for at in least + word as i64..=least + word as i64 + slop {
        let Some(at) = usize::try_from(at).ok().filter(|at| *at < text.len()) else {
            continue;
        };
        if words[word].has(&text[at]) && !places.contains(&at) {
            places.push(at);
            if place(words, least, slop, text, places) {
                return true;
            }
            places.pop();
        }
    }
    false
}
