//! Passages, sentences, words and languages of any text.

use std::ops::Range;

use fouine::language::{Analyzer, Evidence, Forms, Language, fold, is_folded, normalized};
use fouine::passage::{MAX_BYTES, MAX_WORDS, sentences, split};
use fouine::random::SplitMix64;

use super::campaign::campaign;
use super::mutate::Samples;

/// Longest form, in bytes, as the analyzer cuts them.
const MAX_FORM_BYTES: usize = 64;

const TEXTS: Samples = Samples {
    whole: &[
        "M. d'Aubrac (art. 12) a dit : « Non ! » Mme. Roux, 34,6 % des voix, se tait. Why? Ask J. P. Stone.\n\nL’école d'Évry-Courcouronnes compte 63 500 élèves, aujourd'hui comme hier.\n".as_bytes(),
        "The council met on Tuesday evening to vote the\nbudget, which after three hours of talk it did\nnot do. It will meet again.\n\n- un\n- deux\n\nDer Stadtrat hat den Haushalt beschlossen.\n".as_bytes(),
        "nom,âge,ville,12,13.5,1 000,S.N.C.F.,CO₂,m²,O'Brien's,jusqu'aujourd'hui,De\u{301}pute\u{301}es\r\n".as_bytes(),
        "Совет принял бюджет. 议会通过了预算。 المجلس وافق على الميزانية".as_bytes(),
    ],
    pieces: &[
        "l'", "d’", "qu'", "jusqu’", "'s", "’S", "S.N.C.F.", "a.", "J. P. ", "M. ", "etc. ", "1 000", "1\u{a0}000",
        " 000", "12.05.2020", ",5", "1'000", "\u{301}", "\u{300}\u{323}", "\u{ad}", "\u{feff}", "`", "´", "! »", "« ",
        ".” ", "…", ": ", "; ", "\n", "\n\n", "\r\n", "Le ", "the ", "de la ", "of ", "ŒUVRE", "ß", "ﬁ", "Ⅷ", "½",
        "\u{fdfa}", "\u{1f1eb}", "ſ", "K", "İ", "ǅ", "𝒜", "한", "각",
    ],
};

#[test]
fn passages() {
    campaign("passages", &TEXTS, 150, |bytes, seed| {
        let text = String::from_utf8_lossy(bytes);
        let mut random = SplitMix64::new(seed);
        let mut sections: Vec<usize> = (0..random.below(4))
            .map(|_| text.floor_char_boundary(random.below(text.len() + 1)))
            .chain([0])
            .collect();
        sections.sort_unstable();
        let passages = split(&text, &sections).into_iter();
        let passages: Vec<Range<usize>> = passages.map(|passage| passage.range).collect();
        assert_cover(&text, &passages);
        let is_blank = |range: &Range<usize>| text[range.clone()].trim().is_empty();
        assert!(
            passages.len() < 2 || !passages.iter().any(is_blank),
            "{passages:?}"
        );
        for range in &passages {
            let passage = &text[range.clone()];
            assert!(passage.trim().len() <= MAX_BYTES, "{range:?}");
            assert!(passage.split_whitespace().count() <= MAX_WORDS, "{range:?}");
            for section in &sections {
                let lies_across = range.start < *section && *section < range.end;
                let is_white = |range: Range<usize>| text[range].trim().is_empty();
                assert!(
                    !lies_across
                        || is_white(range.start..*section)
                        || is_white(*section..range.end),
                    "{range:?} lies across {section}"
                );
            }
        }
        assert_cover(&text, &sentences(&text));
    });
}

#[track_caller]
fn assert_cover(text: &str, ranges: &[Range<usize>]) {
    let mut end = 0;
    for range in ranges {
        assert_eq!(range.start, end);
        assert!(
            range.end > range.start && text.get(range.clone()).is_some(),
            "{range:?}"
        );
        end = range.end;
    }
    assert_eq!(end, text.len());
}

#[test]
fn analysis() {
    let mut analyzers = Language::ALL.map(Analyzer::new);
    campaign("analysis", &TEXTS, 100, |bytes, _| {
        let text = String::from_utf8_lossy(bytes);
        let mut forms = Forms::new(&text);
        let mut words = Vec::new();
        while let Some(range) = forms.advance() {
            words.push((range, forms.form().to_owned()));
        }
        let mut end = 0;
        for (range, form) in &words {
            assert!(
                end <= range.start && range.start < range.end,
                "{range:?} after {end}"
            );
            assert!(text.get(range.clone()).is_some(), "{range:?}");
            assert!(form.len() <= MAX_FORM_BYTES, "{form}");
            assert_eq!(form.to_lowercase(), *form);
            let folded = fold(form);
            assert!(is_folded(&folded), "{form:?} folds to {folded:?}");
            end = range.end;
        }
        for analyzer in &mut analyzers {
            let tokens = analyzer.tokens(&text);
            assert_eq!(tokens.len(), words.len());
            for (token, (range, form)) in tokens.iter().zip(&words) {
                assert_eq!((&token.range, &token.form), (range, form));
                assert!(!token.form.is_empty() && !token.key.is_empty(), "{token:?}");
                assert!(token.key.len() <= 2 * MAX_FORM_BYTES, "{token:?}");
            }
        }
        let _ = normalized(&text);
    });
}

#[test]
fn languages() {
    campaign("languages", &TEXTS, 80, |bytes, _| {
        let text = String::from_utf8_lossy(bytes);
        let evidence = Evidence::of(&text);
        evidence.recognize(&text);
        for prior in [None, Some(Language::French), Some(Language::English)] {
            let language = evidence.language(&text, prior);
            assert_eq!(evidence.language(&text, prior), language);
            if let Some(prior) = prior
                && !text.chars().any(char::is_alphabetic)
            {
                assert_eq!(language, prior, "nothing speaks against it");
            }
        }
    });
}
