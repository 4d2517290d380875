//! Remembers what was looked up in a state of the index that does not change.

use std::borrow::Borrow;
use std::hash::Hash;
use std::sync::{Mutex, OnceLock, PoisonError};

use rustc_hash::FxHashMap;

/// Answers that are remembered, by what was asked, until there are too many.
pub(crate) struct Memo<K, V> {
    known: Mutex<FxHashMap<K, V>>,
    most: usize,
}

impl<K: Eq + Hash, V: Clone> Memo<K, V> {
    /// Remembers at most `most` answers.
    pub(crate) fn new(most: usize) -> Memo<K, V> {
        Memo {
            known: Mutex::default(),
            most,
        }
    }

    /// The answer to `asked`: the one remembered, or that of `look_up`.
    pub(crate) fn get<Q, E>(
        &self,
        asked: &Q,
        look_up: impl FnOnce(&Q) -> Result<V, E>,
    ) -> Result<V, E>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ToOwned<Owned = K> + ?Sized,
    {
        // A map is whole after any panic.
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = known().get(asked) {
            return Ok(answer.clone());
        }
        // Without the lock: others need not wait, and at worst look up the same.
        let answer = look_up(asked)?;
        let mut known = known();
        if known.len() >= self.most {
            known.clear();
        }
        known.insert(asked.to_owned(), answer.clone());
        Ok(answer)
    }
}

/// What is known, or what `find` finds, which is known from then on. Others who ask at the same time look for it as well.
pub(crate) fn known_or<T, E>(
    known: &OnceLock<T>,
    find: impl FnOnce() -> Result<T, E>,
) -> Result<&T, E> {
    if let Some(known) = known.get() {
        return Ok(known);
    }
    let found = find()?;
    Ok(known.get_or_init(|| found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_is_looked_up_once_while_there_is_room() {
        let memo = Memo::new(2);
        let mut n_looked_up = 0;
        let mut ask = |asked: u32| {
            let answer = memo.get(&asked, |asked| {
                n_looked_up += 1;
                Ok::<u32, ()>(asked * 2)
            });
            assert_eq!(answer, Ok(asked * 2));
            n_looked_up
        };
        assert_eq!([1, 1, 2, 1, 2].map(&mut ask), [1, 1, 2, 2, 2]);
        assert_eq!([3, 3, 1].map(&mut ask), [3, 3, 4], "1 was forgotten");
    }

    #[test]
    fn failures_are_not_remembered() {
        let memo: Memo<u32, u32> = Memo::new(2);
        assert_eq!(memo.get(&1, |_| Err("no")), Err("no"));
        assert_eq!(memo.get(&1, |_| Ok::<u32, ()>(5)), Ok(5));
    }
}
