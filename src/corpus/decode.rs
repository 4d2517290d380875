//! From bytes to text: which encoding, and which byte each character came from.
//!
//! Nearly everything is UTF-8 and costs one validation. What is not is older: windows-1252,
//! Latin-9, UTF-16. Files that are not text at all are refused here.

use std::ops::RangeInclusive;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_8859_15, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::skipped::SkipReason;
use super::source_map::{ByteAnchor, ByteMap};

/// A source as text, with the way back to its bytes.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub(crate) text: String,
    pub(crate) bytes: ByteMap,
}

const UTF_8_BOM: &[u8] = b"\xEF\xBB\xBF";

/// How files that are not text begin.
const MAGIC: &[&[u8]] = &[
    b"%PDF-",
    b"PK\x03\x04",
    b"\x7fELF",
    b"GIF8",
    b"\x89PNG\r\n",
    b"\xFF\xD8\xFF",
    b"\x1f\x8b\x08",
    b"RIFF",
    b"{\\rtf",
    b"\xD0\xCF\x11\xE0",
    b"BZh9",
    b"7z\xBC\xAF",
    b"SQLite format 3\0",
];

/// Text has hardly any control characters beside white space; past one in so many it is data.
const MIN_BYTES_PER_CONTROL: usize = 50;

/// Characters whose places are all kept, where they are of another width than in UTF-8; beyond that many, places are kept
/// at intervals of [`SPARSE_BYTES`]. Of a text all in accented letters they would take sixteen times its memory.
const MAX_EXACT_ANCHORS: usize = 4 << 20;
const SPARSE_BYTES: usize = 64;

/// How much is enough to recognize an encoding.
const SAMPLE_BYTES: usize = 256 * 1024;

/// Decodes the bytes of a file or of a line; `declared` is what the source says of itself, and
/// is believed when the bytes agree.
pub(crate) fn decode(
    bytes: Vec<u8>,
    declared: Option<&'static Encoding>,
) -> Result<Decoded, SkipReason> {
    if let Some(encoding) = utf16(&bytes) {
        let decoded = decode_utf16(&bytes, encoding);
        return if reads_as_data(&decoded.text) {
            Err(SkipReason::Binary)
        } else {
            Ok(decoded)
        };
    }
    if is_binary(&bytes) {
        return Err(SkipReason::Binary);
    }
    let bom_bytes = if bytes.starts_with(UTF_8_BOM) {
        UTF_8_BOM.len()
    } else {
        0
    };
    let bytes = match String::from_utf8(bytes) {
        Ok(mut text) => {
            text.drain(..bom_bytes);
            return Ok(Decoded {
                text,
                bytes: ByteMap::utf8(bom_bytes as u64),
            });
        }
        Err(error) => error.into_bytes(),
    };
    if bom_bytes > 0 || is_damaged_utf8(&bytes) {
        return Ok(repair_utf8(&bytes, bom_bytes));
    }
    let encoding = declared
        .filter(|&encoding| encoding != UTF_8 && agrees(&bytes, encoding))
        .unwrap_or_else(|| guess(&bytes));
    Ok(decode_legacy(&bytes, encoding))
}

/// The UTF-16 that the bytes announce, by a mark or by the pattern of their NULs.
pub(crate) fn utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [0xFF, 0xFE, ..] => return Some(UTF_16LE),
        [0xFE, 0xFF, ..] => return Some(UTF_16BE),
        _ => {}
    }
    if !bytes.contains(&0) {
        return None;
    }
    // The NULs of western text are all on one side; other data has them on both.
    let sample = &bytes[..bytes.len().min(4096) & !1];
    let pairs = sample.len() / 2;
    let nuls_at = |parity| {
        sample
            .iter()
            .skip(parity)
            .step_by(2)
            .filter(|&&b| b == 0)
            .count()
    };
    let (even, odd) = (nuls_at(0), nuls_at(1));
    let plain = |many: usize, few: usize| many * 10 > pairs * 7 && few * 50 < pairs;
    if plain(odd, even) {
        Some(UTF_16LE)
    } else if plain(even, odd) {
        Some(UTF_16BE)
    } else {
        None
    }
}

fn is_binary(bytes: &[u8]) -> bool {
    let is_control = |&&b: &&u8| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0C | 0x1B);
    MAGIC.iter().any(|magic| bytes.starts_with(magic))
        || bytes.contains(&0)
        || bytes.iter().filter(is_control).count() * MIN_BYTES_PER_CONTROL > bytes.len()
}

/// Whether what was taken for UTF-16 makes no sense as such.
fn reads_as_data(text: &str) -> bool {
    let is_noise =
        |&c: &char| c == char::REPLACEMENT_CHARACTER || c.is_control() && !c.is_whitespace();
    let n_noise = text.chars().filter(is_noise).count();
    n_noise > 1 && n_noise * MIN_BYTES_PER_CONTROL > text.chars().count()
}

/// Whether the bytes are UTF-8 but for a few: other encodings hardly ever form a valid sequence.
fn is_damaged_utf8(bytes: &[u8]) -> bool {
    let mut n_valid = 0;
    let mut n_broken = 0;
    for chunk in bytes.utf8_chunks() {
        n_valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        n_broken += usize::from(!chunk.invalid().is_empty());
    }
    n_valid > 0 && n_broken * 2 <= n_valid
}

fn repair_utf8(bytes: &[u8], bom_bytes: usize) -> Decoded {
    let mut decoded = TrackedText::new(bytes.len(), 1, bom_bytes);
    let mut at = bom_bytes;
    for chunk in bytes[bom_bytes..].utf8_chunks() {
        decoded.push(chunk.valid(), at);
        at += chunk.valid().len();
        if !chunk.invalid().is_empty() {
            decoded.push("\u{fffd}", at);
            at += chunk.invalid().len();
        }
    }
    decoded.finish(at)
}

pub(crate) fn decode_utf16(bytes: &[u8], encoding: &'static Encoding) -> Decoded {
    let bom_bytes = match bytes {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => 2,
        _ => 0,
    };
    let mut decoded = TrackedText::new(bytes.len() / 2, 2, bom_bytes);
    let mut at = bom_bytes;
    let units = bytes[bom_bytes..].chunks_exact(2).map(|pair| match *pair {
        [a, b] if encoding == UTF_16LE => u16::from_le_bytes([a, b]),
        [a, b] => u16::from_be_bytes([a, b]),
        _ => 0,
    });
    for c in char::decode_utf16(units) {
        let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
        decoded.push(c.encode_utf8(&mut [0; 4]), at);
        at += 2 * c.len_utf16();
    }
    if at < bytes.len() {
        decoded.push("\u{fffd}", at);
    }
    decoded.finish(bytes.len())
}

fn decode_legacy(bytes: &[u8], encoding: &'static Encoding) -> Decoded {
    let mut decoded = TrackedText::new(bytes.len() + bytes.len() / 16, 1, 0);
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut character = String::with_capacity(32);
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        // Only where the run is taken as a whole, or each byte of it would count what follows.
        let n_ascii = match encoding.is_ascii_compatible() {
            true => rest.iter().take_while(|b| b.is_ascii()).count(),
            false => 0,
        };
        if n_ascii > 0
            && let Ok(ascii) = str::from_utf8(&rest[..n_ascii])
        {
            decoded.push(ascii, at);
            at += n_ascii;
            continue;
        }
        // Byte after byte until a character comes out, so that its bytes are known.
        let start = at;
        character.clear();
        while character.is_empty() && at < bytes.len() {
            let last = at + 1 == bytes.len();
            let _ = decoder.decode_to_string(&bytes[at..=at], &mut character, last);
            at += 1;
        }
        decoded.push(&character, start);
    }
    decoded.finish(at)
}

/// Text that grows along with the table of where its characters came from.
struct TrackedText {
    text: String,
    map: ByteMap,
    last: ByteAnchor,
}

impl TrackedText {
    fn new(capacity: usize, unit_bytes: usize, start: usize) -> Self {
        let last = ByteAnchor {
            decoded: 0,
            byte: start as u64,
        };
        Self {
            text: String::with_capacity(capacity),
            map: ByteMap {
                unit_bytes,
                anchors: vec![last],
            },
            last,
        }
    }

    fn push(&mut self, piece: &str, byte: usize) {
        let is_near = self.text.len() < self.last.decoded + SPARSE_BYTES;
        if self.map.anchors.len() < MAX_EXACT_ANCHORS || !is_near {
            self.anchor(byte);
        }
        self.text.push_str(piece);
    }

    fn anchor(&mut self, byte: usize) {
        let byte = byte as u64;
        let decoded = self.text.len();
        let expected =
            self.last.byte + ((decoded - self.last.decoded) * self.map.unit_bytes) as u64;
        if byte != expected {
            self.last = ByteAnchor { decoded, byte };
            self.map.anchors.push(self.last);
        }
    }

    fn finish(mut self, end: usize) -> Decoded {
        self.anchor(end);
        Decoded {
            text: self.text,
            bytes: self.map,
        }
    }
}

fn agrees(bytes: &[u8], encoding: &'static Encoding) -> bool {
    encoding
        .decode_without_bom_handling_and_without_replacement(bytes)
        .is_some()
}

/// Recognizes an encoding that is neither UTF-8 nor UTF-16.
fn guess(bytes: &[u8]) -> &'static Encoding {
    let sample = &bytes[..bytes.len().min(SAMPLE_BYTES)];
    if !reads_as_western(sample) {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(sample, true);
        let guess = detector.guess(None, Utf8Detection::Deny);
        if is_sure(sample, guess) {
            return guess;
        }
    }
    if reads_as_latin9(bytes) {
        ISO_8859_15
    } else {
        WINDOWS_1252
    }
}

/// The detector always answers; on little evidence the answer is no better than chance, and
/// windows-1252 is what most French and English files are.
fn is_sure(sample: &[u8], guess: &'static Encoding) -> bool {
    const MIN_BYTES_OF_EVIDENCE: usize = 20;
    let n_high = sample.iter().filter(|b| !b.is_ascii()).count();
    guess != WINDOWS_1252 && n_high >= MIN_BYTES_OF_EVIDENCE && agrees(sample, guess)
}

/// Whether the bytes above ASCII are nearly all those of French and English in windows-1252.
fn reads_as_western(sample: &[u8]) -> bool {
    const LETTERS: &[u8] = b"\xC0\xC2\xC6\xC7\xC8\xC9\xCA\xCB\xCE\xCF\xD4\xD9\xDB\xDC\
        \xE0\xE2\xE6\xE7\xE8\xE9\xEA\xEB\xEE\xEF\xF1\xF4\xF6\xF9\xFB\xFC\xE4\xFF";
    const SIGNS: &[u8] = b"\x80\x85\x8C\x91\x92\x93\x94\x95\x96\x97\x99\x9C\xA0\xA3\xA4\xA9\xAB\
        \xAE\xB0\xB2\xB7\xBB\xBC\xBD";
    let mut n_high = 0;
    let mut n_western = 0;
    for byte in sample.iter().filter(|b| !b.is_ascii()) {
        n_high += 1;
        n_western += usize::from(LETTERS.contains(byte) || SIGNS.contains(byte));
    }
    n_western * 20 >= n_high * 19
}

/// Latin-9 differs from windows-1252 in a few signs only: it has € and œ where the other has ¤
/// and ½, and nothing at all at 0x80 to 0x9F. It needs a sign that reads right in it, and none
/// that reads wrong.
fn reads_as_latin9(bytes: &[u8]) -> bool {
    const CONTROLS: RangeInclusive<u8> = 0x80..=0x9F;
    const EURO: u8 = 0xA4;
    const UPPER_OE: u8 = 0xBC;
    const LOWER_OE: u8 = 0xBD;
    if bytes.iter().any(|byte| CONTROLS.contains(byte)) {
        return false;
    }
    let is_letter = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphabetic() || *b >= 0xC0);
    let mut evidence = false;
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            EURO => evidence = true,
            UPPER_OE | LOWER_OE if is_letter(bytes.get(at + 1)) => evidence = true,
            UPPER_OE | LOWER_OE => return false,
            _ => {}
        }
    }
    evidence
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    #[track_caller]
    fn decoded(bytes: &[u8]) -> Decoded {
        decode(bytes.to_vec(), None).unwrap()
    }

    /// Every character of the decoded text, with the bytes the map gives it.
    fn spelled<'a>(decoded: &Decoded, bytes: &'a [u8]) -> Vec<(char, &'a [u8])> {
        let byte = |offset| usize::try_from(decoded.bytes.byte(offset)).unwrap();
        decoded
            .text
            .char_indices()
            .map(|(at, c)| (c, &bytes[byte(at)..byte(at + c.len_utf8())]))
            .collect()
    }

    #[test]
    fn utf8_mark_is_not_text() {
        let bytes = "\u{feff}Été".as_bytes();
        let decoded = decoded(bytes);
        assert_eq!(decoded.text, "Été");
        assert_eq!(spelled(&decoded, bytes)[2], ('é', "é".as_bytes()));
    }

    #[test]
    fn utf16_is_read_with_and_without_mark() {
        let text = "Le cœur de la ville 🚲 bat ici.";
        for (bom, big_endian) in [(true, true), (true, false), (false, true), (false, false)] {
            let mut bytes = Vec::new();
            for unit in bom.then_some(0xFEFF).into_iter().chain(text.encode_utf16()) {
                let pair = if big_endian {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                };
                bytes.extend(pair);
            }
            let decoded = decoded(&bytes);
            assert_eq!(decoded.text, text);
            for (c, spelling) in spelled(&decoded, &bytes) {
                assert_eq!(spelling.len(), 2 * c.len_utf16());
            }
        }
    }

    #[test]
    fn windows_1252_keeps_its_quotes_and_dashes() {
        let bytes = b"L\x92\xE9t\xE9 \x96 le c\x9Cur, 5 \x80";
        let decoded = decoded(bytes);
        assert_eq!(decoded.text, "L’été – le cœur, 5 €");
        for (_, spelling) in spelled(&decoded, bytes) {
            assert_eq!(spelling.len(), 1);
        }
    }

    #[test]
    fn places_beyond_count_are_kept_at_intervals() {
        let bytes = vec![0xE9; MAX_EXACT_ANCHORS + 10_000];
        let decoded = decoded(&bytes);
        assert_eq!(decoded.text.len(), 2 * bytes.len());
        assert!(decoded.bytes.anchors.len() < MAX_EXACT_ANCHORS + 1_000);
        let places = (0..=decoded.text.len()).rev().step_by(2).take(20_000);
        let places: Vec<u64> = places.map(|at| decoded.bytes.byte(at)).collect();
        assert_eq!(places[0], bytes.len() as u64);
        assert!(places.is_sorted_by(|a, b| a >= b));
    }

    #[test]
    fn latin9_is_chosen_on_evidence_only() {
        assert_eq!(
            decoded(b"Le c\xBDur vaut 5 \xA4 \xE0 l'\xE9t\xE9").text,
            "Le cœur vaut 5 € à l'été"
        );
        assert_eq!(decoded(b"1\xBD tasse d'\xE9t\xE9").text, "1½ tasse d'été");
        assert_eq!(decoded(b"5\xA4 d\x92\xE9t\xE9").text, "5¤ d’été");
    }

    #[test]
    fn one_bad_byte_does_not_change_the_encoding() {
        let mut bytes = "Un été à Valmorin, près du café. ".repeat(20).into_bytes();
        let bad = bytes.len();
        bytes.extend(b"\xE9 fin. \xC3");
        let decoded = decoded(&bytes);
        assert!(decoded.text.starts_with("Un été"));
        assert!(decoded.text.ends_with("café. \u{fffd} fin. \u{fffd}"));
        let repaired = decoded.text.find('\u{fffd}').unwrap();
        assert_eq!(decoded.bytes.byte(repaired), bad as u64);
        assert_eq!(decoded.bytes.byte(repaired + 3), bad as u64 + 1);
        assert_eq!(decoded.bytes.byte(decoded.text.len()), bytes.len() as u64);
    }

    #[test]
    fn other_alphabets_are_recognized() {
        let russian = "Мэр города сообщил, что мост закрыт на ремонт до конца года.";
        let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(russian);
        assert_eq!(decoded(&bytes).text, russian);
        let japanese =
            "市長は橋が年末まで修理のため閉鎖されると述べた。新しい橋の建設は来年に始まる。";
        let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(japanese);
        let decoded = decoded(&bytes);
        assert_eq!(decoded.text, japanese);
        assert!(
            spelled(&decoded, &bytes)
                .iter()
                .all(|(_, spelling)| spelling.len() == 2)
        );
    }

    #[test]
    fn declared_encoding_is_believed_when_the_bytes_agree() {
        let read = |declared| {
            decode(b"prix : 5 \xA4".to_vec(), Some(declared))
                .unwrap()
                .text
        };
        assert_eq!(read(WINDOWS_1252), "prix : 5 ¤");
        assert_eq!(read(UTF_8), "prix : 5 €");
    }

    #[test]
    fn data_is_not_text() {
        for bytes in [
            &b"%PDF-1.4"[..],
            b"PK\x03\x04abc",
            b"a\0b\0\0\0c",
            b"\x01\x02\x03abc",
            b"\x89PNG\r\n\x1a\n",
            b"\xFF\xFE\x00\xD8\x00\xD8\x01\x00",
        ] {
            assert!(matches!(
                decode(bytes.to_vec(), None),
                Err(SkipReason::Binary)
            ));
        }
    }

    #[test]
    fn nothing_is_empty_text() {
        assert_eq!(decoded(b"").text, "");
        assert_eq!(decoded(b"\xEF\xBB\xBF").text, "");
    }

    proptest! {
        #[test]
        fn any_bytes_map_back_in_order(bytes in any::<Vec<u8>>(), bom in 0..4_usize) {
            let marks: [&[u8]; 4] = [b"", b"\xFF\xFE", b"\xFE\xFF", b"\xEF\xBB\xBF"];
            let bytes = [marks[bom], &bytes].concat();
            for declared in [None, Some(encoding_rs::GB18030), Some(UTF_8)] {
                let Ok(decoded) = decode(bytes.clone(), declared) else { continue };
                let mut last = 0;
                for (at, _) in decoded.text.char_indices() {
                    let byte = decoded.bytes.byte(at);
                    assert!(byte >= last);
                    last = byte;
                }
                assert_eq!(decoded.bytes.byte(decoded.text.len()), bytes.len() as u64);
            }
        }

        #[test]
        fn any_legacy_text_is_read_byte_by_byte(bytes in "[a-z \u{e0}-\u{ff}]{0,40}") {
            let (bytes, _, _) = WINDOWS_1252.encode(&bytes);
            let whole = decode_legacy(&bytes, WINDOWS_1252);
            assert_eq!(whole.text, WINDOWS_1252.decode_without_bom_handling(&bytes).0);
            for (_, spelling) in spelled(&whole, &bytes) {
                assert_eq!(spelling.len(), 1);
            }
        }
    }
}
