//! Certificates and keys as text (RFC 7468): what a terminal's paste or a web page has done to their lines is put right.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The label of a certificate's block.
const CERTIFICATE: &str = "CERTIFICATE";

/// As an answer, stands for the certificate that a login source holds. It is never sent: the reference to it stays.
pub const HELD: &str = "MBMMEWhlbGQgYnkgYXV0aGVudGlr";

/// Whether a certificate stands for the one that is held.
pub fn is_held(block: &str) -> bool {
    certificate(HELD).as_deref() == Some(block)
}

/// The first block in `text`, with lines of 64 characters and a final newline; none where there is no whole one. The label is kept.
pub fn block(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (label, rest) = rest.split_once("-----")?;
    let (body, _) = rest.split_once(&format!("-----END {label}-----"))?;
    written(label, body)
}

/// A certificate from a block, or from its bare base64 text.
pub fn certificate(text: &str) -> Option<String> {
    let whole = if text.contains("-----BEGIN ") { block(text)? } else { written(CERTIFICATE, text)? };
    let is_certificate = whole.starts_with("-----BEGIN CERTIFICATE-----");
    // Every certificate is one ASN.1 sequence.
    (is_certificate && der(&whole)?.first() == Some(&0x30)).then_some(whole)
}

/// The bytes of a block.
pub fn der(block: &str) -> Option<Vec<u8>> {
    let body: String = block.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(body).ok()
}

/// Eight characters that tell one block from another (FNV-1a). Good for names; it proves nothing.
pub fn mark(block: &str) -> String {
    let bytes = der(block).unwrap_or_default();
    let hash =
        bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{:08x}", hash >> 32)
}

fn written(label: &str, body: &str) -> Option<String> {
    let body: String = body.chars().filter(|letter| !letter.is_whitespace()).collect();
    if body.is_empty() || STANDARD.decode(&body).is_err() {
        return None;
    }
    let mut text = format!("-----BEGIN {label}-----\n");
    for (index, letter) in body.chars().enumerate() {
        if index > 0 && index % 64 == 0 {
            text.push('\n');
        }
        text.push(letter);
    }
    let _ = writeln!(text, "\n-----END {label}-----");
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_lost_in_a_paste_come_back() {
        let body = "MC4CAQAwBQYDK2VwBCIEI".to_owned() + &"A".repeat(79);
        let whole = block(&format!("-----BEGIN PRIVATE KEY-----{body}-----END PRIVATE KEY-----")).unwrap();
        let lines: Vec<&str> = whole.lines().collect();
        assert_eq!(lines.len(), 4, "{whole}");
        assert_eq!((lines[0], lines[1].len(), lines[3]), ("-----BEGIN PRIVATE KEY-----", 64, "-----END PRIVATE KEY-----"));
        assert_eq!(block(&whole).unwrap(), whole);
    }

    #[test]
    fn a_mark_is_that_of_the_bytes_and_not_of_the_lines() {
        let mark_of = |text: &str| mark(&certificate(text).unwrap());
        assert_eq!(mark_of("MAMCAQE="), mark_of("-----BEGIN CERTIFICATE-----\nMAMC\nAQE=\n-----END CERTIFICATE-----"));
        assert_ne!(mark_of("MAMCAQE="), mark_of("MAMCAQI="));
        assert_eq!(mark_of("MAMCAQE=").len(), 8);
    }

    #[test]
    fn a_certificate_needs_no_frame() {
        let bare = certificate("MAMC\nAQE=").unwrap();
        assert_eq!(bare, "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n");
        assert_eq!(certificate(&bare).unwrap(), bare);
        assert_eq!(certificate("-----BEGIN PRIVATE KEY-----\nMAMCAQE=\n-----END PRIVATE KEY-----"), None);
        assert_eq!(certificate("-----BEGIN CERTIFICATE-----\nMAMCAQE="), None);
        assert_eq!(certificate("hello"), None);
    }
}
