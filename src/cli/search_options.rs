//! The options that change what a query finds, the same for all commands that search.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::bail;
use clap::Args;
use fouine::error;
use fouine::glossary::Glossary;
use fouine::language::Language;
use fouine::query::Query;
use fouine::query::syntax::{Clause, DateRange, Filter, Group, Node, Occur, TextField};
use fouine::search::{SearchOptions, Sort};

/// How to search.
#[derive(Debug, Args)]
#[command(next_help_heading = "Which passages")]
pub(super) struct SearchOptionArgs {
    /// Only passages in this language
    #[arg(long, value_enum)]
    lang: Option<Lang>,

    /// Only passages that have every word
    #[arg(long)]
    all: bool,

    /// Only words as typed and their inflections: no other spelling, no slip of the finger
    #[arg(long)]
    exact: bool,

    /// Only articles with these words in their title
    #[arg(long, value_name = "WORDS", value_parser = words)]
    title: Option<String>,

    /// Only articles by this author
    #[arg(long, value_name = "NAME", value_parser = words)]
    author: Option<String>,

    /// Only articles from this source
    #[arg(long, value_name = "NAME", value_parser = words)]
    source: Option<String>,

    /// Only files whose path has these words one after the other
    #[arg(long, value_name = "WORDS", value_parser = words)]
    path: Option<String>,

    /// Only articles of this date: 2020, 2020-03, 2020-03..2020-06, >=2020-03-15
    #[arg(long, value_name = "DATE", value_parser = date_range)]
    date: Option<DateRange>,

    /// Only articles of this date and later
    #[arg(long, value_name = "DATE", value_parser = from)]
    from: Option<DateRange>,

    /// Only articles up to this date
    #[arg(long, value_name = "DATE", value_parser = to)]
    to: Option<DateRange>,

    /// Look for each word in the other language too, by a glossary of French and English
    #[arg(long)]
    translate: bool,

    /// Translate by this glossary first: lines of French<TAB>English; English, or a dictionary of dictd
    #[arg(long, value_name = "FILE")]
    glossary: Option<PathBuf>,

    /// What comes first: the best, the latest, or by path
    #[arg(long, value_enum, value_name = "ORDER", default_value_t = Order::Score)]
    sort: Order,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Lang {
    Fr,
    En,
    Other,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Order {
    Score,
    Date,
    Path,
}

impl SearchOptionArgs {
    /// What they mean to the search, with the two that each command chooses for itself.
    ///
    /// Fails when the glossary cannot be read, and for dates between which there is no day.
    pub(super) fn options(
        &self,
        limit: usize,
        per_article: usize,
    ) -> anyhow::Result<SearchOptions> {
        if let (
            Some(DateRange {
                first: Some(from), ..
            }),
            Some(DateRange { last: Some(to), .. }),
        ) = (&self.from, &self.to)
            && to < from
        {
            bail!("--from is later than --to: no day is in between");
        }
        Ok(SearchOptions {
            limit,
            per_article,
            language: self.language(),
            all: self.all,
            exact: self.exact,
            sort: match self.sort {
                Order::Score => Sort::Score,
                Order::Date => Sort::Date,
                Order::Path => Sort::Path,
            },
            glossary: self.glossary()?,
            ..SearchOptions::default()
        })
    }

    /// The glossary to translate by; asking for one's own asks to translate.
    fn glossary(&self) -> error::Result<Option<Arc<Glossary>>> {
        Ok(match &self.glossary {
            Some(path) => {
                let own = Glossary::read(path)?;
                Some(Arc::new(own.extended(&Glossary::bundled())))
            }
            None => self.translate.then(Glossary::bundled),
        })
    }

    /// Reads a query, and narrows it to the fields and dates asked for.
    pub(super) fn query(&self, text: &str) -> Query {
        self.narrowed(Query::parse(text))
    }

    fn language(&self) -> Option<Language> {
        self.lang.map(|lang| match lang {
            Lang::Fr => Language::French,
            Lang::En => Language::English,
            Lang::Other => Language::Other,
        })
    }

    /// Narrows a query to the fields and dates asked for; without words, the language is a condition as well.
    pub(super) fn narrowed(&self, mut query: Query) -> Query {
        if let (Some(language), true) = (self.language(), query.group.clauses.is_empty()) {
            query = query.narrowed(Node::Filter(Filter::Language(language)));
        }
        if let Some(title) = &self.title {
            let in_title = Query::parse(title);
            query.notices.extend(in_title.notices);
            query = query.narrowed(all_in_title(in_title.group));
        }
        for (field, words) in [
            (TextField::Author, &self.author),
            (TextField::Source, &self.source),
            (TextField::Path, &self.path),
        ] {
            if let Some(words) = words {
                query = query.narrowed(Node::Filter(Filter::Text(field, words.clone())));
            }
        }
        for range in [&self.date, &self.from, &self.to].into_iter().flatten() {
            query = query.narrowed(Node::Filter(Filter::Date(range.clone())));
        }
        query
    }
}

/// All words of a query in the title, in any order.
fn all_in_title(group: Group) -> Node {
    let mut clauses = Vec::new();
    for clause in group.clauses {
        let occur = match clause.occur {
            Occur::Should => Occur::Must,
            occur => occur,
        };
        match clause.node {
            Node::Words(words) => clauses.extend(words.split_whitespace().map(|word| Clause {
                occur,
                node: Node::Words(word.to_owned()),
            })),
            node => clauses.push(Clause { occur, node }),
        }
    }
    Node::Title(Box::new(Node::Group(Group { clauses })))
}

fn words(text: &str) -> Result<String, String> {
    match text.contains(char::is_alphanumeric) {
        true => Ok(text.to_owned()),
        false => Err("a word, or several".to_owned()),
    }
}

fn date_range(text: &str) -> Result<DateRange, String> {
    DateRange::parse(text).ok_or_else(|| {
        "a date is 2020, 2020-03 or 2020-03-15; a range 2020-03..2020-06, >=2020-03-15 or <2020"
            .to_owned()
    })
}

fn from(text: &str) -> Result<DateRange, String> {
    single(">=", text)
}

fn to(text: &str) -> Result<DateRange, String> {
    single("<=", text)
}

/// The range on one side of a date.
fn single(sign: &str, text: &str) -> Result<DateRange, String> {
    DateRange::parse(&format!("{sign}{text}"))
        .ok_or_else(|| "a date is 2020, 2020-03 or 2020-03-15".to_owned())
}
