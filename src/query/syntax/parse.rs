//! Reads a query: from pieces to a tree. Cannot fail, and takes time in proportion to the text.

use std::ops::Range;

use super::lexer::{Field, Kind, Lexeme, lex};
use super::{Clause, DateRange, Filter, Group, Node, Occur, Phrase, TextField};
use crate::language::Language;

/// Longest query, in characters: more than the words that are looked up take.
const MAX_CHARS: usize = 10_000;

/// Parentheses deeper than this are left out.
const MAX_DEPTH: usize = 50;

/// More NEARs than this are read as AND: each makes the tree deeper.
const MAX_NEARS: usize = 20;

/// A query as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The tree.
    pub group: Group,
    /// What was guessed, changed or left out, for people.
    pub notices: Vec<String>,
}

/// Reads `text`.
///
/// ```
/// use fouine::query::syntax::parse;
///
/// let parsed = parse("maire -dette (budget OU \"conseil municipal\") date:2020");
/// assert_eq!(parsed.group.to_string(), "maire -\"dette\" (\"budget\" OR \"conseil municipal\") date:2020");
/// assert!(parsed.notices.is_empty());
/// ```
pub fn parse(text: &str) -> Parsed {
    let mut notices = Vec::new();
    let text = match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => {
            notices.push(format!("only the first {MAX_CHARS} characters were read"));
            &text[..end]
        }
        None => text,
    };
    let mut lexemes = lex(text, &mut notices);
    match_parentheses(&mut lexemes, &mut notices);
    drop_fields_of_fields(&mut lexemes, &mut notices);
    demote_operators(&mut lexemes, text, &mut notices);
    let mut parser = Parser {
        text,
        lexemes,
        at: 0,
        notices,
    };
    let group = parser.group();
    let mut notices = parser.notices;
    let is_excluded = |clause: &Clause| clause.occur == Occur::MustNot;
    if !group.clauses.is_empty() && group.clauses.iter().all(is_excluded) {
        notices.push("the query only says what to leave out; add a word to look for".to_owned());
    }
    deduplicate(&mut notices);
    Parsed { group, notices }
}

/// Leaves each notice once, in order.
fn deduplicate(notices: &mut Vec<String>) {
    const MOST: usize = 20;
    let mut unique: Vec<String> = Vec::new();
    for notice in notices.drain(..) {
        if unique.len() < MOST && !unique.contains(&notice) {
            unique.push(notice);
        }
    }
    *notices = unique;
}

/// Leaves only parentheses that have a partner, hold something, and are not nested too deep.
fn match_parentheses(lexemes: &mut Vec<Lexeme>, notices: &mut Vec<String>) {
    let mut keep = vec![true; lexemes.len()];
    let mut open: Vec<usize> = Vec::new();
    let (mut n_unmatched, mut n_deep) = (0, 0);
    // How many pieces that are kept came before, to tell what is empty.
    let mut n_kept_before = vec![0; lexemes.len()];
    let mut n_kept = 0;
    for at in 0..lexemes.len() {
        n_kept_before[at] = n_kept;
        match lexemes[at].kind {
            Kind::Open => open.push(at),
            Kind::Close => match open.pop() {
                Some(opening) => {
                    let is_empty = n_kept == n_kept_before[opening];
                    let is_deep = open.len() >= MAX_DEPTH;
                    if is_empty || is_deep {
                        keep[at] = false;
                        keep[opening] = false;
                        n_deep += usize::from(is_deep && !is_empty);
                        let before = lexemes[..opening].iter().enumerate().rev();
                        let prefixes = before.take_while(|(_, lexeme)| lexeme.kind.is_prefix());
                        // They would apply to what comes next.
                        prefixes.for_each(|(at, _)| keep[at] &= !is_empty);
                    }
                }
                None => {
                    keep[at] = false;
                    n_unmatched += 1;
                }
            },
            _ => n_kept += 1,
        }
    }
    for opening in open {
        keep[opening] = false;
        n_unmatched += 1;
    }
    if n_kept > 0 && n_unmatched > 0 {
        notices.push(format!(
            "parentheses without a partner were left out: {n_unmatched}"
        ));
    }
    if n_deep > 0 {
        notices.push(format!(
            "parentheses nested more than {MAX_DEPTH} deep were left out: {n_deep}"
        ));
    }
    let mut keep = keep.into_iter();
    lexemes.retain(|_| keep.next().unwrap_or(true));
    // A sign or a field before parentheses that went has nothing to apply to.
    let mut at = 0;
    while at < lexemes.len() {
        let is_prefix = lexemes[at].kind.is_prefix();
        let next = lexemes.get(at + 1);
        if is_prefix && next.is_none_or(|next| !next.kind.begins_operand()) {
            lexemes.remove(at);
            at = at.saturating_sub(1);
        } else {
            at += 1;
        }
    }
}

/// Leaves of several fields one after the other (`title:title:maire`) the last: a field has words for a value.
fn drop_fields_of_fields(lexemes: &mut Vec<Lexeme>, notices: &mut Vec<String>) {
    let mut keep = vec![true; lexemes.len()];
    let mut has_field = false;
    for (at, lexeme) in lexemes.iter().enumerate().rev() {
        match lexeme.kind {
            Kind::Field(_) if has_field => keep[at] = false,
            Kind::Field(_) => has_field = true,
            Kind::Plus | Kind::Minus | Kind::Not => {}
            _ => has_field = false,
        }
    }
    let n_dropped = keep.iter().filter(|keep| !**keep).count();
    if n_dropped > 0 {
        notices.push(format!(
            "fields that stand before a field were left out: {n_dropped}"
        ));
    }
    let mut keep = keep.into_iter();
    lexemes.retain(|_| keep.next().unwrap_or(true));
}

/// Leaves out the operators that have nothing to join, or makes words of them where there is nothing else; makes AND of
/// the NEARs that are too many.
fn demote_operators(lexemes: &mut Vec<Lexeme>, text: &str, notices: &mut Vec<String>) {
    let has_operands = lexemes.iter().any(|lexeme| lexeme.kind.ends_operand());
    let mut keep = vec![true; lexemes.len()];
    let mut n_nears = 0;
    for at in 0..lexemes.len() {
        let kind = &lexemes[at].kind;
        let joins_left = at > 0 && lexemes[at - 1].kind.ends_operand();
        let next = lexemes.get(at + 1);
        let joins_right = next.is_some_and(|next| next.kind.begins_operand());
        let is_idle = match kind {
            Kind::Not => !joins_right,
            kind if kind.is_binary_operator() => !joins_left || !joins_right,
            _ => false,
        };
        if is_idle {
            let word = &text[lexemes[at].range.clone()];
            let fate = match has_operands {
                true => "left out",
                false => "read as a word",
            };
            notices.push(format!("“{word}” has nothing to join here: {fate}"));
            lexemes[at].kind = Kind::Word;
            keep[at] = !has_operands;
        } else if matches!(kind, Kind::Near(_)) {
            n_nears += 1;
            if n_nears > MAX_NEARS {
                lexemes[at].kind = Kind::And;
            }
        }
    }
    if n_nears > MAX_NEARS {
        notices.push(format!(
            "NEARs after the first {MAX_NEARS} were read as AND: {}",
            n_nears - MAX_NEARS
        ));
    }
    let mut keep = keep.into_iter();
    lexemes.retain(|_| keep.next().unwrap_or(true));
}

struct Parser<'t> {
    text: &'t str,
    /// With parentheses in pairs and operators between operands.
    lexemes: Vec<Lexeme>,
    at: usize,
    notices: Vec<String>,
}

impl Parser<'_> {
    fn kind(&self) -> Option<&Kind> {
        self.lexemes.get(self.at).map(|lexeme| &lexeme.kind)
    }

    /// Takes the next piece if it is `kind`.
    fn takes(&mut self, kind: &Kind) -> bool {
        let is_next = self.kind() == Some(kind);
        self.at += usize::from(is_next);
        is_next
    }

    /// Reads clauses side by side, up to the end or a closing parenthesis.
    fn group(&mut self) -> Group {
        let mut group = Group::default();
        while let Some(kind) = self.kind() {
            match kind {
                Kind::Close => break,
                Kind::Word if !self.is_operand() => {
                    let words = self.words();
                    group.push(Occur::Should, Node::Words(words));
                }
                _ => {
                    for (occur, node) in self.any() {
                        group.push(occur, node);
                    }
                }
            }
        }
        group
    }

    /// Whether the word that comes next stands before an operator.
    fn is_operand(&self) -> bool {
        let next = self.lexemes.get(self.at + 1);
        next.is_some_and(|next| next.kind.is_binary_operator())
    }

    /// Reads plain words, up to something else; the text between them included.
    fn words(&mut self) -> String {
        let start = self.lexemes[self.at].range.start;
        let mut end = start;
        while self.kind() == Some(&Kind::Word) && !self.is_operand() {
            let range = &self.lexemes[self.at].range;
            // Something between that was left out ends the run.
            if self.text[end.min(range.start)..range.start].contains(|c: char| !c.is_whitespace()) {
                break;
            }
            end = range.end;
            self.at += 1;
        }
        self.text[start..end].to_owned()
    }

    /// Reads operands joined by OR. What is excluded among them is so from all that is found: *a OR -b*, taken at its word,
    /// would find nearly everything.
    fn any(&mut self) -> Vec<(Occur, Node)> {
        let mut operands = vec![self.all()];
        while self.takes(&Kind::Or) {
            operands.push(self.all());
        }
        let is_joined = operands.len() > 1;
        let operands = operands.into_iter().flatten();
        let (excluded, wanted): (Vec<_>, Vec<_>) =
            operands.partition(|(occur, _)| *occur == Occur::MustNot);
        if is_joined && !excluded.is_empty() {
            self.notices
                .push("what is excluded beside OR is excluded from all that is found".to_owned());
        }
        let mut clauses = match wanted.len() {
            0 | 1 => wanted,
            _ => {
                let nodes = wanted.into_iter().map(|(_, node)| node);
                vec![(Occur::Should, Node::Any(nodes.collect()))]
            }
        };
        clauses.extend(excluded);
        clauses
    }

    /// Reads operands joined by AND.
    fn all(&mut self) -> Option<(Occur, Node)> {
        let mut operands = vec![self.signed()];
        while self.takes(&Kind::And) {
            operands.push(self.signed());
        }
        let mut operands: Vec<(Occur, Node)> = operands.into_iter().flatten().collect();
        if operands.len() < 2 {
            return operands.pop();
        }
        let clauses = operands.into_iter().map(|(occur, node)| Clause {
            occur: if occur == Occur::Should {
                Occur::Must
            } else {
                occur
            },
            node,
        });
        let clauses = clauses.collect();
        Some((Occur::Should, Node::Group(Group { clauses })))
    }

    /// Reads an operand with its signs and NOTs, of which one is as good as many.
    fn signed(&mut self) -> Option<(Occur, Node)> {
        let mut occur = Occur::Should;
        loop {
            match self.kind() {
                Some(Kind::Plus) => occur = Occur::Must,
                Some(Kind::Minus | Kind::Not) => occur = Occur::MustNot,
                _ => break,
            }
            self.at += 1;
        }
        Some((occur, self.near()?))
    }

    /// Reads operands joined by NEAR.
    fn near(&mut self) -> Option<Node> {
        let mut left = self.operand()?;
        while let Some(&Kind::Near(distance)) = self.kind() {
            self.at += 1;
            let Some(right) = self.operand() else {
                return Some(left);
            };
            left = if left.has_places() && right.has_places() {
                Node::Near {
                    left: Box::new(left),
                    right: Box::new(right),
                    distance,
                }
            } else {
                self.notices
                    .push("NEAR joins words and phrases: read as AND".to_owned());
                let clauses = [left, right].map(|node| Clause {
                    occur: Occur::Must,
                    node,
                });
                Node::Group(Group {
                    clauses: clauses.into(),
                })
            };
        }
        Some(left)
    }

    /// Reads a word, a phrase, what is in parentheses, or a field with its value.
    fn operand(&mut self) -> Option<Node> {
        let lexeme = self.lexemes.get(self.at)?.clone();
        match lexeme.kind {
            Kind::Word => {
                self.at += 1;
                Some(Node::Phrase(Phrase::text(&self.text[lexeme.range])))
            }
            Kind::Phrase(phrase) => {
                self.at += 1;
                Some(Node::Phrase(phrase))
            }
            Kind::Open => {
                self.at += 1;
                let group = self.group();
                self.takes(&Kind::Close);
                group.into_node()
            }
            Kind::Field(field) => {
                self.at += 1;
                self.field(field)
            }
            // Not an operand: left where it is, unless nobody else would take it.
            Kind::Plus | Kind::Minus | Kind::Not => {
                self.signed().map(|(occur, node)| match occur {
                    Occur::MustNot => Node::Group(Group {
                        clauses: vec![Clause { occur, node }],
                    }),
                    Occur::Should | Occur::Must => node,
                })
            }
            Kind::Close => None,
            Kind::And | Kind::Or | Kind::Near(_) => {
                self.at += 1;
                None
            }
        }
    }

    /// Reads the value of a field.
    fn field(&mut self, field: Field) -> Option<Node> {
        let start = self.at;
        let value = self.operand()?;
        let range = self.lexemes[start].range.start..self.lexemes[self.at - 1].range.end;
        match field {
            // In parentheses (`title:(path:a)`), what is a field of its own stays what it is.
            Field::Title if matches!(value, Node::Filter(_) | Node::Title(_)) => Some(value),
            Field::Title => Some(Node::Title(Box::new(value))),
            Field::Author => self.text_filter(TextField::Author, start..self.at),
            Field::Source => self.text_filter(TextField::Source, start..self.at),
            Field::Path => self.text_filter(TextField::Path, start..self.at),
            Field::Language => self.value(
                range,
                language,
                Filter::Language,
                "lang: takes fr, en or other",
            ),
            Field::Date => self.value(
                range,
                DateRange::parse,
                Filter::Date,
                "date: takes 2020, 2020-03, 2020-03-15, 2019..2020-06 (the earlier first) or >=2020-03-15",
            ),
        }
    }

    /// A filter by one value, or none and a notice.
    fn value<T>(
        &mut self,
        range: Range<usize>,
        read: impl Fn(&str) -> Option<T>,
        filter: impl Fn(T) -> Filter,
        accepted: &str,
    ) -> Option<Node> {
        let value = unquoted(&self.text[range]);
        let read = read(value);
        if read.is_none() {
            self.notices
                .push(format!("{accepted}; “{value}” was left out"));
        }
        read.map(|value| Node::Filter(filter(value)))
    }

    /// A filter by the words of a value, or by those of any of several in parentheses.
    fn text_filter(&mut self, field: TextField, lexemes: Range<usize>) -> Option<Node> {
        let values = self.lexemes[lexemes]
            .iter()
            .filter(|lexeme| matches!(lexeme.kind, Kind::Word | Kind::Phrase(_)))
            .map(|lexeme| unquoted(&self.text[lexeme.range.clone()]));
        let mut nodes: Vec<Node> = values
            .filter(|value| value.contains(char::is_alphanumeric))
            .map(|value| Node::Filter(Filter::Text(field, value.to_owned())))
            .collect();
        if nodes.is_empty() {
            self.notices.push(format!(
                "{}: has no words for a value: left out",
                field.name()
            ));
        }
        if nodes.len() > 1 {
            return Some(Node::Any(nodes));
        }
        nodes.pop()
    }
}

/// A value without its quotation marks, and without the signs of a phrase around them: `="…"~2`.
fn unquoted(value: &str) -> &str {
    let is_slop = |(quoted, digits): &(&str, &str)| {
        quoted.ends_with(['"', '”', '“', '»']) && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let value = value
        .rsplit_once('~')
        .filter(is_slop)
        .map_or(value, |(quoted, _)| quoted);
    let value = value.strip_prefix('=').unwrap_or(value);
    value.trim_matches(|c: char| c.is_whitespace() || "\"“”„«»()".contains(c))
}

fn language(name: &str) -> Option<Language> {
    match name.to_lowercase().as_str() {
        "fr" | "fra" | "french" | "français" | "francais" => Some(Language::French),
        "en" | "eng" | "english" | "anglais" => Some(Language::English),
        "other" | "autre" => Some(Language::Other),
        _ => None,
    }
}

impl Group {
    /// Adds a clause; a condition must match, and words in parentheses of their own are words like the others.
    fn push(&mut self, occur: Occur, node: Node) {
        let occur = match occur {
            Occur::Should if node.is_condition() => Occur::Must,
            occur => occur,
        };
        match node {
            Node::Group(group) if occur == Occur::Should && group.is_list() => {
                self.clauses.extend(group.clauses);
            }
            node => self.clauses.push(Clause { occur, node }),
        }
    }

    /// Whether any of its clauses may match and none must or must not.
    fn is_list(&self) -> bool {
        self.clauses
            .iter()
            .all(|clause| clause.occur == Occur::Should)
    }

    /// The group as a node: the only clause itself where it is nothing more.
    fn into_node(mut self) -> Option<Node> {
        let is_bare = |clause: &Clause| clause.occur != Occur::MustNot;
        match self.clauses.as_slice() {
            [] => None,
            [clause] if is_bare(clause) => self.clauses.pop().map(|clause| clause.node),
            _ => Some(Node::Group(self)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> String {
        parse(text).group.to_string()
    }

    #[test]
    fn every_shape_is_read() {
        for (text, expected) in [
            ("maire dette", "maire dette"),
            ("author:(*) dette", "dette"),
            ("63 500 habitants", "63 500 habitants"),
            (
                "sous-l'élec* d'après-l'élec*",
                "\"sous élec*\" \"après élec*\"",
            ),
            ("aujourd'h* l'élec* jusqu'*", "aujourd'h* élec* jusqu'*"),
            (
                "Pottier-Dumas~ a && b",
                "\"Pottier~1 Dumas~1\" (+\"a\" +\"b\")",
            ),
            ("+maire -dette ville", "+\"maire\" -\"dette\" ville"),
            ("Pottier-Dumas - dette --oui", "Pottier-Dumas dette --oui"),
            ("a AND b", "(+\"a\" +\"b\")"),
            ("a AND **tion -??x*", "(+\"a\" +**tion) -??x*"),
            (
                "author:\"zoé roe\"~2 source:=«a b»",
                "author:\"zoé roe\" source:\"a b\"",
            ),
            ("a ET b OU c", "((+\"a\" +\"b\") OR \"c\")"),
            (
                "la dette AND budget communal",
                "la (+\"dette\" +\"budget\") communal",
            ),
            ("a SAUF b", "a -\"b\""),
            ("l'''d'b?n", "b?n"),
            ("a AND ''b?n ' AND ''maier~", "(+\"a\" +b?n +maier~1)"),
            ("title:(a b(c )", "title:(a b(c )"),
            ("title:(path:a) title:(title:b)", "path:\"a\" title:\"b\""),
            ("a AND NOT b", "(+\"a\" -\"b\")"),
            ("(a OR b) AND c", "(+(\"a\" OR \"b\") +\"c\")"),
            ("((((a)))) (b c)", "a b c"),
            ("+(a b)", "+(a b)"),
            ("\"mise en examen\"~5", "\"mise en examen\"~5"),
            ("« mise en examen »", "\"mise en examen\""),
            ("a NEAR/5 b", "(\"a\" NEAR/5 \"b\")"),
            ("a NEAR/99999999999 b", "(\"a\" NEAR/10000 \"b\")"),
            ("(a b) PRÈS \"c d\"", "((a b) NEAR/10 \"c d\")"),
            ("élect* wom?n *tion", "élect* wom?n *tion"),
            ("l'élect* porte-f*", "élect* \"porte f*\""),
            ("qui est le maire?", "qui est le maire?"),
            ("mot~ mot~2 mot~0", "mot~1 mot~2 =\"mot\""),
            ("=État =\"l'État\"", "=\"État\" =\"l'État\""),
            ("/a+/\"conseil municipal\"", "/a+/ \"conseil municipal\""),
            ("/élect(eur|rice)s?/", "/élect(eur|rice)s?/"),
            ("+/[ée]t.*/ -/.*s/", "+/[ée]t.*/ -/.*s/"),
            ("/home/moi/notes km/h", "/home/moi/notes km/h"),
            ("\"élect* municipale\"", "\"élect* municipale\""),
            ("title:maire dette", "title:\"maire\" dette"),
            ("titre:(a OR b)", "title:(\"a\" OR \"b\")"),
            (
                "auteur:\"Jean Dupont\" source:(AFP Reuters)",
                "author:\"Jean Dupont\" (source:\"AFP\" OR source:\"Reuters\")",
            ),
            ("LANG:français date:2020-03..", "lang:fr date:2020-03.."),
            ("dette -lang:en", "dette -lang:en"),
            ("lang:fr OR lang:en dette", "(lang:fr OR lang:en) dette"),
            ("adressé(e) maire(s)", "adressé(e) maire(s)"),
            ("ONU ET OTAN", "(+\"ONU\" +\"OTAN\")"),
            ("LE MAIRE ET LA VILLE", "LE MAIRE ET LA VILLE"),
            ("LE MAIRE ET -VILLE", "LE MAIRE ET, -\"VILLE\""),
            ("http://exemple.fr 12:30", "http://exemple.fr 12:30"),
        ] {
            let parsed = parse(text);
            assert_eq!(parsed.group.to_string(), expected, "{text}");
            assert_eq!(parsed.notices, [""; 0], "{text}");
        }
    }

    #[test]
    fn what_was_guessed_is_told() {
        for (text, expected, notice) in [
            (
                "maire \"conseil municipal",
                "maire \"conseil municipal\"",
                "not closed",
            ),
            ("ET maire", "maire", "nothing to join"),
            ("maire OU", "maire", "nothing to join"),
            ("OR", "OR", "nothing to join"),
            ("title: maire", "title: maire", "no value right behind"),
            (
                "author:* dette",
                "\"author\" dette",
                "no value right behind",
            ),
            ("date:2020..2019 dette", "dette", "the earlier first"),
            ("a OR -b", "\"a\" -\"b\"", "excluded from all"),
            (
                "maire -ville OR gare",
                "maire \"gare\" -\"ville\"",
                "excluded from all",
            ),
            ("(maire", "maire", "without a partner"),
            ("maire) dette", "maire dette", "without a partner"),
            ("date:hier dette", "dette", "date: takes"),
            ("lang:xx dette", "dette", "lang: takes"),
            ("sujet:dette", "sujet:dette", "no field is called “sujet”"),
            ("-dette", "-\"dette\"", "only says what to leave out"),
            ("mot~7", "mot~2", "at most 2 edits"),
            ("a NEAR/3 lang:fr", "(+\"a\" lang:fr)", "NEAR joins words"),
            (
                "lang:title:dette -author:title:ville",
                "title:\"dette\" -title:\"ville\"",
                "before a field were left out: 2",
            ),
        ] {
            let parsed = parse(text);
            assert_eq!(parsed.group.to_string(), expected, "{text}");
            assert_eq!(parsed.notices.len(), 1, "{text}: {:?}", parsed.notices);
            assert!(
                parsed.notices[0].contains(notice),
                "{text}: {:?}",
                parsed.notices
            );
        }
    }

    #[test]
    fn words_stay_together_so_that_numbers_do() {
        let parsed = parse("  63 500  habitants -ville «\u{A0}la dette\u{A0}» maire");
        assert_eq!(
            parsed.group.clauses[0].node,
            Node::Words("63 500  habitants".to_owned())
        );
        assert_eq!(
            parsed.group.clauses[2].node,
            Node::Phrase(Phrase::text("la dette"))
        );
    }

    #[test]
    fn nesting_is_bounded() {
        let text = format!("{}dette -budget{}", "(".repeat(1000), ")".repeat(1000));
        let parsed = parse(&text);
        assert_eq!(parsed.notices.len(), 1);
        assert!(parsed.group.to_string().contains("dette"));
    }

    #[test]
    fn what_nests_without_parentheses_is_bounded_too() {
        for piece in [
            "title:",
            "-title:",
            "lang:",
            "NOT title:",
            "a NEAR ",
            "a NEAR -",
        ] {
            let parsed = parse(&format!("{}maire", piece.repeat(900)));
            assert!(parsed.group.to_string().contains("maire") || piece == "lang:");
            assert!(!parsed.notices.is_empty(), "{piece}");
        }
    }

    #[test]
    fn punctuation_is_nothing() {
        for text in ["", " ", "\"\"", "()", "« »", "(((", "?", "-", "+", "? - +"] {
            assert_eq!(read(text), "", "{text}");
        }
        for text in ["*", "***", "* * - +"] {
            assert_eq!(read(text), "*", "{text}");
        }
        assert_eq!(read("2 * 3"), "2 3");
    }

    proptest! {
        #[test]
        fn every_text_is_a_query(text in "\\PC*") {
            parse(&text);
        }

        #[test]
        fn operators_in_any_order_are_a_query(
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    "maire", "dette*", "AND", "ET", "OR", "NOT", "SAUF", "NEAR/3", "(", ")", "+", "-", "\"", "«", "»",
                    "title:", "author:", "date:2020", "lang:fr", "/a+/", "mot~", "=État", "*", "?", "~", ":", " ",
                ]),
                0..40,
            ),
            glue in prop::sample::select(vec!["", " "]),
        ) {
            let parsed = parse(&pieces.join(glue));
            // As it was read, it is written so that it reads the same.
            let again = parse(&parsed.group.to_string());
            prop_assert_eq!(again.group.to_string(), parsed.group.to_string());
        }
    }
}
