//! French inflections that Snowball leaves apart: it takes no plural *s* off after *i*, *o* or *u* (`élus`, `lois`, `euros`,
//! `amis`), knows neither *-eux* and *-oux* nor `travaux`, and takes `français`, but not `française`, for a verb (*je
//! parlais*), so that it meets `franc`.
//!
//! The *s* is taken off where the ending is that of a plural, but for words that end so in the singular *and* have other
//! forms in *-se* which Snowball joins with them (`inclus`, `incluse`); a word such as `virus`, which has none, may lose
//! its *s* harmlessly, since it does so everywhere.

/// Shortest word left when the *s* is taken off, in bytes: `bus`, `os` and `dos` stay.
const MIN_BYTES: usize = 3;

/// Words in *-is*, *-os*, *-us* that stay as they are.
const SINGULAR: [&str; 47] = [
    "abus",
    "acquis",
    "admis",
    "appris",
    "assis",
    "clos",
    "commis",
    "compris",
    "compromis",
    "confus",
    "conquis",
    "diffus",
    "démis",
    "enclos",
    "exclus",
    "exquis",
    "gris",
    "gros",
    "héros",
    "inclus",
    "indécis",
    "intrus",
    "marquis",
    "mis",
    "mépris",
    "obtus",
    "omis",
    "paris",
    "permis",
    "plus",
    "pris",
    "promis",
    "propos",
    "précis",
    "reclus",
    "refus",
    "remis",
    "repos",
    "repris",
    "requis",
    "soumis",
    "surpris",
    "sursis",
    "transmis",
    "émis",
    "épris",
    "éclos",
];

/// Plurals in *-ois* and *-ais*: most words that end so are adjectives, with a feminine in *-se* (`français`).
const PLURALS_IN_OIS: [&str; 12] = [
    "beffrois",
    "convois",
    "désarrois",
    "emplois",
    "envois",
    "lois",
    "octrois",
    "parois",
    "quais",
    "renvois",
    "rois",
    "tournois",
];

/// Plurals in *-x* with their singular; others in *-aux* are Snowball's, those in *-eux* mostly adjectives.
const IRREGULAR: [(&str, &str); 27] = [
    ("adieux", "adieu"),
    ("aveux", "aveu"),
    ("baux", "bail"),
    ("bijoux", "bijou"),
    ("cailloux", "caillou"),
    ("cheveux", "cheveu"),
    ("choux", "chou"),
    ("coraux", "corail"),
    ("dieux", "dieu"),
    ("enjeux", "enjeu"),
    ("essieux", "essieu"),
    ("feux", "feu"),
    ("genoux", "genou"),
    ("hiboux", "hibou"),
    ("jeux", "jeu"),
    ("joujoux", "joujou"),
    ("lieux", "lieu"),
    ("milieux", "milieu"),
    ("neveux", "neveu"),
    ("pieux", "pieu"),
    ("poux", "pou"),
    ("travaux", "travail"),
    ("vantaux", "vantail"),
    ("vitraux", "vitrail"),
    ("voeux", "voeu"),
    ("yeux", "oeil"),
    ("émaux", "émail"),
];

/// Adjectives in *-ais*, which have a feminine in *-aise*.
const ADJECTIVES_IN_AIS: [&str; 45] = [
    "anglais",
    "antillais",
    "ardennais",
    "bordelais",
    "béarnais",
    "camerounais",
    "charentais",
    "congolais",
    "finlandais",
    "français",
    "gabonais",
    "groenlandais",
    "havrais",
    "hollandais",
    "irlandais",
    "islandais",
    "japonais",
    "landais",
    "libanais",
    "lyonnais",
    "malais",
    "marseillais",
    "mauvais",
    "milanais",
    "montréalais",
    "nantais",
    "néerlandais",
    "népalais",
    "orléanais",
    "ougandais",
    "pakistanais",
    "polonais",
    "portugais",
    "rennais",
    "rochelais",
    "rwandais",
    "soudanais",
    "sénégalais",
    "taïwanais",
    "thaïlandais",
    "togolais",
    "yorkais",
    "zélandais",
    "écossais",
    "épais",
];

/// Returns the stem of `form`, a French word, where it is not to be left to Snowball.
pub(super) fn known_stem(form: &str) -> Option<&'static str> {
    let masculine = form.strip_suffix('s').unwrap_or(form);
    let masculine = masculine.strip_suffix('e').unwrap_or(form);
    let found = ADJECTIVES_IN_AIS
        .iter()
        .find(|adjective| **adjective == masculine);
    found.copied()
}

/// The first bytes that words may have, other than `first`, that of their stems: *yeux* is the plural of *œil*, and
/// Snowball takes the accent off the last vowel of a stem (*ès*).
pub(super) fn other_beginnings(first: u8) -> impl Iterator<Item = u8> {
    const ACCENTED: u8 = "é".as_bytes()[0];
    let irregular = IRREGULAR
        .iter()
        .map(|(plural, singular)| [plural.as_bytes()[0], singular.as_bytes()[0]]);
    let unlike = irregular.filter(move |[plural, singular]| *singular == first && *plural != first);
    let accented = (first == b'e').then_some(ACCENTED);
    unlike.map(|[plural, _]| plural).chain(accented)
}

/// Returns the singular of `form`, a French word, where Snowball would not find it; else `form` as it is.
pub(super) fn singular(form: &str) -> &str {
    if form.ends_with('x') {
        let found = IRREGULAR.iter().find(|(plural, _)| *plural == form);
        return found.map_or(form, |(_, singular)| singular);
    }
    let Some(stripped) = form.strip_suffix('s') else {
        return form;
    };
    let is_plural = if stripped.ends_with("oi") || stripped.ends_with("ai") {
        PLURALS_IN_OIS.contains(&form)
    } else {
        stripped.ends_with(['i', 'o', 'u']) && !SINGULAR.contains(&form)
    };
    if is_plural && stripped.len() >= MIN_BYTES {
        stripped
    } else {
        form
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_meet_their_singular() {
        for (plural, one) in [
            ("euros", "euro"),
            ("élus", "élu"),
            ("amis", "ami"),
            ("lois", "loi"),
            ("quais", "quai"),
            ("bleus", "bleu"),
            ("jeux", "jeu"),
            ("voeux", "voeu"),
            ("travaux", "travail"),
            ("yeux", "oeil"),
        ] {
            assert_eq!(singular(plural), one);
            assert_eq!(singular(one), one);
        }
    }

    #[test]
    fn adjectives_in_ais_meet_their_feminine_and_no_verb() {
        for form in ["français", "française", "françaises"] {
            assert_eq!(known_stem(form), Some("français"));
        }
        assert_eq!(known_stem("parlais"), None);
        assert_eq!(known_stem("franc"), None);
    }

    #[test]
    fn words_with_a_feminine_in_se_are_left_to_the_stemmer() {
        for word in [
            "français",
            "chinois",
            "inclus",
            "permis",
            "gris",
            "gros",
            "bus",
            "mois",
            "sérieux",
            "canaux",
        ] {
            assert_eq!(singular(word), word);
        }
    }
}
