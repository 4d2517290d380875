//! All that an index holds, read through the library, and checked to hang together.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fouine::error::Error;
use fouine::index::Index;
use fouine::search::Searcher;

/// All articles of an index, by the paths of their files, in an order that does not depend on their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Contents {
    pub(crate) files: BTreeMap<String, Vec<Shown>>,
}

/// What an index shows of an article, but for its id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Shown {
    pub(crate) text: String,
    /// All else that is known of it.
    pub(crate) rest: String,
}

impl Contents {
    /// Reads the index in `dir`; an index that was never completed, or never begun, holds nothing.
    #[track_caller]
    pub(crate) fn of(dir: &Path) -> Contents {
        let searcher = match Searcher::open(dir) {
            Err(Error::IndexNotFound { .. } | Error::IndexIncomplete { .. }) => {
                return Contents::default();
            }
            searcher => searcher.unwrap(),
        };
        let status = Index::open(dir).unwrap().status().unwrap();
        let contents = Contents::read(&searcher);
        let n_articles: usize = contents.files.values().map(Vec::len).sum();
        assert_eq!(n_articles as u64, status.articles, "articles are counted");
        contents
    }

    /// Reads what `searcher` sees: every passage belongs to an article, and every article has all its passages.
    #[track_caller]
    pub(crate) fn read(searcher: &Searcher) -> Contents {
        let all = searcher.sample(usize::MAX, 0).unwrap();
        let ids: BTreeSet<&str> = all.iter().map(|passage| passage.article.as_str()).collect();
        let mut contents = Contents::default();
        let mut n_passages = 0;
        for id in ids {
            let found = searcher.article(id).unwrap();
            let (article, passages) =
                found.unwrap_or_else(|| panic!("passages of no article {id}"));
            assert_eq!(article.id, id);
            let ordinals: Vec<u64> = passages.iter().map(|passage| passage.ordinal).collect();
            let expected: Vec<u64> = (1..=article.n_passages).collect();
            assert_eq!(ordinals, expected, "passages of {id} in {}", article.path);
            n_passages += passages.len();
            let mut shown = Shown {
                text: String::new(),
                rest: format!("{:?} {:?}", article.metadata, article.language),
            };
            for passage in passages {
                shown.text.push_str(&passage.text);
                let more = format!(" {:?} {:?}", passage.language, passage.place);
                shown.rest.push_str(&more);
            }
            contents.files.entry(article.path).or_default().push(shown);
        }
        assert_eq!(n_passages, all.len(), "an article counts once");
        contents
            .files
            .values_mut()
            .for_each(|articles| articles.sort());
        contents
    }
}
