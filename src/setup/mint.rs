//! Identifiers and secrets that akwiz makes itself, before anything is written.
//!
//! With a client id that nobody else can have, akwiz finds its own work after a lost answer. Letters and digits only: symbols in secrets
//! broke applications (authentik #5121).

use indexmap::IndexMap;
use secrecy::SecretString;

use crate::catalog::template::{MAIN_PART, Template};

/// Letters and digits.
pub const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The length of client ids: authentik's own form makes 40.
pub const CLIENT_ID_LEN: usize = 40;

/// The length of client secrets: authentik's own form makes 128.
pub const CLIENT_SECRET_LEN: usize = 128;

/// What was made for one run of a template. Kept while the person goes back and forth, so that what was shown is what is sent.
#[derive(Debug, Clone, Default)]
pub struct Minted {
    /// By part.
    pub credentials: IndexMap<String, Credentials>,
    /// By question.
    pub secrets: IndexMap<String, SecretString>,
    /// The source's client id (a Plex client identifier, for instance).
    pub source_client_id: String,
}

/// A client id with its secret.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// 40 letters and digits.
    pub client_id: String,
    /// 128 letters and digits.
    pub client_secret: SecretString,
}

/// Makes everything that `template` can need. `random` gives uniformly distributed bytes.
pub fn mint(template: &Template, random: &mut dyn FnMut(&mut [u8])) -> Minted {
    let parts = template.part.iter().map(|part| part.id.as_str());
    let mut minted = Minted::default();
    for part in parts.chain(template.provider.is_some().then_some(MAIN_PART)) {
        let credentials = Credentials { client_id: text(CLIENT_ID_LEN, ALPHABET, random), client_secret: client_secret(random) };
        minted.credentials.insert(part.to_owned(), credentials);
    }
    for question in &template.question {
        if let Some(make) = &question.make {
            let alphabet = make.alphabet.as_deref().unwrap_or(ALPHABET);
            minted.secrets.insert(question.id.clone(), text(usize::from(make.len), alphabet, random).into());
        }
    }
    if template.source.is_some() {
        minted.source_client_id = text(CLIENT_ID_LEN, ALPHABET, random);
    }
    minted
}

/// A client secret by itself. `random` gives uniformly distributed bytes.
pub fn client_secret(random: &mut dyn FnMut(&mut [u8])) -> SecretString {
    text(CLIENT_SECRET_LEN, ALPHABET, random).into()
}

/// `len` characters of `alphabet`, each as likely as the other.
fn text(len: usize, alphabet: &str, random: &mut dyn FnMut(&mut [u8])) -> String {
    let count = if alphabet.is_ascii() { alphabet.len() } else { alphabet.chars().count() };
    let mut drawn = draw(len, count, random);
    if let Some(letters) = alphabet.is_ascii().then_some(alphabet.as_bytes()) {
        for letter in &mut drawn {
            *letter = letters[usize::from(*letter)];
        }
        return String::from_utf8(drawn).expect("ASCII is UTF-8");
    }
    let letters: Vec<char> = alphabet.chars().collect();
    drawn.into_iter().map(|letter| letters[usize::from(letter)]).collect()
}

/// `len` numbers below `count`, each as likely as the other.
fn draw(len: usize, count: usize, random: &mut dyn FnMut(&mut [u8])) -> Vec<u8> {
    assert!((1..=256).contains(&count), "an alphabet has 1 to 256 characters");
    // Bytes above the last whole multiple are thrown away, or the first letters would come up more often.
    let limit = 256 - 256 % count;
    let mut drawn = Vec::with_capacity(len);
    let mut buffer = [0_u8; 256];
    while drawn.len() < len {
        // Usually enough at once: asking the system takes longer than a few bytes too many.
        let buffer = &mut buffer[..((len - drawn.len()) * 9 / 8 + 8).min(256)];
        random(buffer);
        for byte in buffer.iter().copied() {
            if drawn.len() < len && usize::from(byte) < limit {
                drawn.push(u8::try_from(usize::from(byte) % count).expect("it is not above the byte"));
            }
        }
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counting() -> impl FnMut(&mut [u8]) {
        let mut next = 0_u8;
        move |buffer: &mut [u8]| {
            for byte in buffer {
                *byte = next;
                next = next.wrapping_add(1);
            }
        }
    }

    #[test]
    fn texts_have_the_length_and_the_alphabet() {
        let made = text(40, ALPHABET, &mut counting());
        assert_eq!(made.len(), 40);
        assert!(made.chars().all(|letter| ALPHABET.contains(letter)));
        assert_eq!(text(4, "äb", &mut counting()), "äbäb");
    }

    #[test]
    fn every_letter_is_equally_likely() {
        // All 256 bytes once: 248 are used, four of each of the 62 letters.
        let made = text(248, ALPHABET, &mut counting());
        for letter in ALPHABET.chars() {
            assert_eq!(made.matches(letter).count(), 4, "{letter}");
        }
    }
}
