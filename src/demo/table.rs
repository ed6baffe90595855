//! The objects of one kind, found by the value of any field without a look at each: some tests make thousands.

use std::cell::RefCell;
use std::collections::HashMap;

use serde_json::Value;

use super::http::Object;

/// Objects of one kind, oldest first.
#[derive(Default)]
pub(super) struct Table {
    objects: Vec<Object>,
    /// By field and value, where the oldest such object is. Made when a field is first asked for, forgotten when objects change.
    places: RefCell<HashMap<&'static str, HashMap<Value, usize>>>,
}

impl Table {
    /// Every object.
    pub fn all(&self) -> &[Object] {
        &self.objects
    }

    /// Every object, to change them.
    pub fn all_mut(&mut self) -> &mut [Object] {
        self.places.get_mut().clear();
        &mut self.objects
    }

    /// The oldest object whose field has this value.
    pub fn find(&self, field: &'static str, value: &Value) -> Option<&Object> {
        self.place(field, value).map(|place| &self.objects[place])
    }

    /// The same, to change it.
    pub fn find_mut(&mut self, field: &'static str, value: &Value) -> Option<&mut Object> {
        let place = self.place(field, value)?;
        self.places.get_mut().clear();
        Some(&mut self.objects[place])
    }

    /// Adds an object.
    pub fn insert(&mut self, object: Object) {
        for (field, places) in self.places.get_mut() {
            if let Some(value) = object.get(*field) {
                places.entry(value.clone()).or_insert(self.objects.len());
            }
        }
        self.objects.push(object);
    }

    /// Removes the objects for which `gone` holds.
    pub fn remove(&mut self, gone: impl Fn(&Object) -> bool) {
        self.places.get_mut().clear();
        self.objects.retain(|object| !gone(object));
    }

    fn place(&self, field: &'static str, value: &Value) -> Option<usize> {
        let mut places = self.places.borrow_mut();
        let places = places.entry(field).or_insert_with(|| {
            let mut places = HashMap::new();
            for (place, object) in self.objects.iter().enumerate() {
                if let Some(value) = object.get(field) {
                    places.entry(value.clone()).or_insert(place);
                }
            }
            places
        });
        places.get(value).copied()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::demo::state::object;

    #[test]
    fn it_finds_the_oldest_whatever_changed_before() {
        let mut table = Table::default();
        let number = |found: Option<&Object>| found.and_then(|object| object["pk"].as_i64());
        assert_eq!(number(table.find("name", &json!("a"))), None);
        for (pk, name) in [(1, "a"), (2, "b"), (3, "a")] {
            table.insert(object(json!({ "pk": pk, "name": name })));
        }
        assert_eq!(number(table.find("name", &json!("a"))), Some(1));
        table.find_mut("pk", &json!(1)).unwrap().insert("name".to_owned(), json!("c"));
        assert_eq!(number(table.find("name", &json!("a"))), Some(3));
        table.all_mut()[0].insert("name".to_owned(), json!("a"));
        assert_eq!(number(table.find("name", &json!("a"))), Some(1));
        table.remove(|object| object["pk"] == 1);
        assert_eq!(number(table.find("name", &json!("a"))), Some(3));
        assert_eq!(number(table.find("pk", &json!(2))), Some(2));
        assert_eq!(number(table.find("none", &Value::Null)), None);
    }
}
