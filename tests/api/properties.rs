//! Whatever people type and servers answer, nothing panics and what comes out is well formed.

use akwiz::authentik::address::{Address, host_and_port, reach};
use akwiz::authentik::error_body::ErrorBody;
use akwiz::authentik::text::clean;
use akwiz::authentik::version::in_page;
use proptest::prelude::*;

proptest! {
    #[test]
    fn any_text_is_an_address_or_a_sentence(typed in "\\PC{0,60}") {
        if let Ok(address) = Address::parse(&typed) {
            prop_assert!(!address.candidates().is_empty());
            for url in address.candidates() {
                prop_assert!(matches!(url.scheme(), "http" | "https") && url.path().ends_with('/'), "{url}");
                prop_assert!(url.query().is_none() && url.fragment().is_none() && url.username().is_empty());
                prop_assert!(!host_and_port(url).is_empty());
                let _ = reach(url);
            }
        }
    }

    #[test]
    fn an_address_understood_once_is_understood_again(host in "[a-z]{1,8}(\\.[a-z]{2,6}){0,2}", port in 1..u16::MAX, path in "(/[a-z]{1,5}){0,3}") {
        for typed in [format!("{host}:{port}{path}"), format!("https://{host}:{port}{path}"), format!("\"HTTP://{host}:{port}{path}/\" ")] {
            for url in Address::parse(&typed).unwrap().candidates() {
                let again = Address::parse(url.as_str()).unwrap();
                prop_assert_eq!(&again.candidates()[0], url);
            }
        }
    }

    #[test]
    fn any_body_is_read(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let read = ErrorBody::parse(&body);
        prop_assert!(read.detail.iter().all(|text| !text.chars().any(char::is_control)));
        prop_assert!(read.fields.iter().all(|field| !field.message.chars().any(char::is_control)));
    }

    #[test]
    fn json_like_bodies_are_read(body in r#"[\[\]{}:,"a-d0-9 ]{0,60}"#) {
        let _ = ErrorBody::parse(body.as_bytes());
    }

    #[test]
    fn cleaned_text_is_clean(text in any::<String>()) {
        let cleaned = clean(&text);
        prop_assert!(!cleaned.chars().any(char::is_control));
        prop_assert_eq!(clean(&cleaned), cleaned);
    }

    #[test]
    fn any_page_may_have_no_version(page in "(/static/dist/|versionFamily: \"|-20[0-9]{0,3}[.]?[0-9]{0,3}|\\.js|\\.css|\"|\\PC){0,12}") {
        let _ = in_page(&page);
    }
}
