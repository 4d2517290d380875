//! The search pipeline: plan → retrieve → rank → snippet.
//!
//! Everything that answers a query goes through [`Searcher::search`]: the command line, evaluation, benchmarks.

mod bm25;
mod highlight;
mod matcher;
mod retrieve;
mod snippet;
mod weights;

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tantivy::DocAddress;

use crate::error::{Error, Result};
use crate::index::{
    ArticleRecord, Fields, Index, PassageRecord, Vocabulary, find_article, guarded,
    parse_passage_id, passages_of, read_passage_at,
};
use crate::language::{Analyzer, Language};
use crate::query::{Plan, PlannedClause, Query};

pub use snippet::{SNIPPET_CHARS, Snippet};

use retrieve::{Candidate, retrieve};
use weights::{Weighted, weigh};

/// Hits returned unless asked otherwise.
pub const DEFAULT_LIMIT: usize = 10;

/// Passages of one article returned unless asked otherwise.
pub const DEFAULT_PER_ARTICLE: usize = 3;

/// How a search is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchOptions {
    /// Most hits.
    pub limit: usize,
    /// Most hits of one article.
    pub per_article: usize,
    /// Only passages in this language.
    pub language: Option<Language>,
}

impl Default for SearchOptions {
    fn default() -> SearchOptions {
        SearchOptions {
            limit: DEFAULT_LIMIT,
            per_article: DEFAULT_PER_ARTICLE,
            language: None,
        }
    }
}

/// The answer to a query.
#[derive(Clone, Debug)]
pub struct Answer {
    /// How the query was read.
    pub reading: Reading,
    /// The best passages, best first; equal scores by article and place in it, the same in every rebuild.
    pub hits: Vec<Hit>,
    /// Passages that match, all of them.
    pub n_passages: u64,
    /// Articles with a passage that matches, all of them.
    pub n_articles: u64,
    /// How long it took.
    pub elapsed: Duration,
}

/// How a query was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The language it seems to be in; stop words are judged by it.
    pub language: Option<Language>,
    /// What was looked up in the passages of each language.
    pub lookups: Vec<Lookup>,
    /// Stop words that were not looked up.
    pub dropped: Vec<String>,
    /// What had to be guessed, or was not found, for people.
    pub notices: Vec<String>,
}

/// What was looked up in the passages of one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// The language.
    pub language: Language,
    /// Words and phrases of which any is wanted: for each word the keys that stand for it, separated by `|`.
    pub wanted: Vec<String>,
    /// Words and phrases that are excluded, likewise.
    pub excluded: Vec<String>,
}

/// A passage that was found.
#[derive(Clone, Debug)]
pub struct Hit {
    /// From 1.
    pub rank: usize,
    /// BM25; comparable within one answer only.
    pub score: f32,
    /// Its article.
    pub article: ArticleRecord,
    /// Words of the article's title that match: bytes of it, ascending, disjoint.
    pub title_highlights: Vec<Range<usize>>,
    /// The passage.
    pub passage: PassageRecord,
    /// Words of the passage's heading that match, likewise.
    pub heading_highlights: Vec<Range<usize>>,
    /// What to show of it.
    pub snippet: Snippet,
}

/// Searches one state of an index.
///
/// ```no_run
/// use std::path::Path;
/// use fouine::query::Query;
/// use fouine::search::{SearchOptions, Searcher};
///
/// let searcher = Searcher::open(Path::new("index"))?;
/// let answer = searcher.search(&Query::parse("l'élection du maire"), &SearchOptions::default())?;
/// for hit in &answer.hits {
///     println!("{} {}: {}", hit.rank, hit.article.metadata.title, hit.snippet.text);
/// }
/// # Ok::<(), fouine::error::Error>(())
/// ```
pub struct Searcher {
    path: PathBuf,
    tantivy: tantivy::Searcher,
    fields: Fields,
}

impl Searcher {
    /// Opens the last commit of the index in the folder `path`.
    ///
    /// # Errors
    ///
    /// As [`Index::open`].
    pub fn open(path: &Path) -> Result<Searcher> {
        let index = Index::open(path)?;
        if index.manifest()?.is_none() {
            return Err(Error::IndexIncomplete { path: path.into() });
        }
        Ok(Searcher {
            path: path.into(),
            tantivy: index.reader()?.searcher(),
            fields: index.fields(),
        })
    }

    /// Finds the passages that answer `query` best.
    ///
    /// # Errors
    ///
    /// [`Error::IndexDamaged`]; never because of the query.
    pub fn search(&self, query: &Query, options: &SearchOptions) -> Result<Answer> {
        let started = Instant::now();
        guarded(&self.path, || {
            let languages = match options.language {
                Some(language) => vec![language],
                None => Language::ALL.to_vec(),
            };
            let vocabulary = Vocabulary::new(&self.tantivy, &self.fields);
            let plan = Plan::new(query, &languages, &vocabulary)?;
            let weighted = weigh(&plan, &self.tantivy, &self.fields)?;
            let ranked = self.rank(&weighted, options)?;
            let mut renderer = Renderer::new(self, &weighted);
            let mut hits = Vec::with_capacity(ranked.hits.len());
            for candidate in &ranked.hits {
                hits.extend(renderer.hit(hits.len() + 1, candidate)?);
            }
            Ok(Answer {
                reading: reading(query, plan),
                hits,
                n_passages: ranked.n_passages,
                n_articles: ranked.n_articles,
                elapsed: started.elapsed(),
            })
        })
    }

    /// The article with this id, or that the passage with this id is of, with its passages in order.
    ///
    /// # Errors
    ///
    /// [`Error::IndexDamaged`].
    pub fn article(&self, id: &str) -> Result<Option<(ArticleRecord, Vec<PassageRecord>)>> {
        let mut candidates = vec![id];
        candidates.extend(parse_passage_id(id).map(|(article, _)| article));
        for id in candidates {
            let found = guarded(&self.path, || {
                let Some(article) = find_article(&self.tantivy, &self.fields, id)? else {
                    return Ok(None);
                };
                let passages = passages_of(&self.tantivy, &self.fields, id)?;
                Ok(Some((article, passages)))
            })?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Retrieves until there are enough hits after no article has more than its share, or no more to retrieve.
    fn rank(&self, languages: &[Weighted<'_>], options: &SearchOptions) -> tantivy::Result<Ranked> {
        const AT_FIRST: usize = 4;
        const MORE: usize = 16;
        let mut n_retrieved = options.limit.saturating_mul(AT_FIRST);
        loop {
            let found = retrieve(&self.tantivy, &self.fields, languages, n_retrieved)?;
            let is_all = found.best.len() < n_retrieved;
            let hits = share(found.best, options.limit, options.per_article);
            if is_all || hits.len() == options.limit {
                return Ok(Ranked {
                    hits,
                    n_passages: found.n_passages,
                    n_articles: found.n_articles,
                });
            }
            n_retrieved = n_retrieved.saturating_mul(MORE);
        }
    }
}

struct Ranked {
    hits: Vec<Candidate>,
    n_passages: u64,
    n_articles: u64,
}

/// The first `limit` of `best`, with at most `per_article` of one article.
fn share(best: Vec<Candidate>, limit: usize, per_article: usize) -> Vec<Candidate> {
    let mut n_of_article: HashMap<u64, usize> = HashMap::new();
    let allowed = best.into_iter().filter(|candidate| {
        let n_hits = n_of_article.entry(candidate.article_key).or_default();
        *n_hits += 1;
        *n_hits <= per_article
    });
    allowed.take(limit).collect()
}

/// Makes hits of candidates.
struct Renderer<'s> {
    searcher: &'s Searcher,
    languages: Vec<LanguageRenderer<'s>>,
    articles: HashMap<String, Option<ArticleRecord>>,
}

struct LanguageRenderer<'s> {
    weighted: &'s Weighted<'s>,
    analyzer: Analyzer,
}

impl<'s> Renderer<'s> {
    fn new(searcher: &'s Searcher, languages: &'s [Weighted<'s>]) -> Renderer<'s> {
        let languages = languages.iter().map(|weighted| LanguageRenderer {
            weighted,
            analyzer: Analyzer::new(weighted.plan.language),
        });
        Renderer {
            searcher,
            languages: languages.collect(),
            articles: HashMap::new(),
        }
    }

    fn hit(&mut self, rank: usize, candidate: &Candidate) -> tantivy::Result<Option<Hit>> {
        let Some((article, passage)) = self.read(candidate.address)? else {
            return Ok(None);
        };
        let Some(language) = self
            .languages
            .iter_mut()
            .find(|renderer| renderer.weighted.plan.language == passage.language)
        else {
            return Ok(None);
        };
        let wanted = &language.weighted.plan.wanted;
        let in_text = highlight::matches(&passage.text, &mut language.analyzer, wanted);
        let mut marks = |label: &str| {
            let matches = highlight::matches(label, &mut language.analyzer, wanted);
            highlight::merge(matches.into_iter().map(|found| found.range))
        };
        Ok(Some(Hit {
            rank,
            score: candidate.score,
            title_highlights: marks(&article.metadata.title),
            heading_highlights: passage
                .place
                .heading
                .as_deref()
                .map_or_else(Vec::new, marks),
            snippet: snippet::snippet(&passage.text, &in_text, &language.weighted.idfs),
            article,
            passage,
        }))
    }

    fn read(
        &mut self,
        address: DocAddress,
    ) -> tantivy::Result<Option<(ArticleRecord, PassageRecord)>> {
        let (tantivy, fields) = (&self.searcher.tantivy, &self.searcher.fields);
        let Some(passage) = read_passage_at(tantivy, fields, address)? else {
            return Err(unreadable("a passage"));
        };
        let article = match self.articles.get(&passage.article) {
            Some(article) => article.clone(),
            None => {
                let article = find_article(tantivy, fields, &passage.article)?;
                self.articles
                    .insert(passage.article.clone(), article.clone());
                article
            }
        };
        match article {
            Some(article) => Ok(Some((article, passage))),
            None => Err(unreadable("an article")),
        }
    }
}

fn unreadable(what: &str) -> tantivy::TantivyError {
    tantivy::TantivyError::InternalError(format!("{what} that was found cannot be read"))
}

fn reading(query: &Query, plan: Plan) -> Reading {
    let mut notices = query.notices.clone();
    notices.extend(plan.notices);
    Reading {
        language: plan.reads_as,
        lookups: plan
            .languages
            .iter()
            .map(|plan| Lookup {
                language: plan.language,
                wanted: plan.wanted.iter().map(describe).collect(),
                excluded: plan.excluded.iter().map(describe).collect(),
            })
            .collect(),
        dropped: plan.dropped,
        notices,
    }
}

/// Writes a clause as its keys: `déput|deput`, and a phrase in quotation marks.
fn describe(clause: &PlannedClause) -> String {
    let words: Vec<String> = clause
        .words
        .iter()
        .map(|word| word.keys.join("|"))
        .collect();
    match words.as_slice() {
        [word] => word.clone(),
        _ => format!("\"{}\"", words.join(" ")),
    }
}
