//! Which language a text is in: French, English, or neither.
//!
//! Function words decide ([`Evidence`]), because they are a third to a half of any prose and cost a look-up each; a
//! trigram model of many languages (whatlang) is asked only when they are too few to tell, which keeps German or
//! Spanish from passing for whichever of ours it looks more like: where they lean to one of ours, about the languages
//! that have words of these first, and about all when that does not settle it. What the article as a whole is in counts as
//! evidence too: a caption of five words has hardly any of its own.

use std::sync::LazyLock;

use super::{Evidence, Language};

/// Words looked at by [`detect()`]: the beginning of a text is enough.
const MAX_WORDS: usize = 400;

/// Share of function words, of one language, from which they decide by themselves.
const DECISIVE_SHARE: f32 = 0.2;

/// Share of function words below which a text may well be in another language.
const SUGGESTIVE_SHARE: f32 = 0.15;

/// How many function words the prior is worth.
const PRIOR_WORDS: f32 = 1.5;

/// Words looked at that are so few that others, which were not, may tell otherwise.
const FEW_WORDS: u32 = 24;

/// Fewest words on which function words decide without a prior, and trigrams may contradict one.
const MIN_WORDS: u32 = 8;

/// Fewest words that are recognized by trigrams alone: of shorter texts these say nothing for certain, mostly.
const MIN_WORDS_TO_RECOGNIZE: u32 = 10;

/// Bytes of a text of which the trigrams are looked at, where it is asked what it is in by itself.
const MAX_TRIGRAM_BYTES: usize = 300;

/// Share of function words, of one language and hardly any of the other, from which it is enough that trigrams of the
/// languages that have such words too are sure of it, and from which they need not even be.
const AUDIBLE_SHARE: f32 = 0.05;
const CLEAR_SHARE: f32 = 0.1;

/// A model of the languages that have function words of ours: it takes a quarter of the time of that of all.
static NEAR: LazyLock<whatlang::Detector> = LazyLock::new(|| {
    use whatlang::Lang::{Cat, Deu, Eng, Fra, Ita, Lat, Nld, Por, Ron, Spa};
    whatlang::Detector::with_allowlist(vec![Fra, Eng, Spa, Ita, Por, Cat, Ron, Lat, Deu, Nld])
});

/// Returns the language of `text`, by its beginning; `prior` is that of the article around it, where it is known.
///
/// ```
/// use fouine::language::{Language, detect};
///
/// assert_eq!(detect("Le conseil municipal a voté le budget.", None), Language::French);
/// assert_eq!(detect("The council has passed the budget.", Some(Language::French)), Language::English);
/// assert_eq!(detect("Der Stadtrat hat den Haushalt für das nächste Jahr beschlossen.", None), Language::Other);
/// ```
pub fn detect(text: &str, prior: Option<Language>) -> Language {
    Evidence::of_beginning(text, MAX_WORDS).decide(text, prior)
}

impl Evidence {
    /// The language of `text`, of which this is the evidence; `prior` is that of the article around it, where it is known.
    pub fn language(self, text: &str, prior: Option<Language>) -> Language {
        self.of_enough(text).decide(text, prior)
    }

    /// The language of `text`, of which this is the evidence, if it can be told from it alone; a few words seldom can.
    pub fn recognize(self, text: &str) -> Option<Language> {
        self.certain()
            .or_else(|| self.of_enough(text).recognize_all(text))
    }

    /// This, or that of all of `text` where few words were looked at.
    fn of_enough(self, text: &str) -> Evidence {
        match self.n_words < FEW_WORDS {
            true => Evidence::of_all(text),
            false => self,
        }
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
        let bonus = |language| {
            let is_prior = prior == Some(language);
            if is_prior { PRIOR_WORDS } else { 0.0 }
        };
        let leaning = self.leaning(bonus);
        let Leaning { language, .. } = leaning;
        if self.share() >= DECISIVE_SHARE && leaning.is_by(1.5) {
            return language;
        }
        if self.n_words >= MIN_WORDS
            && let Some(guess) = self.guess(text, leaning)
        {
            match ours(guess.lang()) {
                Some(guessed) if guess.is_reliable() || guessed == language => return guessed,
                None if guess.is_reliable() => return Language::Other,
                _ => {}
            }
        }
        match prior {
            Some(prior) => prior,
            // Two or three words without a function word among them: nothing to tell them by.
            None if leaning.words > leaning.other_words => language,
            None => Language::Other,
        }
    }

    /// The language that function words are certain of, without a prior.
    fn certain(self) -> Option<Language> {
        let leaning = self.leaning(|_| 0.0);
        let is_certain = self.n_words >= MIN_WORDS
            && !self.is_of_another_alphabet()
            && self.share() >= DECISIVE_SHARE
            && leaning.is_by(2.0);
        is_certain.then_some(leaning.language)
    }

    fn recognize_all(self, text: &str) -> Option<Language> {
        let certain = self.certain();
        // What has more function words is ours, most likely, and not worth the trigrams, which cost a hundred times the rest.
        if certain.is_some()
            || self.share() >= SUGGESTIVE_SHARE
            || self.n_words < MIN_WORDS_TO_RECOGNIZE
        {
            return certain;
        }
        let beginning = &text[..text.floor_char_boundary(MAX_TRIGRAM_BYTES)];
        let guess = self.guess(beginning, self.leaning(|_| 0.0));
        let guess = guess.filter(whatlang::Info::is_reliable)?;
        Some(ours(guess.lang()).unwrap_or(Language::Other))
    }

    /// What the trigrams of `text` say, where function words lean to a language of ours.
    fn guess(self, text: &str, leaning: Leaning) -> Option<whatlang::Info> {
        let is_enough = |guess: &whatlang::Info| {
            ours(guess.lang()) == Some(leaning.language)
                && (guess.is_reliable() || self.share() >= CLEAR_SHARE)
        };
        let is_audible = self.share() >= AUDIBLE_SHARE && leaning.is_by(3.0);
        let near = is_audible.then(|| NEAR.detect(text)).flatten();
        near.filter(is_enough).or_else(|| whatlang::detect(text))
    }

    fn is_of_another_alphabet(self) -> bool {
        self.n_foreign > self.n_words / 2
    }

    /// The share of function words of the language that has more of them; 0 without words.
    fn share(self) -> f32 {
        let most = self
            .words(Language::French)
            .max(self.words(Language::English));
        most / self.n_words.max(1) as f32
    }

    /// The language for which more speaks, with so much more for each.
    fn leaning(self, bonus: impl Fn(Language) -> f32) -> Leaning {
        let words = |language| self.words(language) + bonus(language);
        let (french, english) = (words(Language::French), words(Language::English));
        let (language, words, other_words) = match french > english {
            true => (Language::French, french, english),
            false => (Language::English, english, french),
        };
        Leaning {
            language,
            words,
            other_words,
        }
    }
}

/// The language of ours for which more speaks, and how much speaks for each, in function words.
#[derive(Clone, Copy)]
struct Leaning {
    language: Language,
    words: f32,
    other_words: f32,
}

impl Leaning {
    /// Whether so many times as much speaks for it as for the other.
    fn is_by(self, times: f32) -> bool {
        self.words >= times * self.other_words
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
            "Primarul orașului a declarat ieri că nu va mai candida la alegerile viitoare, după ce a fost acuzat de corupție.",
            "Linnapea ei tahtnud vastata meie küsimustele linna võlgade kohta, nagu ta teatas esmaspäeval.",
            "Pilsētas mērs nevēlējās atbildēt uz mūsu jautājumiem par pilsētas parādiem un zemes pārdošanu.",
            "Thị trưởng không muốn trả lời các câu hỏi của chúng tôi về khoản nợ của thành phố.",
            "Burmistrz nie chciał odpowiedzieć na nasze pytania dotyczące długów miasta, jak ogłosił w poniedziałek.",
        ] {
            for prior in [None, Some(Language::French)] {
                assert_eq!(detect(text, prior), Language::Other, "{text}");
                assert_eq!(
                    Evidence::of(text).language(text, prior),
                    Language::Other,
                    "{text}"
                );
            }
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
        // Nine of its eleven words are looked at.
        let german =
            "Der Bürgermeister wollte auf unsere Fragen am Sonntag lieber nicht antworten.";
        assert_eq!(recognize(german), Some(Language::Other));
    }

    /// An article is told by its sentences, wherever those of another language stand.
    #[test]
    fn the_language_of_an_article_is_that_of_most_of_it() {
        let french =
            "Le maire sortant n'a pas souhaité répondre à nos questions sur la dette. ".repeat(6);
        let english =
            "The outgoing mayor did not wish to answer our questions about the debt. ".repeat(4);
        for text in [format!("{french}{english}"), format!("{english}{french}")] {
            let sentences = text.split_inclusive(". ");
            let evidence: Evidence = sentences.map(Evidence::of).sum();
            assert_eq!(evidence.language(&text, None), Language::French);
        }
    }

    #[test]
    fn nothing_is_neither() {
        assert_eq!(detect("", None), Language::Other);
        assert_eq!(detect("2020 2021 2022", None), Language::Other);
    }
}
