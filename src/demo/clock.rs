//! Dates as authentik writes them.

use std::time::{SystemTime, UNIX_EPOCH};

const DAY: i64 = 86_400;

/// Seconds since 1970.
pub(super) fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX)
}

/// `days` days in seconds.
pub(super) const fn days(days: i64) -> i64 {
    days.saturating_mul(DAY)
}

/// `2027-11-22T04:04:47Z` for seconds since 1970.
pub(super) fn iso(seconds: i64) -> String {
    let (year, month, day) = civil(seconds.div_euclid(DAY));
    let time = seconds.rem_euclid(DAY);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", time / 3600, time / 60 % 60, time % 60)
}

/// `Mon, 22 Nov 2027 04:04:47 GMT` for seconds since 1970: the form of HTTP's `Date`.
pub(super) fn http_date(seconds: i64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let day_number = seconds.div_euclid(DAY);
    let (year, month, day) = civil(day_number);
    let time = seconds.rem_euclid(DAY);
    let pick = |names: &'static [&'static str], number: i64| usize::try_from(number).ok().and_then(|at| names.get(at)).copied();
    format!(
        "{}, {day:02} {} {year:04} {:02}:{:02}:{:02} GMT",
        pick(&DAYS, day_number.rem_euclid(7)).unwrap_or_default(),
        pick(&MONTHS, month - 1).unwrap_or_default(),
        time / 3600,
        time / 60 % 60,
        time % 60
    )
}

/// Year, month and day of a number of days since 1970, in the proleptic Gregorian calendar.
fn civil(days: i64) -> (i64, i64, i64) {
    // Counted from 1 March of year 0, so that the leap day is the last of its year.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// Seconds in a text such as `hours=3;minutes=1`, `None` when it is not one.
pub(super) fn duration(text: &str) -> Option<i64> {
    text.split(';').try_fold(0_i64, |sum, part| {
        let (unit, amount) = part.split_once('=')?;
        let amount: f64 = amount.trim().parse().ok()?;
        let seconds = match unit.trim().to_lowercase().as_str() {
            "microseconds" => 0.000_001,
            "milliseconds" => 0.001,
            "seconds" => 1.0,
            "minutes" => 60.0,
            "hours" => 3600.0,
            "days" => 86_400.0,
            "weeks" => 604_800.0,
            _ => return None,
        };
        #[expect(clippy::cast_possible_truncation, reason = "a lifetime fits in 64 bits; fractions do not matter")]
        let part = (amount * seconds) as i64;
        sum.checked_add(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_authentik_does() {
        assert_eq!(iso(0), "1970-01-01T00:00:00Z");
        assert_eq!(iso(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(iso(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(iso(1_826_856_287), "2027-11-22T04:04:47Z");
    }

    #[test]
    fn http_writes_dates_otherwise() {
        assert_eq!(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(http_date(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
    }

    #[test]
    fn durations_are_sums_of_named_units() {
        assert_eq!(duration("hours=1"), Some(3600));
        assert_eq!(duration("hours=3;minutes=1"), Some(10_860));
        assert_eq!(duration("soon"), None);
        assert_eq!(duration("fortnights=1"), None);
    }
}
