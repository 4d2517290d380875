//! Where words, phrases and words near each other stand: pure functions of positions, the same for postings (matching)
//! and for tokens (highlighting).

use crate::query::Shape;

/// A run of positions, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

/// Finds the spans of `shape`, ascending, each once; `positions` has those of each of its words, ascending, in the order
/// of [`Shape::words`].
pub(super) fn spans<P: AsRef<[u32]>>(shape: &Shape, positions: &[P]) -> Vec<Span> {
    let mut found = match shape {
        Shape::Word(_) => singles(positions[0].as_ref()).collect(),
        Shape::Phrase { slop, .. } => phrase_spans(positions, *slop),
        Shape::Near {
            left,
            right,
            distance,
        } => {
            let (of_left, of_right) = positions.split_at(left.n_words());
            near_spans(&spans(left, of_left), &spans(right, of_right), *distance)
        }
        Shape::Any(shapes) => of_each(spans, shapes, positions),
    };
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether `shape`, where it has spans, has some however many more positions its words have besides. Words that may move
/// may lose theirs: one takes a place that was another's. So may things near each other near something else: they are found
/// closer together, and further from it.
pub(super) fn never_loses(shape: &Shape) -> bool {
    match shape {
        Shape::Word(_) => true,
        Shape::Phrase { slop, .. } => *slop == 0,
        Shape::Near { left, right, .. } => {
            let sides = [left.as_ref(), right.as_ref()];
            sides
                .into_iter()
                .all(|side| !has_near(side) && never_loses(side))
        }
        Shape::Any(shapes) => shapes.iter().all(never_loses),
    }
}

fn has_near(shape: &Shape) -> bool {
    match shape {
        Shape::Word(_) | Shape::Phrase { .. } => false,
        Shape::Near { .. } => true,
        Shape::Any(shapes) => shapes.iter().any(has_near),
    }
}

/// The spans of `shape` to be shown: as [`spans`], but of things near each other those only, not what is between them.
pub(super) fn marks<P: AsRef<[u32]>>(shape: &Shape, positions: &[P]) -> Vec<Span> {
    match shape {
        Shape::Word(_) | Shape::Phrase { .. } => spans(shape, positions),
        Shape::Near {
            left,
            right,
            distance,
        } => {
            let (of_left, of_right) = positions.split_at(left.n_words());
            let (lefts, rights) = (spans(left, of_left), spans(right, of_right));
            let mut marked = Vec::new();
            for (shape, positions, its, others) in [
                (left, of_left, &lefts, &rights),
                (right, of_right, &rights, &lefts),
            ] {
                let is_near = |span: &&Span| {
                    let mut gaps = others.iter().filter_map(|other| gap(**span, *other));
                    gaps.any(|gap| gap <= *distance)
                };
                let its: Vec<&Span> = its.iter().filter(is_near).collect();
                marked.extend(marks(shape, positions).into_iter().filter(|part| {
                    let mut around = its.iter();
                    around.any(|span| span.start <= part.start && part.end <= span.end)
                }));
            }
            marked
        }
        Shape::Any(shapes) => of_each(marks, shapes, positions),
    }
}

/// What `find` finds of each shape.
fn of_each<P>(find: fn(&Shape, &[P]) -> Vec<Span>, shapes: &[Shape], positions: &[P]) -> Vec<Span> {
    let mut found = Vec::new();
    let mut rest = positions;
    for shape in shapes {
        let (of_shape, others) = rest.split_at(shape.n_words());
        found.extend(find(shape, of_shape));
        rest = others;
    }
    found
}

/// Spans of one word each.
pub(super) fn singles(positions: &[u32]) -> impl Iterator<Item = Span> {
    let each = positions.iter();
    each.map(|&at| Span { start: at, end: at })
}

/// Phrases: a place for each word, all different, such that the words have moved by at most `slop` places in all from
/// where they would follow each other. As Lucene's sloppy phrases, the movement is the largest difference between any two
/// words' shifts, so that words in another order cost as much as moving them there.
///
/// From each possible shift on, the words are placed as early as they can be; one phrase is found for each place of its
/// earliest shift.
pub(super) fn phrase_spans<P: AsRef<[u32]>>(lists: &[P], slop: u32) -> Vec<Span> {
    if lists.iter().any(|list| list.as_ref().is_empty()) {
        return Vec::new();
    }
    let shift = |at: u32, word: usize| i64::from(at) - word as i64;
    let mut shifts: Vec<i64> = Vec::new();
    if slop == 0 {
        shifts.extend(lists[0].as_ref().iter().map(|&at| i64::from(at)));
    } else {
        for (word, list) in lists.iter().enumerate() {
            shifts.extend(list.as_ref().iter().map(|&at| shift(at, word)));
        }
        shifts.sort_unstable();
        shifts.dedup();
    }
    let mut found = Vec::new();
    let mut places: Vec<u32> = Vec::with_capacity(lists.len());
    for least in shifts {
        places.clear();
        for (word, list) in lists.iter().enumerate() {
            let list = list.as_ref();
            let from = list.partition_point(|&at| shift(at, word) < least);
            let free = list[from..]
                .iter()
                .take_while(|&&at| shift(at, word) <= least + i64::from(slop))
                .find(|at| !places.contains(at));
            match free {
                Some(&at) => places.push(at),
                None => break,
            }
        }
        if places.len() == lists.len()
            && let (Some(&start), Some(&end)) = (places.iter().min(), places.iter().max())
        {
            found.push(Span { start, end });
        }
    }
    found
}

/// Pairs of spans that do not overlap and are at most `distance` words apart (1 for neighbours), in any order: for each
/// span of `left` the nearest of `right`, before and after.
fn near_spans(left: &[Span], right: &[Span], distance: u32) -> Vec<Span> {
    let mut found = Vec::new();
    for one in left {
        let near = || {
            let near = |other: &&Span| gap(*one, **other).is_some_and(|gap| gap <= distance);
            right.iter().filter(near)
        };
        let after = near().filter(|other| other.start > one.end).min();
        let before = near().filter(|other| one.start > other.end).max();
        found.extend(after.map(|other| Span {
            start: one.start,
            end: other.end,
        }));
        found.extend(before.map(|other| Span {
            start: other.start,
            end: one.end,
        }));
    }
    found
}

/// How many words it is from one span to the other; `None` if they overlap.
fn gap(one: Span, other: Span) -> Option<u32> {
    if other.start > one.end {
        Some(other.start - one.end)
    } else if one.start > other.end {
        Some(one.start - other.end)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::query::{Lookup, PlannedWord};

    fn span(start: u32, end: u32) -> Span {
        Span { start, end }
    }

    #[test]
    fn phrases_follow_each_other() {
        assert_eq!(phrase_spans(&[vec![1, 5], vec![2, 7]], 0), [span(1, 2)]);
        assert_eq!(phrase_spans(&[vec![1], vec![3]], 0), []);
    }

    #[test]
    fn slop_counts_moves() {
        // One word between.
        assert_eq!(phrase_spans(&[vec![1], vec![3]], 1), [span(1, 3)]);
        // Exchanged neighbours have moved by two.
        assert_eq!(phrase_spans(&[vec![2], vec![1]], 1), []);
        assert_eq!(phrase_spans(&[vec![2], vec![1]], 2), [span(1, 2)]);
        // One place is not two words.
        assert_eq!(phrase_spans(&[vec![4], vec![4]], 3), []);
    }

    #[test]
    fn near_goes_both_ways() {
        let (left, right) = ([span(5, 6)], [span(1, 1), span(9, 9)]);
        assert_eq!(near_spans(&left, &right, 3), [span(5, 9)]);
        assert_eq!(near_spans(&left, &right, 4), [span(5, 9), span(1, 6)]);
        assert_eq!(near_spans(&left, &left, 9), []);
    }

    /// Whether some choice of different places, one from each list, is moved by at most `slop`.
    fn exists(lists: &[Vec<u32>], slop: u32, chosen: &mut Vec<u32>) -> bool {
        if chosen.len() == lists.len() {
            let shifts = chosen.iter().enumerate();
            let shifts: Vec<i64> = shifts
                .map(|(word, &at)| i64::from(at) - word as i64)
                .collect();
            let (min, max) = (shifts.iter().min().unwrap(), shifts.iter().max().unwrap());
            return max - min <= i64::from(slop);
        }
        for &at in &lists[chosen.len()] {
            if !chosen.contains(&at) {
                chosen.push(at);
                let found = exists(lists, slop, chosen);
                chosen.pop();
                if found {
                    return true;
                }
            }
        }
        false
    }

    fn word() -> Arc<PlannedWord> {
        Arc::new(PlannedWord {
            typed: Vec::new(),
            lookup: Lookup::Keys {
                keys: Vec::new(),
                n_passages: 0,
            },
            senses: Vec::new(),
            near: Vec::new(),
            weight: 1.0,
        })
    }

    fn shapes() -> impl Strategy<Value = Shape> {
        let phrase = |(n_words, slop)| Shape::Phrase {
            words: vec![word(); n_words],
            slop,
        };
        let units = prop_oneof![
            Just(Shape::Word(word())),
            (1..4_usize, 0..2_u32).prop_map(phrase),
        ];
        units.prop_recursive(2, 8, 2, |shapes| {
            prop_oneof![
                (shapes.clone(), shapes.clone(), 1..4_u32).prop_map(|(left, right, distance)| {
                    Shape::Near {
                        left: Box::new(left),
                        right: Box::new(right),
                        distance,
                    }
                }),
                prop::collection::vec(shapes, 1..3).prop_map(Shape::Any),
            ]
        })
    }

    proptest! {
        #[test]
        fn more_positions_lose_no_spans(
            shape in shapes(),
            positions in prop::collection::vec(prop::collection::btree_map(0..12_u32, any::<bool>(), 0..8), 16),
        ) {
            prop_assume!(never_loses(&shape) && shape.n_words() <= positions.len());
            let lists = |are_all: bool| -> Vec<Vec<u32>> {
                let lists = positions[..shape.n_words()].iter().map(|all| {
                    let kept = all.iter().filter(|(_, is_certain)| are_all || **is_certain);
                    kept.map(|(at, _)| *at).collect()
                });
                lists.collect()
            };
            let (few, all) = (spans(&shape, &lists(false)), spans(&shape, &lists(true)));
            prop_assert!(few.is_empty() || !all.is_empty(), "{few:?}");
        }

        #[test]
        fn a_phrase_is_found_where_there_is_one(
            words in prop::collection::vec(0..3_usize, 1..4),
            texts in prop::collection::vec(prop::collection::btree_set(0..12_u32, 1..5), 3),
            slop in 0..6_u32,
        ) {
            // Places of different words are different, those of the same word the same.
            let list = |word: &usize| -> Vec<u32> {
                texts[*word].iter().filter(|at| *at % 3 == *word as u32).copied().collect()
            };
            let lists: Vec<Vec<u32>> = words.iter().map(list).collect();
            prop_assume!(lists.iter().all(|list| !list.is_empty()));
            let found = !phrase_spans(&lists, slop).is_empty();
            prop_assert_eq!(found, exists(&lists, slop, &mut Vec::new()));
        }
    }
}
