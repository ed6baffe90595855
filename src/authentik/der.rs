//! Reads the few fields of an X.509 certificate that a person needs to decide about it (RFC 5280, section 4.1).
//!
//! Trust is never decided here: rustls does that. A certificate that does not read is shown by its fingerprint alone.

use std::net::IpAddr;

use super::text::clean;

const SEQUENCE: u8 = 0x30;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
/// The kinds of a name in `GeneralName` (RFC 5280, section 4.2.1.6).
const DNS_NAME: u8 = 0x82;
const IP_ADDRESS: u8 = 0x87;
/// `subjectAltName`, 2.5.29.17.
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];

/// The fields read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Names {
    pub subject: String,
    pub issuer: String,
    /// `YYYY-MM-DD`, UTC.
    pub not_after: String,
    /// The host names and addresses that it is for.
    pub alternatives: Vec<String>,
}

/// The names and the last day of validity of a certificate in DER.
pub(super) fn names(der: &[u8]) -> Option<Names> {
    let mut certificate = Reader(der).enter(SEQUENCE)?;
    let mut tbs = certificate.enter(SEQUENCE)?;
    let (tag, _) = tbs.clone().next()?;
    if tag == VERSION {
        tbs.next()?;
    }
    tbs.next()?; // serial number
    tbs.next()?; // signature algorithm
    let issuer = tbs.enter(SEQUENCE)?;
    let mut validity = tbs.enter(SEQUENCE)?;
    let subject = tbs.enter(SEQUENCE)?;
    validity.next()?; // not before
    let (tag, not_after) = validity.next()?;
    let alternatives = alternatives(tbs).unwrap_or_default();
    Some(Names { subject: name(subject), issuer: name(issuer), not_after: day(tag, not_after)?, alternatives })
}

/// The alternative names, from what follows the subject.
fn alternatives(mut rest: Reader<'_>) -> Option<Vec<String>> {
    let mut extensions = loop {
        let (tag, content) = rest.next()?;
        if tag == EXTENSIONS {
            break Reader(content).enter(SEQUENCE)?;
        }
    };
    loop {
        let mut extension = extensions.enter(SEQUENCE)?;
        let (_, oid) = extension.next()?;
        if oid != SUBJECT_ALT_NAME {
            continue;
        }
        // Whether it is critical may stand before the value.
        let mut value = extension.next()?.1;
        if let Some((_, after)) = extension.next() {
            value = after;
        }
        let mut names = Reader(value).enter(SEQUENCE)?;
        let mut found = Vec::new();
        while let Some((tag, name)) = names.next() {
            match tag {
                DNS_NAME => found.push(clean(&String::from_utf8_lossy(name))),
                IP_ADDRESS => found.extend(address(name)),
                _ => {}
            }
        }
        return Some(found);
    }
}

fn address(octets: &[u8]) -> Option<String> {
    let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from)).ok().map(|address| address.to_string())
}

/// A distinguished name as `CN=…, O=…`, in the certificate's order.
fn name(mut rdns: Reader<'_>) -> String {
    let mut parts = Vec::new();
    while let Some((_, set)) = rdns.next() {
        let Some(mut pair) = Reader(set).enter(SEQUENCE) else { continue };
        let (Some((_, oid)), Some((_, value))) = (pair.next(), pair.next()) else { continue };
        let key = match oid {
            [0x55, 0x04, 0x03] => "CN",
            [0x55, 0x04, 0x0a] => "O",
            [0x55, 0x04, 0x0b] => "OU",
            [0x55, 0x04, 0x06] => "C",
            _ => continue,
        };
        parts.push(format!("{key}={}", clean(&String::from_utf8_lossy(value))));
    }
    parts.join(", ")
}

/// The day of a time. Two-digit years below 50 are of this century (RFC 5280, section 4.1.2.5.1).
fn day(tag: u8, time: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(time).ok()?;
    let digits = text.get(..if tag == GENERALIZED_TIME { 8 } else { 6 })?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, rest) = match tag {
        GENERALIZED_TIME => (digits[..4].to_owned(), &digits[4..]),
        UTC_TIME => (format!("{}{}", if &digits[..2] < "50" { "20" } else { "19" }, &digits[..2]), &digits[2..]),
        _ => return None,
    };
    Some(format!("{year}-{}-{}", &rest[..2], &rest[2..]))
}

/// The rest of an encoded sequence.
#[derive(Clone)]
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// The next element's tag and content.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = if first < 0x80 {
            (usize::from(first), rest)
        } else {
            let count = usize::from(first & 0x7f);
            if count == 0 || count > 4 || rest.len() < count {
                return None;
            }
            let (bytes, rest) = rest.split_at(count);
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        };
        if length > rest.len() {
            return None;
        }
        let (content, rest) = rest.split_at(length);
        self.0 = rest;
        Some((tag, content))
    }

    /// Steps into the next element when it is a `tag`.
    fn enter(&mut self, tag: u8) -> Option<Reader<'a>> {
        let (found, content) = self.next()?;
        (found == tag).then_some(Reader(content))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_both_kinds() {
        assert_eq!(day(UTC_TIME, b"491231235959Z").as_deref(), Some("2049-12-31"));
        assert_eq!(day(UTC_TIME, b"500101000000Z").as_deref(), Some("1950-01-01"));
        assert_eq!(day(GENERALIZED_TIME, b"20500101000000Z").as_deref(), Some("2050-01-01"));
        assert_eq!(day(UTC_TIME, b"4x1231235959Z"), None);
    }

    #[test]
    fn alternative_names_are_read() {
        // What follows the subject: a key, and two extensions, the second one critical.
        let names = [&b"\x82\x01a"[..], b"\x87\x04\x0a\x00\x00\x05", b"\x81\x01x"].concat();
        let wrap = |tag: u8, content: &[u8]| [&[tag, u8::try_from(content.len()).unwrap()][..], content].concat();
        let value = wrap(0x04, &wrap(SEQUENCE, &names));
        let other = wrap(SEQUENCE, &[wrap(0x06, b"\x55\x1d\x13"), wrap(0x04, b"")].concat());
        let own = wrap(SEQUENCE, &[wrap(0x06, SUBJECT_ALT_NAME), b"\x01\x01\xff".to_vec(), value].concat());
        let extensions = wrap(EXTENSIONS, &wrap(SEQUENCE, &[other, own].concat()));
        let rest = [wrap(SEQUENCE, b""), extensions].concat();
        assert_eq!(alternatives(Reader(&rest)).unwrap(), ["a", "10.0.0.5"]);
        assert_eq!(alternatives(Reader(b"\x30\x00")), None);
    }

    #[test]
    fn rubbish_is_none() {
        for bytes in [&b""[..], b"\x30", b"\x30\x84\xff\xff\xff\xff", b"\x30\x02\x30\x00", b"\x30\x80"] {
            assert_eq!(names(bytes), None);
        }
    }
}
