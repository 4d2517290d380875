//! Which language a text is in: French, English, or neither.
//!
//! Function words decide, because they are a third to a half of any prose and cost a hash look-up each; a
//! trigram model of many languages (whatlang) is asked only when they are too few to tell, which keeps German or
//! Spanish from passing for whichever of ours it looks more like. What the article as a whole is in counts as
//! evidence too: a caption of five words has hardly any of its own.

use super::normalize::is_apostrophe;
use super::{Forms, Language, suggests};

/// Words looked at: enough for any passage; the beginning is enough for an article.
const MAX_WORDS: usize = 400;

/// Words by which a text is recognized for certain, or is not.
const ENOUGH_WORDS: usize = 30;

/// Share of function words, of one language, from which they decide by themselves.
const DECISIVE_SHARE: f32 = 0.2;

/// Share of function words below which a text may well be in another language.
const SUGGESTIVE_SHARE: f32 = 0.15;

/// How many function words the prior is worth.
const PRIOR_WORDS: f32 = 1.5;

/// French function words that Spanish, Catalan, Portuguese or Italian have too: they speak for French less.
const ROMANCE: [&str; 13] = [
    "de", "des", "d", "la", "le", "les", "l", "que", "se", "si", "te", "tu", "un",
];

/// Fewest words on which the trigram model may contradict the prior.
const MIN_WORDS_FOR_TRIGRAMS: usize = 8;

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
    let evidence = Evidence::gather(text, MAX_WORDS);
    if evidence.n_words == 0 {
        return match prior {
            Some(prior) if !text.chars().any(char::is_alphabetic) => prior,
            _ => Language::Other,
        };
    }
    if evidence.foreign_letters * 2 > evidence.n_words {
        return Language::Other;
    }
    let bonus = |language| {
        if prior == Some(language) {
            PRIOR_WORDS
        } else {
            0.0
        }
    };
    let french = evidence.french + bonus(Language::French);
    let english = evidence.english + bonus(Language::English);
    let (best, best_words, other_words) = if french > english {
        (Language::French, french, english)
    } else {
        (Language::English, english, french)
    };
    let own_share = evidence.french.max(evidence.english) / evidence.n_words as f32;
    if own_share >= DECISIVE_SHARE && best_words >= 1.5 * other_words {
        return best;
    }
    if evidence.n_words >= MIN_WORDS_FOR_TRIGRAMS
        && let Some(guess) = whatlang::detect(text)
    {
        match guess.lang() {
            whatlang::Lang::Fra if guess.is_reliable() || best == Language::French => {
                return Language::French;
            }
            whatlang::Lang::Eng if guess.is_reliable() || best == Language::English => {
                return Language::English;
            }
            _ if guess.is_reliable() => return Language::Other,
            _ => {}
        }
    }
    match prior {
        Some(prior) => prior,
        // Two or three words without a function word among them: nothing to tell them by.
        None if best_words > other_words => best,
        None => Language::Other,
    }
}

/// Returns the language of `text` if it can be told from the text alone; a few words seldom can.
pub fn recognize(text: &str) -> Option<Language> {
    let evidence = Evidence::gather(text, ENOUGH_WORDS);
    if evidence.n_words < MIN_WORDS_FOR_TRIGRAMS {
        return None;
    }
    let (best, most, least) = if evidence.french > evidence.english {
        (Language::French, evidence.french, evidence.english)
    } else {
        (Language::English, evidence.english, evidence.french)
    };
    if evidence.foreign_letters * 2 <= evidence.n_words
        && most / evidence.n_words as f32 >= DECISIVE_SHARE
        && most >= 2.0 * least
    {
        return Some(best);
    }
    if most / evidence.n_words as f32 >= SUGGESTIVE_SHARE {
        return None; // ours, most likely, and not worth the trigrams, which cost ten times the rest
    }
    let beginning = &text[..text.floor_char_boundary(ENOUGH_WORDS * 10)];
    let guess = whatlang::detect(beginning).filter(whatlang::Info::is_reliable)?;
    Some(match guess.lang() {
        whatlang::Lang::Fra => Language::French,
        whatlang::Lang::Eng => Language::English,
        _ => Language::Other,
    })
}

/// What speaks for each language, counted in function words.
struct Evidence {
    n_words: usize,
    french: f32,
    english: f32,
    /// Words with letters of another alphabet.
    foreign_letters: usize,
}

impl Evidence {
    /// Looks at the first `max_words` of `text`.
    fn gather(text: &str, max_words: usize) -> Evidence {
        let mut evidence = Evidence {
            n_words: 0,
            french: 0.0,
            english: 0.0,
            foreign_letters: 0,
        };
        let mut forms = Forms::new(text);
        while let Some(range) = forms.advance() {
            let form = forms.form();
            if form.starts_with(|c: char| c.is_ascii_digit()) {
                continue;
            }
            evidence.n_words += 1;
            if evidence.n_words > max_words {
                evidence.n_words = max_words;
                break;
            }
            match suggests(form) {
                Some(Language::French) if ROMANCE.contains(&form) => evidence.french += 0.3,
                Some(Language::French) => evidence.french += 1.0,
                Some(Language::English) => evidence.english += 1.0,
                _ => {}
            }
            // An apostrophe just before is an elision, just after (with an s) a possessive.
            if text[..range.start].ends_with(is_apostrophe)
                && text[..range.start]
                    .trim_end_matches(is_apostrophe)
                    .ends_with(char::is_alphabetic)
            {
                evidence.french += 0.5;
            }
            if text[range.end..].starts_with(is_apostrophe)
                && text[range.end..]
                    .trim_start_matches(is_apostrophe)
                    .starts_with('s')
            {
                evidence.english += 0.5;
            }
            if form.is_ascii() {
                continue;
            }
            let mut letters = form.chars().filter(|c| c.is_alphabetic());
            if letters
                .clone()
                .any(|c| matches!(c, 'é' | 'è' | 'ê' | 'ç' | 'û'))
            {
                evidence.french += 0.25;
            }
            if letters.any(|c| c > '\u{24F}') {
                evidence.foreign_letters += 1;
            }
        }
        evidence
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
