//! Kinds of bytes, found for 64 at a time, as bits of numbers: where words begin and end is read off these without a look at
//! each byte, which would be a wrong guess of the processor for each word.

/// Bytes of a block.
pub(super) const BLOCK_BYTES: usize = 64;

/// What the bytes of a part of a text are; the lowest bit of a number stands for the first.
#[derive(Clone, Copy, Default)]
pub(super) struct Block {
    /// Letters of ASCII, and the two bytes of the small letters of Latin-1 that are their own forms: à to ÿ without æ and ÷.
    pub(super) letters: u64,
    /// Those letters of ASCII that are capitals.
    pub(super) capitals: u64,
    /// What a word may begin with: letters and digits of ASCII, and all that is not ASCII.
    pub(super) beginnings: u64,
}

/// The highest bit of each of eight bytes.
const HIGHEST: u64 = each(0x80);
/// All other bits.
const OTHERS: u64 = each(0x7F);

/// Eight times the same byte.
const fn each(byte: u8) -> u64 {
    0x0101_0101_0101_0101 * byte as u64
}

impl Block {
    /// What the bytes of `text` are from `start` on; behind its end there is nothing.
    pub(super) fn of(text: &str, start: usize) -> Block {
        let rest = &text.as_bytes()[start..];
        match rest.first_chunk() {
            Some(bytes) => Block::of_bytes(bytes),
            None => {
                let mut bytes = [0; BLOCK_BYTES];
                bytes[..rest.len()].copy_from_slice(rest);
                Block::of_bytes(&bytes)
            }
        }
    }

    fn of_bytes(bytes: &[u8; BLOCK_BYTES]) -> Block {
        let mut block = Block::default();
        let mut beyond_ascii = 0;
        for_eights(bytes, |eight, shift| {
            let low = eight & OTHERS;
            let letters = between(low | each(0x20), b'a', b'z') & !eight;
            let digits = between(low, b'0', b'9') & !eight;
            block.letters |= bits(letters) << shift;
            // Capitals are the ones without this bit.
            block.capitals |= bits(letters & !(eight << 2)) << shift;
            block.beginnings |= bits(letters | digits | eight) << shift;
            beyond_ascii |= eight;
        });
        if beyond_ascii & HIGHEST != 0 {
            let mut firsts = 0;
            let mut seconds = 0;
            for_eights(bytes, |eight, shift| {
                let from_a0_to_bf = equal(eight & each(0xE0), 0xA0);
                let excepted = equal(eight, 0xA6) | equal(eight, 0xB7);
                firsts |= bits(equal(eight, 0xC3)) << shift;
                seconds |= bits(from_a0_to_bf & !excepted) << shift;
            });
            let pairs = firsts & seconds >> 1;
            block.letters |= pairs | pairs << 1;
        }
        block
    }
}

/// Gives bytes, eight by eight, to `take`, with how many came before.
#[inline]
fn for_eights(bytes: &[u8; BLOCK_BYTES], mut take: impl FnMut(u64, usize)) {
    let (eights, _) = bytes.as_chunks::<8>();
    for (n_before, eight) in eights.iter().enumerate() {
        take(u64::from_le_bytes(*eight), 8 * n_before);
    }
}

/// Sets the highest bit of each byte, of ASCII, that is between two of ASCII; other bits are of no meaning.
#[inline]
fn between(bytes: u64, first: u8, last: u8) -> u64 {
    (bytes + each(0x80 - first)) & !(bytes + each(0x7F - last))
}

/// Sets the highest bit of each byte that is `byte`; other bits are of no meaning.
#[inline]
fn equal(bytes: u64, byte: u8) -> u64 {
    let difference = bytes ^ each(byte);
    !(((difference & OTHERS) + OTHERS) | difference)
}

/// The highest bits of eight bytes, one beside the other.
#[inline]
fn bits(bytes: u64) -> u64 {
    // Each of them is multiplied to where it belongs in the highest byte.
    ((bytes & HIGHEST) >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn kinds_are_those_of_each_byte_by_itself(text in "[\u{0}-\u{FF}]{0,90}|\\PC{0,40}", start in 0..20usize) {
            let text = text + "zÀàéæ÷ÿß ’A";
            let start = text.floor_char_boundary(start);
            let block = Block::of(&text, start);
            let mut at = start;
            for c in text[start..].chars() {
                let end = at + c.len_utf8();
                let is_own_form = matches!(c, 'à'..='ÿ') && !matches!(c, 'æ' | '÷');
                if end - start > BLOCK_BYTES {
                    break;
                }
                for place in at - start..end - start {
                    let is = |bits: u64| bits >> place & 1 == 1;
                    prop_assert_eq!(is(block.letters), c.is_ascii_alphabetic() || is_own_form, "{}", c);
                    prop_assert_eq!(is(block.capitals), c.is_ascii_uppercase(), "{}", c);
                    prop_assert_eq!(is(block.beginnings), !c.is_ascii() || c.is_ascii_alphanumeric(), "{}", c);
                }
                at = end;
            }
            let n_bytes = text.len() - start;
            if n_bytes < BLOCK_BYTES {
                prop_assert_eq!(block.beginnings >> n_bytes, 0);
            }
        }
    }
}
