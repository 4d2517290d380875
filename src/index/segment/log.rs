//! What was read, in the order in which it was read: for each document the numbers of its words, in few bytes.
//!
//! A log is written to its end only, and read from its beginning to its end, so each word costs the processor about as
//! much as copying it. Frequent words are met early and have small numbers: on articles a word takes 1.6 bytes.

use tantivy::DocId;

/// What stands for a place without a word: between two texts of a document, or where a word is that is not indexed.
pub(super) const GAP: u32 = u32::MAX;

/// The words of documents, one record after the other; a record has a tag, by which readers choose.
#[derive(Default)]
pub(super) struct Log {
    bytes: Vec<u8>,
    last: DocId,
    record: Vec<u8>,
}

impl Log {
    /// Writes the words of a document, which may not be one before the last.
    pub(super) fn push(&mut self, doc: DocId, tag: usize, words: impl Iterator<Item = u32>) {
        self.record.clear();
        for word in words {
            // The gap becomes 0.
            write_number(&mut self.record, word.wrapping_add(1));
        }
        write_number(&mut self.bytes, doc - self.last);
        write_number(&mut self.bytes, tag as u32);
        write_number(&mut self.bytes, self.record.len() as u32);
        self.bytes.extend_from_slice(&self.record);
        self.last = doc;
    }

    /// Gives every word that `takes` a tag to `visit`, with its document and its position.
    pub(super) fn read(
        &self,
        takes: impl Fn(usize) -> bool,
        mut visit: impl FnMut(usize, DocId, u32, u32),
    ) {
        let mut bytes = self.bytes.as_slice();
        let mut doc = 0;
        while !bytes.is_empty() {
            doc += read_number(&mut bytes);
            let tag = read_number(&mut bytes) as usize;
            let n_bytes = read_number(&mut bytes) as usize;
            let (mut record, rest) = bytes.split_at(n_bytes);
            bytes = rest;
            if !takes(tag) {
                continue;
            }
            let mut position = 0;
            while !record.is_empty() {
                let word = read_number(&mut record).wrapping_sub(1);
                if word != GAP {
                    visit(tag, doc, position, word);
                }
                position += 1;
            }
        }
    }

    /// The bytes of memory it takes.
    pub(super) fn n_bytes(&self) -> usize {
        self.bytes.len()
    }
}

/// Seven bits a byte, the lowest first; the last byte is below 128.
pub(super) fn write_number(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Reads what [`write_number`] has written, and goes past it.
#[inline]
pub(super) fn read_number(bytes: &mut &[u8]) -> u32 {
    // Of words, nearly all.
    match **bytes {
        [low, ref rest @ ..] if low < 0x80 => {
            *bytes = rest;
            return u32::from(low);
        }
        [low, high, ref rest @ ..] if high < 0x80 => {
            *bytes = rest;
            return u32::from(low & 0x7f) | u32::from(high) << 7;
        }
        _ => {}
    }
    let mut number = 0;
    let mut shift = 0;
    while let Some((&byte, rest)) = bytes.split_first() {
        *bytes = rest;
        number |= u32::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
        shift += 7;
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let mut log = Log::default();
        let records = [
            (0, 0, vec![1, 127, GAP, 128, 300]),
            (0, 2, vec![16_384, u32::MAX - 1]),
            (7, 1, vec![]),
            (500, 0, vec![0]),
        ];
        for (doc, tag, words) in &records {
            log.push(*doc, *tag, words.iter().copied());
        }
        let mut read = Vec::new();
        log.read(
            |_| true,
            |tag, doc, position, word| read.push((tag, doc, position, word)),
        );
        let expected: Vec<_> = records
            .iter()
            .flat_map(|(doc, tag, words)| {
                let places = words.iter().zip(0..).filter(|(word, _)| **word != GAP);
                places.map(|(word, position)| (*tag, *doc, position, *word))
            })
            .collect();
        assert_eq!(read, expected);
        read.clear();
        log.read(
            |tag| tag == 2,
            |tag, doc, position, word| read.push((tag, doc, position, word)),
        );
        assert_eq!(read, [(2, 0, 0, 16_384), (2, 0, 1, u32::MAX - 1)]);
    }
}
