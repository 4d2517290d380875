//! Which language a text is in: French, English, or neither.
//!
//! Function words decide ([`Evidence`]), because they are a third to a half of any prose and cost a look-up each; a
//! trigram model of many languages (whatlang) is asked only when they are too few to tell, which keeps German or
//! Spanish from passing for whichever of ours it looks more like. What the article as a whole is in counts as
//! evidence too: a caption of five words has hardly any of its own.

use std::sync::LazyLock;

use super::{Evidence, Language};

/// Words looked at of a whole article: its beginning is enough.
const MAX_WORDS: usize = 400;

/// Share of function words, of one language, from which they decide by themselves.
const DECISIVE_SHARE: f32 = 0.2;

/// Share of function words below which a text may well be in another language.
const SUGGESTIVE_SHARE: f32 = 0.15;

/// How many function words the prior is worth.
const PRIOR_WORDS: f32 = 1.5;

/// Fewest words on which the trigram model may contradict the prior.
const MIN_WORDS_FOR_TRIGRAMS: u32 = 8;

/// Words that are so few that others, which were not looked at, may tell otherwise.
const FEW_WORDS: u32 = 24;

/// Fewest words that are recognized by trigrams: of shorter texts these say nothing for certain, mostly.
const MIN_WORDS_TO_RECOGNIZE: u32 = 10;

/// Bytes of a text of which the trigrams are looked at, where it is asked what it is in by itself.
const MAX_TRIGRAM_BYTES: usize = 300;

/// Share of function words, of one language and hardly any of the other, from which trigrams of those languages that have such
/// words too are enough.
const AUDIBLE_SHARE: f32 = 0.05;

/// A model of the languages that ours are mistaken for: it takes a quarter of the time of that of all.
static NEAR: LazyLock<whatlang::Detector> = LazyLock::new(|| {
    use whatlang::Lang::{Cat, Deu, Eng, Fra, Ita, Lat, Nld, Por, Spa};
    whatlang::Detector::with_allowlist(vec![Fra, Eng, Spa, Ita, Por, Cat, Lat, Deu, Nld])
});

/// Returns the language of `text`; `prior` is that of the article around it, where it is known.
///
/// ```
/// use fouine::language::{Language, detect};
///
/// assert_eq!(detect("Le conseil municipal a voté le budget.", None), Language::French);
/// assert_eq!(detect("The council has passed the budget.", Some(Language::French)), Language::English);
/// assert_eq!(detect("Der Stadtrat hat den Haushalt für das nächste Jahr beschlossen.", None), Language::Other);
/// ```
pub fn detect(text: &str, prior: Option<Language>) -> Language {
    Evidence::of_beginning(text, MAX_WORDS).language(text, prior)
}

impl Evidence {
    /// The language of `text`, of which this is the evidence; `prior` is that of the article around it, where it is known.
    pub fn language(self, text: &str, prior: Option<Language>) -> Language {
        let evidence = match self.n_words < FEW_WORDS {
            true => Evidence::of_all(text),
            false => self,
        };
        evidence.decide(text, prior)
    }

    fn decide(self, text: &str, prior: Option<Language>) -> Language {
        if self.n_words == 0 {
            return match prior {
                Some(prior) if !text.chars().any(char::is_alphabetic) => prior,
                _ => Language::Other,
            };
        }
        if self.is_of_another_alphabet() {
            return Language::Other;
        }
        let words = |language| {
            let bonus = if prior == Some(language) {
                PRIOR_WORDS
            } else {
                0.0
            };
            self.words(language) + bonus
        };
        let (best, other) = match words(Language::French) > words(Language::English) {
            true => (Language::French, Language::English),
            false => (Language::English, Language::French),
        };
        if self.share() >= DECISIVE_SHARE && words(best) >= 1.5 * words(other) {
            return best;
        }
        if self.n_words >= MIN_WORDS_FOR_TRIGRAMS
            && let Some(guess) = self.guess(text, best)
        {
            match ours(guess.lang()) {
                Some(language) if guess.is_reliable() || best == language => return language,
                None if guess.is_reliable() => return Language::Other,
                _ => {}
            }
        }
        match prior {
            Some(prior) => prior,
            // Two or three words without a function word among them: nothing to tell them by.
            None if words(best) > words(other) => best,
            None => Language::Other,
        }
    }

    /// The language of `text`, of which this is the evidence, if it can be told from it alone; a few words seldom can.
    pub fn recognize(self, text: &str) -> Option<Language> {
        if self.n_words < MIN_WORDS_FOR_TRIGRAMS {
            return None;
        }
        let (best, other) = match self.french > self.english {
            true => (Language::French, Language::English),
            false => (Language::English, Language::French),
        };
        if !self.is_of_another_alphabet()
            && self.share() >= DECISIVE_SHARE
            && self.words(best) >= 2.0 * self.words(other)
        {
            return Some(best);
        }
        if self.share() >= SUGGESTIVE_SHARE || self.n_words < MIN_WORDS_TO_RECOGNIZE {
            return None; // ours, most likely, and not worth the trigrams, which cost a hundred times the rest
        }
        let beginning = &text[..text.floor_char_boundary(MAX_TRIGRAM_BYTES)];
        let guess = self.guess(beginning, best);
        let guess = guess.filter(whatlang::Info::is_reliable)?;
        Some(ours(guess.lang()).unwrap_or(Language::Other))
    }

    /// What the trigrams of `text` say, where function words speak for `best`, be it softly.
    fn guess(self, text: &str, best: Language) -> Option<whatlang::Info> {
        let other = match best {
            Language::French => Language::English,
            Language::English | Language::Other => Language::French,
        };
        let is_likely =
            self.share() >= AUDIBLE_SHARE && self.words(best) >= 3.0 * self.words(other);
        let among_near = || {
            NEAR.detect(text)
                .filter(|guess| ours(guess.lang()) == Some(best))
        };
        is_likely
            .then(among_near)
            .flatten()
            .or_else(|| whatlang::detect(text))
    }

    fn is_of_another_alphabet(self) -> bool {
        self.n_foreign * 2 > self.n_words
    }

    /// The share of function words of the language that has more of them.
    fn share(self) -> f32 {
        let most = self
            .words(Language::French)
            .max(self.words(Language::English));
        most / self.n_words as f32
    }
}

/// The language of ours that it is.
fn ours(language: whatlang::Lang) -> Option<Language> {
    match language {
        whatlang::Lang::Fra => Some(Language::French),
        whatlang::Lang::Eng => Some(Language::English),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_recognized_without_help() {
        for text in [
            "Le maire sortant n'a pas souhaité répondre à nos questions.",
            "Sept candidats, dont la maire sortante, sont en lice à Levallois-Perret.",
            "LES ELECTIONS MUNICIPALES SONT REPORTEES A CAUSE DE L'EPIDEMIE DANS TOUT LE PAYS",
        ] {
            assert_eq!(detect(text, None), Language::French, "{text}");
        }
        for text in [
            "The outgoing mayor did not wish to answer our questions.",
            "Patrick Balkany has been the centre-right mayor of the upscale Paris suburb.",
            "Seven candidates are in the running for the mayor of Levallois-Perret (Hauts-de-Seine).",
        ] {
            assert_eq!(detect(text, None), Language::English, "{text}");
        }
    }

    #[test]
    fn other_languages_are_neither() {
        for text in [
            "Der Bürgermeister wollte auf unsere Fragen nicht antworten, wie er am Montag mitteilte.",
            "El alcalde saliente no quiso responder a nuestras preguntas sobre la deuda de la ciudad.",
            "Il sindaco uscente non ha voluto rispondere alle nostre domande sul debito della città.",
            "O presidente da câmara não quis responder às nossas perguntas sobre a dívida da cidade.",
            "De burgemeester wilde onze vragen over de schulden van de stad niet beantwoorden.",
            "Мэр отказался отвечать на наши вопросы о долге города.",
            "市長は市の負債に関する質問に答えなかった。",
        ] {
            assert_eq!(detect(text, None), Language::Other, "{text}");
            assert_eq!(
                detect(text, Some(Language::French)),
                Language::Other,
                "{text}"
            );
        }
    }

    /// Trigrams of the beginning alone would save half of their time, and take these for French.
    #[test]
    fn what_comes_before_a_text_does_not_hide_its_language() {
        let spanish = "El alcalde saliente no quiso responder a nuestras preguntas sobre la deuda de la ciudad, \
                       ni sobre los terrenos que el ayuntamiento vendió el año pasado sin decirlo a nadie.";
        for before in ["12 34 56 78 90 ", "www.ville.fr/mairie/actes/2019/conseil "] {
            let text = format!("{}{spanish}", before.repeat(22));
            assert_eq!(detect(&text, None), Language::Other, "{text}");
        }
    }

    #[test]
    fn a_quotation_keeps_its_own_language() {
        let quotation = "“We are not going to leave the town to those who sold it,” he said.";
        assert_eq!(detect(quotation, Some(Language::French)), Language::English);
        let quotation = "« Nous n'avons rien à cacher », a-t-elle dit.";
        assert_eq!(detect(quotation, Some(Language::English)), Language::French);
    }

    #[test]
    fn short_texts_follow_the_article() {
        for text in [
            "Paris, 12 mai (AFP)",
            "© Louise Nordstrom, FRANCE 24",
            "12 345",
            "…",
        ] {
            assert_eq!(
                detect(text, Some(Language::French)),
                Language::French,
                "{text}"
            );
            assert_eq!(
                detect(text, Some(Language::English)),
                Language::English,
                "{text}"
            );
        }
    }

    #[test]
    fn what_cannot_be_told_alone_is_not_guessed() {
        let recognize = |text: &str| Evidence::of(text).recognize(text);
        assert_eq!(recognize("Paris, 12 mai (AFP)"), None);
        assert_eq!(
            recognize("Louise Nordstrom, Jean Petit, Ana Weiss, Lars Holm, Ida Roy"),
            None
        );
        let english = "We are not going to leave the town to those who sold it.";
        assert_eq!(recognize(english), Some(Language::English));
        let german = "Der Bürgermeister wollte auf unsere Fragen am Montag nicht antworten.";
        assert_eq!(recognize(german), Some(Language::Other));
    }

    #[test]
    fn nothing_is_neither() {
        assert_eq!(detect("", None), Language::Other);
        assert_eq!(detect("2020 2021 2022", None), Language::Other);
    }
}
