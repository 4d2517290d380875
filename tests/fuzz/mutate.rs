//! Breaks samples: the same seed breaks them the same way.

use std::ops::Range;

use fouine::random::SplitMix64;

/// What the inputs of a target are made of.
#[derive(Clone, Copy)]
pub(crate) struct Samples {
    /// Whole inputs, as they should be.
    pub(crate) whole: &'static [&'static [u8]],
    /// Pieces that mean something in them.
    pub(crate) pieces: &'static [&'static str],
}

/// Pieces that mean something, or should mean nothing, everywhere.
const COMMON_PIECES: &[&str] = &[
    "\0",
    "\n",
    "\n\n",
    "\r",
    "\r\n",
    "\t",
    " ",
    "\u{b}",
    "\u{c}",
    "\u{1}",
    "\u{1b}",
    "\u{85}",
    "\u{a0}",
    "\u{ad}",
    "\u{200d}",
    "\u{202e}",
    "\u{2028}",
    "\u{301}",
    "\u{323}",
    "\u{345}",
    "\u{feff}",
    "\u{fffd}",
    "\u{ffff}",
    "\u{fb01}",
    "\u{fdfa}",
    "\u{130}",
    "\u{df}",
    "\u{1e9e}",
    "é",
    "e\u{301}",
    "œ",
    "’",
    "'",
    "«",
    "»",
    "“",
    "🚲",
    "👩‍👧",
    "中",
    "א",
    "١",
    "²",
    "½",
    "Ⅷ",
    "l'",
    "S.N.C.F.",
    "63 500",
    "1.",
    "12.05.2020",
    "a",
    "mot ",
    "Un mot. ",
    "The ",
    "!",
    "? ",
    "…",
    ". ",
    "\"",
    "\\",
    "/",
    "<",
    ">",
    "&",
    "-",
    "(",
    ")",
    "0",
    "99999999999999999999",
];

/// Bytes that are no UTF-8, or of another encoding.
const BYTES: &[&[u8]] = &[
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xef\xbb\xbf",
    b"\xef\xbb",
    b"\xed\xa0\x80",
    b"\xed\xb0\x80",
    b"\xf4\x90\x80\x80",
    b"\xc0\xaf",
    b"\xe9",
    b"\x80",
    b"\xa4",
    b"\xbd",
    b"\x93",
    b"\xc3",
    b"\x1b$B",
    b"\x81\x30",
    b"\x8f\xa1",
    b"\x00a",
    b"a\x00",
    b"\xd8\x00",
    b"\x00\xdc",
];

/// Longest input that is usual.
const MAX_BYTES: usize = 16 << 10;
/// Longest input there is; one in many.
const MAX_LARGE_BYTES: usize = 256 << 10;

/// The input that belongs to `seed`.
pub(crate) fn input(samples: &Samples, seed: u64) -> Vec<u8> {
    let mut mutator = Mutator {
        random: SplitMix64::new(seed),
        samples,
    };
    let mut bytes = mutator.sample().to_vec();
    let most = [2, 8, 40][mutator.random.below(3)];
    for _ in 0..mutator.random.below(most + 1) {
        mutator.mutate(&mut bytes);
        bytes.truncate(MAX_BYTES);
    }
    match mutator.random.below(200) {
        0 => mutator.inflate(&mut bytes),
        1..10 => bytes = encoded(&bytes, &mut mutator.random),
        _ => {}
    }
    bytes
}

struct Mutator<'s> {
    random: SplitMix64,
    samples: &'s Samples,
}

impl Mutator<'_> {
    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.random.below(items.len())]
    }

    fn sample(&mut self) -> &'static [u8] {
        self.pick(self.samples.whole)
    }

    /// A piece of the format, of any format, or no text at all.
    fn piece(&mut self) -> &'static [u8] {
        match self.random.below(8) {
            0 => self.pick(BYTES),
            1 | 2 => self.pick(COMMON_PIECES).as_bytes(),
            _ => self.pick(self.samples.pieces).as_bytes(),
        }
    }

    fn place(&mut self, bytes: &[u8]) -> usize {
        self.random.below(bytes.len() + 1)
    }

    /// Bytes that lie together; mostly few.
    fn range(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.place(bytes);
        let most = [4, 32, bytes.len()][self.random.below(3)];
        let n_bytes = self.random.below(most.min(bytes.len() - start) + 1);
        start..start + n_bytes
    }

    /// One change.
    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        let at = self.place(bytes);
        match self.random.below(13) {
            0 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << self.random.below(8);
                }
            }
            1 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = self.random.next_u64() as u8;
                }
            }
            2 => {
                let gone = self.range(bytes);
                bytes.drain(gone);
            }
            3 => bytes.truncate(at),
            4 => {
                let again = self.range(bytes);
                let copy = bytes[again].to_vec();
                bytes.splice(at..at, copy);
            }
            5 => {
                let again = self.range(bytes);
                let n_times = self.times();
                let copies = bytes[again].repeat(n_times);
                let n_kept = copies.len().min(MAX_BYTES);
                bytes.splice(at..at, copies[..n_kept].iter().copied());
            }
            6 => {
                // The head of one input, the tail of another.
                let other = self.sample();
                let from = self.place(other);
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            7 => {
                let other = self.sample();
                let part = self.range(other);
                bytes.splice(at..at, other[part].iter().copied());
            }
            8 => {
                let run = self.piece().repeat(self.times());
                bytes.splice(at..at, run);
            }
            9 => {
                let replaced = self.range(bytes);
                let piece = self.piece();
                bytes.splice(replaced, piece.iter().copied());
            }
            _ => {
                let piece = self.piece();
                bytes.splice(at..at, piece.iter().copied());
            }
        }
    }

    /// How often something is repeated: seldom often.
    fn times(&mut self) -> usize {
        let most = [3, 20, 300][self.random.below(3)];
        1 + self.random.below(most)
    }

    /// Repeats a part of the input until it is large.
    fn inflate(&mut self, bytes: &mut Vec<u8>) {
        let at = self.place(bytes);
        let part = match self.random.below(3) {
            0 => self.piece().to_vec(),
            1 => [self.piece(), self.piece()].concat(),
            _ => {
                let part = self.range(bytes);
                bytes[part].to_vec()
            }
        };
        if !part.is_empty() {
            let run = part.repeat(MAX_LARGE_BYTES / part.len());
            bytes.splice(at..at, run);
        }
    }
}

/// The text in another encoding, as well as can be.
fn encoded(bytes: &[u8], random: &mut SplitMix64) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let mark = if random.below(2) == 0 { "\u{feff}" } else { "" };
    let units = mark.encode_utf16().chain(text.encode_utf16());
    match random.below(3) {
        0 => units.flat_map(u16::to_le_bytes).collect(),
        1 => units.flat_map(u16::to_be_bytes).collect(),
        _ => text
            .chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
            .collect(),
    }
}
