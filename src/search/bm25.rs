//! BM25, with the statistics of one language.
//!
//! Okapi BM25 as Lucene has it (Robertson and Zaragoza, *The Probabilistic Relevance Framework*, 2009, with the idf that
//! cannot be negative): for each word of the query
//!
//! ```text
//! idf · tf · (k1 + 1) / (tf + k1 · (1 − b + b · length / average length)),   idf = ln(1 + (N − n + ½) / (n + ½))
//! ```
//!
//! where N is the number of passages *in the language*, n how many of them have the word, length the number of words of
//! the passage with title and heading. tantivy's own BM25 would take N and the average over all passages, which skews
//! both as soon as two languages share an index.

use std::ops::Range;

use tantivy::DocId;
use tantivy::directory::OwnedBytes;
use tantivy::fieldnorm::FieldNormReader;

use crate::index::Size;

/// Term frequency saturation. Lower than the usual 1.2: passages are short, and a word that comes back tells little more.
/// nDCG@10 on questions on encyclopedia text (French, English), on offices, and on news:
///
/// | k1 | piaf-fr | squad-en | faq-fr | news |
/// |---|---|---|---|---|
/// | 1.6 | 0.812 | 0.889 | 0.610 | 0.682 |
/// | 1.2 | 0.811 | 0.892 | 0.615 | 0.685 |
/// | 0.9 | 0.812 | 0.896 | 0.615 | 0.685 |
/// | 0.7 | 0.813 | 0.897 | 0.614 | 0.685 |
const K1: f32 = 0.9;
/// Length normalization. 0.5 loses 0.7 % on the offices, 0.9 as much on news; an average length that is not that of the
/// passages of the index, but fixed (60 to 300 words), changes nothing by more than 0.3 %.
const B: f32 = 0.75;

/// How many passages a language has, and how long they are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Statistics {
    pub(super) n_passages: u64,
    pub(super) average_words: f32,
    /// Of an article, in all its passages in the language.
    pub(super) average_article_words: f32,
}

impl Statistics {
    /// Those of a language of this size.
    pub(super) fn of(size: Size) -> Statistics {
        Statistics {
            n_passages: size.n_passages,
            average_words: size.n_words as f32 / size.n_passages.max(1) as f32,
            average_article_words: size.n_words as f32 / size.n_articles.max(1) as f32,
        }
    }

    /// The weight of a word that `n_with` passages have.
    pub(super) fn idf(&self, n_with: u64) -> f32 {
        // The postings of a word with several keys may overlap: their sum may exceed the number of passages.
        let n_with = n_with.min(self.n_passages) as f32;
        let n_without = self.n_passages as f32 - n_with;
        (1.0 + (n_without + 0.5) / (n_with + 0.5)).ln()
    }

    /// What [`score`] needs of each of the 256 lengths that the index tells apart.
    pub(super) fn norms(&self) -> [f32; 256] {
        std::array::from_fn(|code| {
            let n_words = FieldNormReader::id_to_fieldnorm(code as u8) as f32;
            norm(n_words, self.average_words)
        })
    }
}

/// What [`score`] needs of a length, in words, beside the average of those it is compared with.
pub(super) fn norm(n_words: f32, average_words: f32) -> f32 {
    K1 * (1.0 - B + B * n_words / average_words.max(1.0))
}

/// The score of a word (or phrase) that occurs `frequency` times in a passage with this norm.
pub(super) fn score(idf: f32, frequency: u32, norm: f32) -> f32 {
    let frequency = frequency as f32;
    idf * frequency * (K1 + 1.0) / (frequency + norm)
}

/// What is kept of a segment of how long the passages of a language are.
pub(super) struct KeptLengths {
    /// The code of each length.
    codes: OwnedBytes,
    /// What [`score`] needs of each code.
    norms: [f32; 256],
}

impl KeptLengths {
    /// Of lengths by their codes, as the index has them, in a language with these statistics.
    pub(super) fn new(codes: OwnedBytes, statistics: &Statistics) -> KeptLengths {
        KeptLengths {
            codes,
            norms: statistics.norms(),
        }
    }

    pub(super) fn lengths(&self) -> Lengths<'_> {
        Lengths {
            codes: &self.codes,
            norms: &self.norms,
        }
    }
}

/// How long the passages of a language are in a segment, and what that makes of their scores. Two references, to be given
/// by value: so they stay in registers where thousands of passages are scored.
#[derive(Clone, Copy)]
pub(super) struct Lengths<'k> {
    codes: &'k [u8],
    norms: &'k [f32; 256],
}

impl Lengths<'_> {
    fn code(self, doc: DocId) -> u8 {
        self.codes[doc as usize]
    }

    /// The words of a passage, nearly; none where it is in another language.
    pub(super) fn n_words(self, doc: DocId) -> u32 {
        FieldNormReader::id_to_fieldnorm(self.code(doc))
    }

    /// The words of passages that follow each other, likewise.
    pub(super) fn n_words_in(self, docs: Range<DocId>) -> u32 {
        let codes = &self.codes[docs.start as usize..docs.end as usize];
        let n_words = codes
            .iter()
            .map(|code| FieldNormReader::id_to_fieldnorm(*code));
        n_words.sum()
    }

    pub(super) fn norm(self, doc: DocId) -> f32 {
        self.norms[usize::from(self.code(doc))]
    }

    /// What a word adds to the score of `doc`, which has it so often.
    pub(super) fn score(self, idf: f32, doc: DocId, frequency: u32) -> f64 {
        f64::from(score(idf, frequency, self.norm(doc)))
    }

    /// Whether that reaches `bar`; sometimes also where it is hardly less.
    pub(super) fn reaches(self, bar: Bar, doc: DocId, frequency: u32) -> bool {
        bar.may_be_reached(frequency, self.norm(doc))
    }
}

/// More than [`score`] gives for any frequency and norm.
pub(super) fn bound(idf: f32) -> f64 {
    // Frequency over frequency and norm is below 1, up to the rounding of its parts.
    f64::from(idf) * f64::from(K1 + 1.0) * (1.0 + 1e-5)
}

/// A score to be reached by a word. Whether it is, is asked of thousands of passages: so it takes two multiplications.
///
/// idf · f · (k1 + 1) ≥ s · (f + norm), the frequency being f and the score s, is f · (idf · (k1 + 1) − s) ≥ s · norm.
#[derive(Clone, Copy)]
pub(super) struct Bar {
    for_frequency: f32,
    for_norm: f32,
}

impl Bar {
    /// What is reached by [`score`]s of a word with this idf that are `least` or more.
    pub(super) fn new(least: f32, idf: f32) -> Bar {
        // The products, and the difference, are off by some 1e-7 of them at most.
        let least = least * (1.0 - 1e-5);
        Bar {
            for_frequency: idf * (K1 + 1.0) - least,
            for_norm: least,
        }
    }

    /// Never false where it is reached, and hardly ever true where it is not.
    fn may_be_reached(self, frequency: u32, norm: f32) -> bool {
        frequency as f32 * self.for_frequency >= self.for_norm * norm
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_reaches_a_score_is_told_without_dividing(
            idf in 0.001_f32..25.0,
            frequency in prop_oneof![1_u32..100, 1_u32..1 << 20],
            norm in prop_oneof![0.2_f32..30.0, 0.2_f32..10_000.0],
            other_frequency in 1_u32..100,
            other_norm in 0.2_f32..30.0,
            below_bound in 0.999_f32..1.0,
        ) {
            let value = score(idf, frequency, norm);
            let may_reach = |least: f32| Bar::new(least, idf).may_be_reached(frequency, norm);
            prop_assert!(may_reach(value), "a tie");
            prop_assert!(may_reach(-1.0));
            prop_assert!(!may_reach(value * 1.0001));
            let other = score(idf, other_frequency, other_norm);
            for least in [other, bound(idf) as f32 * below_bound] {
                prop_assert!(value < least || may_reach(least));
            }
        }
    }

    #[test]
    fn a_value_computed_by_hand() {
        let statistics = Statistics {
            n_passages: 10,
            average_words: 20.0,
            average_article_words: 100.0,
        };
        // idf = ln(1 + 8.5 / 2.5) = ln 4.4 = 1.4816; a length of 20 is kept exactly: norm = k1.
        let idf = statistics.idf(2);
        assert!((idf - 1.481_604_5).abs() < 1e-6, "{idf}");
        let norm = statistics.norms()[20];
        assert!((norm - 0.9).abs() < 1e-6, "{norm}");
        // 1.4816 · 3 · 1.9 / (3 + 0.9)
        let score = score(idf, 3, norm);
        assert!((score - 2.165_422).abs() < 1e-5, "{score}");
    }

    #[test]
    fn common_words_weigh_little_but_never_less_than_nothing() {
        let statistics = Statistics {
            n_passages: 10,
            average_words: 20.0,
            average_article_words: 100.0,
        };
        assert!(statistics.idf(1) > statistics.idf(9));
        assert!(statistics.idf(10) > 0.0);
        assert_eq!(statistics.idf(10), statistics.idf(15));
    }
}
