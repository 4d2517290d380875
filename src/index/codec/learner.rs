//! Learns dictionaries from the texts that are written, and gives the one that is the best so far.

use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;
use tantivy::directory::OwnedBytes;

use super::train::train;
use super::{Dictionary, Encoder, write_number};
use crate::language::Language;

/// Bytes of texts before the first dictionary of their kind: until then they are as they are.
const FIRST_BYTES: u64 = 32 << 10;

/// How many times as many there are before each dictionary after it.
const GROWTH: u64 = 12;

/// Bytes of the texts that a dictionary is learned from, at most: with twice as many, texts take 3 % less, and learning takes
/// twice as long.
pub(in crate::index) const MAX_SAMPLE_BYTES: u64 = 4 << 20;

/// About what a passage takes, and what is known of an article: measured on 10,487 articles, chapters and news.
pub(in crate::index) const PASSAGE_BYTES: u64 = 570;
pub(in crate::index) const RECORD_BYTES: u64 = 165;

/// Texts that have dictionaries of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::index) enum Kind {
    /// The passages in a language, and their headings.
    Passages(Language),
    /// What is known of articles and files.
    Records,
}

impl Kind {
    pub(in crate::index) const ALL: [Kind; 4] = [
        Kind::Passages(Language::French),
        Kind::Passages(Language::English),
        Kind::Passages(Language::Other),
        Kind::Records,
    ];

    fn place(self) -> usize {
        match self {
            Kind::Passages(Language::French) => 0,
            Kind::Passages(Language::English) => 1,
            Kind::Passages(Language::Other) => 2,
            Kind::Records => 3,
        }
    }
}

/// A dictionary that was learned.
pub(in crate::index) struct Learned {
    /// No other dictionary of the index has it; above 0.
    pub(in crate::index) number: u64,
    pub(in crate::index) kind: Kind,
    pub(in crate::index) dictionary: Dictionary,
}

impl Learned {
    /// Reads what [`Learner::learn`] gave; `None` when it makes no sense. To write with it, see whether
    /// its dictionary [has texts](Dictionary::has_texts).
    pub(in crate::index) fn read(number: u64, bytes: &OwnedBytes) -> Option<Learned> {
        let place = usize::from(*bytes.first()?);
        Some(Learned {
            number,
            kind: *Kind::ALL.get(place)?,
            dictionary: Dictionary::read(&bytes.slice(1..bytes.len())).ok()?,
        })
    }
}

/// Learns from the texts that several threads write.
pub(in crate::index) struct Learner {
    last_number: AtomicU64,
    kinds: [Mutex<OfKind>; Kind::ALL.len()],
}

/// What is known of texts of a kind.
struct OfKind {
    current: Option<Arc<Current>>,
    /// Bytes of all texts so far, and how many there are to be before there is another dictionary.
    n_bytes: u64,
    due_at: u64,
    /// Texts since the last dictionary, all or some: evenly.
    sample: Vec<String>,
    n_sampled: u64,
    n_passed: u64,
}

/// The dictionary in which texts are written.
struct Current {
    number: u64,
    encoder: Encoder,
}

impl Learner {
    /// Goes on with the dictionaries of an index, of which there were ever `last_number`: one that is lost leaves texts behind
    /// that must not be read with another. Of each of [`Kind::ALL`], about how many bytes of texts there are.
    pub(in crate::index) fn new(known: Vec<Learned>, last_number: u64, n_bytes: &[u64]) -> Learner {
        let numbers = known.iter().map(|learned| learned.number);
        let last_number = numbers.fold(last_number, u64::max);
        let mut latest: [Option<Learned>; Kind::ALL.len()] = Default::default();
        for learned in known {
            let latest = &mut latest[learned.kind.place()];
            if latest
                .as_ref()
                .is_none_or(|latest| latest.number < learned.number)
            {
                *latest = Some(learned);
            }
        }
        let mut kinds = latest.into_iter().zip(n_bytes).map(|(latest, &n_bytes)| {
            let due_at = match latest {
                None => FIRST_BYTES,
                Some(_) => next_due(n_bytes),
            };
            Mutex::new(OfKind {
                current: latest.map(|learned| {
                    Arc::new(Current {
                        number: learned.number,
                        encoder: Encoder::new(learned.dictionary),
                    })
                }),
                n_bytes,
                due_at,
                sample: Vec::new(),
                n_sampled: 0,
                n_passed: 0,
            })
        });
        Learner {
            last_number: AtomicU64::new(last_number),
            kinds: Kind::ALL.map(|_| kinds.next().expect("there is one for each")),
        }
    }

    /// Takes note of a text that is written.
    pub(in crate::index) fn note(&self, kind: Kind, text: &str) {
        let mut kind = lock(&self.kinds[kind.place()]);
        kind.note(text);
    }

    /// Whether the texts of so many bytes to come are so much more than those before that they should have dictionaries of their
    /// own.
    pub(in crate::index) fn is_start(&self, n_to_come: u64) -> bool {
        let n_before: u64 = self.kinds.iter().map(|kind| lock(kind).n_bytes).sum();
        n_before.saturating_mul(GROWTH) <= n_to_come && n_to_come >= FIRST_BYTES
    }

    /// Learns from some of the texts to come, which have so many bytes in all; gives dictionaries, as [`Learner::learn`] does.
    pub(in crate::index) fn start(
        &self,
        sample: Vec<(Kind, String)>,
        n_to_come: u64,
    ) -> Vec<(u64, Vec<u8>)> {
        let mut texts: [Vec<String>; Kind::ALL.len()] = Default::default();
        for (kind, text) in sample {
            texts[kind.place()].push(text);
        }
        let learned = Kind::ALL.into_par_iter().zip(texts);
        let learned = learned.filter_map(|(kind, texts)| {
            let (texts, n_bytes) = thin_out(texts);
            if n_bytes < FIRST_BYTES {
                return None; // when there are more of them
            }
            // Some of all there is to come, or only of its beginning.
            let n_known = match n_bytes >= MAX_SAMPLE_BYTES.min(n_to_come) / 2 {
                true => n_to_come,
                false => n_bytes,
            };
            {
                let mut of_kind = lock(&self.kinds[kind.place()]);
                of_kind.due_at = next_due(of_kind.n_bytes + n_known);
            }
            Some(self.learn_from(kind, &texts))
        });
        learned.collect()
    }

    /// A new dictionary, if one is due: its number, and what is to be stored of it. Texts are written in it from now on, so it
    /// has to be in the same commit.
    pub(in crate::index) fn learn(&self) -> Option<(u64, Vec<u8>)> {
        let (kind, sample) = Kind::ALL.into_iter().find_map(|kind| {
            let sample = lock(&self.kinds[kind.place()]).take_due()?;
            Some((kind, sample))
        })?;
        // Not while others wait.
        Some(self.learn_from(kind, &sample))
    }

    fn learn_from(&self, kind: Kind, texts: &[String]) -> (u64, Vec<u8>) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let dictionary = train(&texts);
        let mut bytes = vec![kind.place() as u8];
        bytes.extend(dictionary.to_bytes());
        let number = self.last_number.fetch_add(1, Ordering::Relaxed) + 1;
        let encoder = Encoder::new(dictionary);
        lock(&self.kinds[kind.place()]).current = Some(Arc::new(Current { number, encoder }));
        (number, bytes)
    }

    /// The number of the last dictionary.
    pub(in crate::index) fn last_number(&self) -> u64 {
        self.last_number.load(Ordering::Relaxed)
    }

    /// How texts of a kind are written now.
    pub(in crate::index) fn codes(&self, kind: Kind) -> Codes {
        Codes(lock(&self.kinds[kind.place()]).current.clone())
    }
}

impl OfKind {
    fn note(&mut self, text: &str) {
        let n_bytes = text.len() as u64;
        self.n_bytes += n_bytes;
        self.n_passed += n_bytes;
        // So many of those up to the next dictionary that the sample has room for, one here and one there.
        let n_to_pass = self.due_at.saturating_sub(self.n_bytes) + self.n_passed;
        let share = MAX_SAMPLE_BYTES as f64 / n_to_pass.max(1) as f64;
        if (self.n_sampled as f64) < share * self.n_passed as f64
            && self.n_sampled < MAX_SAMPLE_BYTES
        {
            self.sample.push(text.to_owned());
            self.n_sampled += n_bytes;
        }
    }

    /// What the next dictionary is to be learned from, when there is enough.
    fn take_due(&mut self) -> Option<Vec<String>> {
        if self.n_bytes < self.due_at || self.n_sampled < FIRST_BYTES {
            return None;
        }
        self.due_at = next_due(self.n_bytes);
        (self.n_sampled, self.n_passed) = (0, 0);
        Some(mem::take(&mut self.sample))
    }
}

/// Texts here and there among `texts`, of no more bytes than are learned from, and how many they have.
fn thin_out(texts: Vec<String>) -> (Vec<String>, u64) {
    let n_bytes = |texts: &[String]| texts.iter().map(|text| text.len() as u64).sum::<u64>();
    let share = MAX_SAMPLE_BYTES as f64 / n_bytes(&texts).max(1) as f64;
    let (mut n_passed, mut n_kept) = (0.0, 0.0);
    let kept = texts.into_iter().filter(|text| {
        n_passed += text.len() as f64;
        let is_kept = n_kept < share * n_passed;
        n_kept += if is_kept { text.len() as f64 } else { 0.0 };
        is_kept
    });
    let kept: Vec<String> = kept.collect();
    let n_bytes = n_bytes(&kept);
    (kept, n_bytes)
}

/// How many bytes of texts there are to be before the dictionary after one that was learned at `n_bytes`.
fn next_due(n_bytes: u64) -> u64 {
    n_bytes.max(FIRST_BYTES).saturating_mul(GROWTH)
}

/// How texts of a kind are written.
pub(in crate::index) struct Codes(Option<Arc<Current>>);

impl Codes {
    /// Appends the number of the dictionary, in which [`Codes::write`] writes.
    pub(in crate::index) fn write_dictionary(&self, into: &mut Vec<u8>) {
        let number = self.0.as_ref().map_or(0, |current| current.number);
        write_number(number, into);
    }

    /// Appends `text`.
    pub(in crate::index) fn write(&self, text: &str, into: &mut Vec<u8>) {
        match &self.0 {
            Some(current) => current.encoder.encode(text, into),
            None => into.extend_from_slice(text.as_bytes()),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::codec::read_number;

    const FRENCH: Kind = Kind::Passages(Language::French);

    fn learner(last_number: u64) -> Learner {
        Learner::new(Vec::new(), last_number, &[0; Kind::ALL.len()])
    }

    /// Notes texts until there are so many bytes of them; returns the numbers of the dictionaries that came of it, and after how
    /// many bytes.
    fn note(learner: &Learner, kind: Kind, n_bytes: u64) -> Vec<(u64, u64)> {
        let mut learned = Vec::new();
        let mut n_noted = 0;
        for number in 0.. {
            let text =
                format!("La marée {number} monte dans la baie, et la mer avec elle. ").repeat(20);
            learner.note(kind, &text);
            n_noted += text.len() as u64;
            learned.extend(learner.learn().map(|(number, _)| (number, n_noted)));
            if n_noted >= n_bytes {
                break;
            }
        }
        learned
    }

    #[test]
    fn dictionaries_follow_each_other_as_there_is_more() {
        let learned = note(&learner(3), FRENCH, 6 * FIRST_BYTES * GROWTH);
        let numbers: Vec<u64> = learned.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [4, 5]);
        assert!(learned[0].1 >= FIRST_BYTES && learned[0].1 < 2 * FIRST_BYTES);
        assert!(learned[1].1 >= FIRST_BYTES * GROWTH && learned[1].1 < FIRST_BYTES * GROWTH * 2);
    }

    #[test]
    fn kinds_learn_for_themselves() {
        let learner = learner(0);
        assert_eq!(note(&learner, FRENCH, 2 * FIRST_BYTES).len(), 1);
        let number = |kind| {
            let mut bytes = Vec::new();
            learner.codes(kind).write_dictionary(&mut bytes);
            read_number(&mut bytes.as_slice()).unwrap()
        };
        assert_eq!(number(FRENCH), 1);
        assert_eq!(number(Kind::Records), 0);
    }

    #[test]
    fn what_is_to_come_is_learned_from_once() {
        let learner = learner(0);
        assert!(!learner.is_start(FIRST_BYTES - 1), "too little");
        assert!(learner.is_start(2 * FIRST_BYTES));
        let text = "Le phare éclaire la baie. ".repeat(100);
        let sample: Vec<(Kind, String)> = (0..20).map(|_| (FRENCH, text.clone())).collect();
        let learned = learner.start(sample, 4 * FIRST_BYTES);
        assert_eq!(learned.len(), 1, "French only");
        assert!(note(&learner, FRENCH, 4 * FIRST_BYTES).is_empty());
        assert!(!learner.is_start(4 * FIRST_BYTES));
    }

    #[test]
    fn what_was_learned_is_gone_on_with() {
        let before = learner(0);
        note(&before, FRENCH, 4 * FIRST_BYTES);
        let text = "La marée monte dans la baie.";
        let write = |learner: &Learner| {
            let mut bytes = Vec::new();
            learner.codes(FRENCH).write_dictionary(&mut bytes);
            learner.codes(FRENCH).write(text, &mut bytes);
            bytes
        };
        let other = learner(0);
        let sample = "La marée monte. ".repeat(100);
        let sample = (0..30).map(|_| (FRENCH, sample.clone())).collect();
        let (number, bytes) = other.start(sample, 10 * FIRST_BYTES).remove(0);
        let known = Learned::read(number, &OwnedBytes::new(bytes)).unwrap();
        let after = Learner::new(vec![known], 0, &[0; Kind::ALL.len()]);
        assert_eq!(after.last_number(), number, "no other has its number");
        assert_eq!(write(&after), write(&other));
        assert_ne!(write(&after), write(&before));
    }
}
