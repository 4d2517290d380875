//! Makes hits of the passages that were found: reads them, marks what matched, extracts snippets.

use std::collections::HashMap;

use tantivy::DocAddress;

use super::best::Candidate;
use super::disjunction::List;
use super::highlight::{self, Highlighter, Match, Zone};
use super::reading::describe;
use super::tree::{Contribution, contributions};
use super::weights::Weighted;
use super::{Found, Hit, Reason, ScorePart, Searcher, snippet};
use crate::index::{ArticleRecord, PassageRecord, article_of, stored_passage_at};
use crate::language::Language;
use crate::query::LanguagePlan;

/// Makes hits of candidates.
pub(super) struct Renderer<'s> {
    searcher: &'s Searcher,
    languages: Vec<LanguageRenderer<'s>>,
    /// The language of the query.
    reads_as: Option<Language>,
    /// Whether hits say what their scores are made of.
    explains: bool,
    /// By where they are stored.
    articles: HashMap<DocAddress, ArticleRecord>,
}

struct LanguageRenderer<'s> {
    weighted: &'s Weighted<'s>,
    highlighter: Highlighter<'s>,
}

impl<'s> Renderer<'s> {
    pub(super) fn new(
        searcher: &'s Searcher,
        languages: &'s [Weighted<'s>],
        reads_as: Option<Language>,
        explains: bool,
    ) -> Renderer<'s> {
        let languages = languages.iter().map(|weighted| LanguageRenderer {
            weighted,
            highlighter: Highlighter::new(weighted.plan),
        });
        Renderer {
            searcher,
            languages: languages.collect(),
            reads_as,
            explains,
            articles: HashMap::new(),
        }
    }

    pub(super) fn hit(&mut self, rank: usize, candidate: &Candidate<'_>) -> tantivy::Result<Hit> {
        let (article, passage) = self.read(candidate)?;
        let LanguageRenderer {
            weighted,
            highlighter,
        } = &mut self.languages[candidate.language];
        let plan = weighted.plan;
        // In a list, a word or phrase counts wherever it is.
        let contributions = if self.explains || List::of(plan).is_none() {
            let Searcher {
                snapshot, segments, ..
            } = self.searcher;
            let segment = segments.open(snapshot, candidate.address.segment_ord)?;
            Some(contributions(segment, weighted, candidate.address.doc_id)?)
        } else {
            None
        };
        let counts = |leaf| {
            let has = |all: &Vec<Contribution>| all.iter().any(|one| one.leaf == leaf);
            contributions.as_ref().is_none_or(has)
        };
        let title = &article.metadata.title;
        let heading = passage.place.heading.as_deref().unwrap_or_default();
        let in_title = highlighter.matches(title, Zone::Title, counts);
        let in_heading = highlighter.matches(heading, Zone::Passage, counts);
        let in_text = highlighter.matches(&passage.text, Zone::Passage, counts);
        let texts = [
            (title.as_str(), &in_title),
            (heading, &in_heading),
            (&passage.text, &in_text),
        ];
        let ranges =
            |matches: &[Match]| highlight::merge(matches.iter().map(|one| one.range.clone()));
        let explanation = match (self.explains, &contributions) {
            (true, Some(contributions)) => explain(plan, contributions, candidate),
            _ => Vec::new(),
        };
        Ok(Hit {
            rank,
            score: candidate.score,
            explanation,
            found: found(plan, &texts),
            is_translated: plan.is_translated && self.reads_as != Some(plan.language),
            title_highlights: ranges(&in_title),
            heading_highlights: ranges(&in_heading),
            snippet: snippet::snippet(&passage.text, &in_text, &weighted.idfs),
            article,
            passage,
        })
    }

    fn read(
        &mut self,
        candidate: &Candidate<'_>,
    ) -> tantivy::Result<(ArticleRecord, PassageRecord)> {
        let (address, ordinal) = (candidate.address, candidate.ordinal());
        let snapshot = &self.searcher.snapshot;
        let place = candidate.article_address();
        let article = match self.articles.get(&place) {
            Some(article) => article.clone(),
            None => {
                let article = article_of(snapshot, address, ordinal)?;
                let article = article.ok_or_else(|| unreadable("an article"))?;
                self.articles.insert(place, article.clone());
                article
            }
        };
        let passage = stored_passage_at(snapshot, address)?;
        let passage = passage.ok_or_else(|| unreadable("a passage"))?;
        let passage = passage.of(&article, ordinal);
        Ok((article, passage))
    }
}

fn unreadable(what: &str) -> tantivy::TantivyError {
    tantivy::TantivyError::InternalError(format!("{what} that was found cannot be read"))
}

/// What of the query is in `texts`, of which the matches are given, and how it is written there.
fn found(plan: &LanguagePlan, texts: &[(&str, &Vec<Match>)]) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for (leaf, planned) in plan.leaves.iter().enumerate() {
        let mut written: Vec<String> = Vec::new();
        for (text, matches) in texts {
            for one in matches.iter().filter(|one| one.leaf == leaf) {
                let words = text[one.range.clone()].split_whitespace();
                let words = words.collect::<Vec<_>>().join(" ").to_lowercase();
                if !written.contains(&words) {
                    written.push(words);
                }
            }
        }
        if !written.is_empty() {
            let typed = planned.shape.typed();
            found.push(Found { typed, written });
        }
    }
    found
}

/// What the score of a candidate is made of.
fn explain(
    plan: &LanguagePlan,
    contributions: &[Contribution],
    candidate: &Candidate<'_>,
) -> Vec<ScorePart> {
    let words = contributions.iter().map(|one| {
        let leaf = &plan.leaves[one.leaf];
        ScorePart {
            reason: Reason::Words {
                typed: leaf.shape.typed(),
                looked_up: describe(leaf),
                frequency: one.frequency,
            },
            score: one.score,
        }
    });
    let more = [
        (Reason::Nearness, candidate.of_pairs),
        (Reason::Lead, candidate.of_lead),
        (Reason::Article, candidate.of_article),
    ];
    let more = more.into_iter().filter(|(_, score)| *score > 0.0);
    words
        .chain(more.map(|(reason, score)| ScorePart { reason, score }))
        .collect()
}
