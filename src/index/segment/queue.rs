//! Bounds what waits to be indexed, in bytes: an article holds its room until it has been taken in, and articles come in while
//! there is room (560 MB of text indexed at a peak of 1,464 MB without this).

use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// What waits.
pub(super) struct Queue {
    max_bytes: u64,
    waiting: Mutex<u64>,
    left: Condvar,
}

impl Queue {
    /// A queue in which `max_bytes` may wait.
    pub(super) fn new(max_bytes: u64) -> Arc<Queue> {
        Arc::new(Queue {
            max_bytes,
            waiting: Mutex::new(0),
            left: Condvar::new(),
        })
    }

    /// Waits until there is room for `bytes`; what is larger than the whole queue gets in when it is empty.
    pub(super) fn enter(self: &Arc<Queue>, bytes: u64) -> Arc<Room> {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let mut waiting = self
            .left
            .wait_while(waiting, |waiting| {
                *waiting > 0 && *waiting + bytes > self.max_bytes
            })
            .unwrap_or_else(PoisonError::into_inner);
        *waiting += bytes;
        Arc::new(Room {
            queue: Arc::clone(self),
            bytes,
        })
    }
}

/// A place in a [`Queue`], given back when it is dropped.
pub(super) struct Room {
    queue: Arc<Queue>,
    bytes: u64,
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut waiting = self
            .queue
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *waiting -= self.bytes;
        self.queue.left.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn no_more_waits_than_there_is_room_for() {
        let queue = Queue::new(100);
        let inside = AtomicU64::new(0);
        thread::scope(|scope| {
            for bytes in [10, 40, 60, 90, 100, 30] {
                let (queue, inside) = (&queue, &inside);
                scope.spawn(move || {
                    for _ in 0..200 {
                        let room = queue.enter(bytes);
                        let before = inside.fetch_add(bytes, Ordering::SeqCst);
                        assert!(before + bytes <= 100, "{before} + {bytes}");
                        inside.fetch_sub(bytes, Ordering::SeqCst);
                        drop(room);
                    }
                });
            }
        });
        assert_eq!(*queue.waiting.lock().expect("no thread has panicked"), 0);
    }

    #[test]
    fn what_is_too_large_for_the_queue_goes_alone() {
        let queue = Queue::new(100);
        let room = queue.enter(1_000);
        drop(room);
        drop(queue.enter(1));
    }
}
