//! A corpus of any size that looks like articles in French and English to a search engine: the same for the same seed.
//!
//! Half of the articles are in each language. Two words in five are function words of the language, so that it is
//! recognized and stop words are as frequent as they are; the others are made of syllables of the language, and follow
//! Zipf's law as Mandelbrot put it: the word of rank r is drawn in proportion to (r + 10)^-1.15. New words never cease to
//! come, and come as fast as in real text: some 11,000 in the first 50,000 words.
//! Articles are plain text, Markdown with front matter, and pages of HTML, in folders of a hundred.

use std::fs;
use std::io;
use std::path::Path;

use fouine::random::SplitMix64;

/// Words of a language that text is made of.
struct Vocabulary {
    code: &'static str,
    function_words: &'static [&'static str],
    onsets: &'static [&'static str],
    vowels: &'static [&'static str],
    codas: &'static [&'static str],
    endings: &'static [&'static str],
}

/// In the order of how frequent they are, roughly.
const FRENCH: Vocabulary = Vocabulary {
    code: "fr",
    function_words: &[
        "de", "la", "le", "et", "les", "des", "en", "un", "du", "une", "que", "est", "pour", "qui",
        "dans", "a", "par", "plus", "pas", "au", "sur", "ne", "se", "ce", "il", "sont", "avec",
        "son", "ont", "aux", "mais", "comme", "ou", "elle", "leur", "cette", "même", "deux", "ces",
        "été", "sans", "nous", "être",
    ],
    onsets: &[
        "b", "c", "ch", "d", "f", "g", "j", "l", "m", "n", "p", "pr", "r", "s", "t", "tr", "v",
        "br", "pl",
    ],
    vowels: &[
        "a", "e", "i", "o", "u", "é", "è", "ou", "oi", "ai", "on", "an", "eu",
    ],
    codas: &["", "", "", "r", "l", "s", "c"],
    endings: &[
        "", "e", "es", "s", "er", "ement", "tion", "tions", "eur", "euse", "age", "ique", "ité",
        "aient",
    ],
};

const ENGLISH: Vocabulary = Vocabulary {
    code: "en",
    function_words: &[
        "the", "of", "and", "to", "in", "a", "is", "that", "for", "it", "was", "on", "with", "as",
        "be", "by", "he", "at", "from", "his", "this", "are", "have", "had", "but", "not", "they",
        "which", "she", "or", "you", "an", "were", "their", "been", "has", "will", "would",
        "there", "who", "when", "more",
    ],
    onsets: &[
        "b", "c", "ch", "d", "f", "g", "h", "l", "m", "n", "p", "r", "s", "sh", "st", "t", "th",
        "w", "gr",
    ],
    vowels: &["a", "e", "i", "o", "u", "ea", "oo", "ou", "ai"],
    codas: &["", "", "n", "r", "l", "ck", "nd", "t", "m"],
    endings: &[
        "", "s", "ed", "ing", "er", "ers", "ly", "ness", "tion", "tions", "able", "ment", "ity",
    ],
};

/// Different words that can be drawn of each language; most of them never are.
const N_WORDS: f64 = 2e6;

/// The law that they follow.
const ZIPF_EXPONENT: f64 = 1.15;
const ZIPF_SHIFT: f64 = 10.0;

/// Share of words that are function words.
const FUNCTION_SHARE: f64 = 0.4;

/// Bytes of an article, on average.
const ARTICLE_BYTES: usize = 11_000;

/// What was written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Generated {
    /// Articles, a file each.
    pub(crate) n_articles: usize,
    /// Bytes of all files.
    pub(crate) n_bytes: usize,
}

/// Writes articles into `folder` until they have so many bytes.
pub(crate) fn generate(folder: &Path, n_bytes: usize, seed: u64) -> io::Result<Generated> {
    let mut random = SplitMix64::new(seed);
    let mut written = Generated::default();
    while written.n_bytes < n_bytes {
        let number = written.n_articles;
        let vocabulary = [&FRENCH, &ENGLISH][number % 2];
        let subfolder = folder.join(format!("{:04}", number / 100));
        if number.is_multiple_of(100) {
            fs::create_dir_all(&subfolder)?;
        }
        let (extension, article) = vocabulary.article(number, &mut random);
        fs::write(subfolder.join(format!("{number:07}.{extension}")), &article)?;
        written.n_articles += 1;
        written.n_bytes += article.len();
    }
    Ok(written)
}

impl Vocabulary {
    /// The extension of a file, and what is in it.
    fn article(&self, number: usize, random: &mut SplitMix64) -> (&'static str, String) {
        let title = self.sentence(random, 6);
        let title = title.trim_end_matches('.');
        let date = format!(
            "{}-{:02}-{:02}",
            2000 + random.below(25),
            1 + random.below(12),
            1 + random.below(28)
        );
        let n_bytes = ARTICLE_BYTES / 4 + random.below(ARTICLE_BYTES * 3 / 2);
        let mut paragraphs = Vec::new();
        let mut so_far = 0;
        while so_far < n_bytes {
            let paragraph = self.paragraph(random);
            so_far += paragraph.len();
            paragraphs.push(paragraph);
        }
        let code = self.code;
        // Every language in every format: the number of the article tells the language by whether it is even.
        match number / 2 % 4 {
            0 | 1 => {
                let body = paragraphs.join("\n\n");
                let head = format!("---\ntitle: {title}\ndate: {date}\nlang: {code}\n---\n");
                ("md", format!("{head}\n# {title}\n\n{body}\n"))
            }
            2 => ("txt", format!("{title}\n\n{}\n", paragraphs.join("\n\n"))),
            _ => {
                let body = paragraphs.join("</p>\n<p>");
                let head = format!("<title>{title}</title><meta name=\"date\" content=\"{date}\">");
                let page = format!(
                    "<!DOCTYPE html>\n<html lang=\"{code}\"><head><meta charset=\"utf-8\">{head}</head>\n\
                     <body><article><h1>{title}</h1>\n<p>{body}</p></article></body></html>\n"
                );
                ("html", page)
            }
        }
    }

    fn paragraph(&self, random: &mut SplitMix64) -> String {
        let n_sentences = 2 + random.below(5);
        let sentences = (0..n_sentences).map(|_| {
            let n_words = 8 + random.below(20);
            self.sentence(random, n_words)
        });
        sentences.collect::<Vec<_>>().join(" ")
    }

    fn sentence(&self, random: &mut SplitMix64, n_words: usize) -> String {
        let mut sentence = String::new();
        for at in 0..n_words {
            if at > 0 {
                sentence.push_str(if random.below(12) == 0 { ", " } else { " " });
            }
            let word = self.any_word(random);
            let mut letters = word.chars();
            match letters.next() {
                Some(first) if at == 0 => {
                    sentence.extend(first.to_uppercase());
                    sentence.push_str(letters.as_str());
                }
                _ => sentence.push_str(&word),
            }
        }
        sentence.push('.');
        sentence
    }

    fn any_word(&self, random: &mut SplitMix64) -> String {
        if random.share() < FUNCTION_SHARE {
            let n_words = self.function_words.len() as f64;
            // As below, so that the first are the most frequent.
            let rank = n_words.powf(random.share()) as usize;
            self.function_words[rank.saturating_sub(1)].to_owned()
        } else {
            self.content_word(random)
        }
    }

    /// A word by Zipf's law, of which the sum from a rank to all beyond is again a power.
    fn content_word(&self, random: &mut SplitMix64) -> String {
        let beyond = |rank: f64| (rank + ZIPF_SHIFT).powf(1.0 - ZIPF_EXPONENT);
        let (most, least) = (beyond(1.0), beyond(N_WORDS));
        let drawn = least + (most - least) * random.share();
        let rank = drawn.powf(1.0 / (1.0 - ZIPF_EXPONENT)) - ZIPF_SHIFT;
        self.word_of_rank(rank as u64)
    }

    /// The word of a rank, always the same; frequent words are shorter. A few ranks share a word.
    fn word_of_rank(&self, rank: u64) -> String {
        let mut random = SplitMix64::new(rank ^ u64::from(self.code.as_bytes()[0]) << 32);
        let n_syllables = 1 + rank.max(1).ilog10() as usize / 2 + random.below(2);
        let one_of =
            |parts: &[&'static str], random: &mut SplitMix64| parts[random.below(parts.len())];
        let mut word = String::new();
        for _ in 0..n_syllables {
            word.push_str(one_of(self.onsets, &mut random));
            word.push_str(one_of(self.vowels, &mut random));
            word.push_str(one_of(self.codas, &mut random));
        }
        word.push_str(one_of(self.endings, &mut random));
        word
    }
}
