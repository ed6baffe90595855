//! How long codes and tokens live, as authentik writes it.

/// The units that authentik knows (`authentik/lib/utils/time.py`, 2024.12 to 2026.5).
const UNITS: [&str; 7] = ["microseconds", "milliseconds", "seconds", "minutes", "hours", "days", "weeks"];

/// Checks a lifetime: `hours=1;minutes=30`.
///
/// # Errors
/// A sentence that says what one looks like.
pub fn check(text: &str) -> Result<(), String> {
    let fits = |part: &str| {
        part.split_once('=').is_some_and(|(unit, number)| UNITS.contains(&unit.trim()) && number.trim().parse::<f64>().is_ok())
    };
    if text.split(';').all(fits) { Ok(()) } else { Err("A lifetime looks like minutes=10 or hours=1;minutes=30.".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_those_of_authentik() {
        assert!(check("hours=1;minutes=30").is_ok() && check("days=0.5").is_ok());
        for wrong in ["10 minutes", "months=1", "minutes", "minutes=x", ""] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
    }
}
