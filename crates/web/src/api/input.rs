//! Reading what programs send: JSON bodies of bounded size and depth, whose faults are told all at once, each beside
//! the field that it is about.

use std::{
    fmt::Display,
    str::FromStr,
    sync::{Mutex, PoisonError},
};

use axum::{
    body::Bytes,
    extract::{FromRequest, Path, Request, rejection::BytesRejection},
    http::{StatusCode, header},
};
use domain::{Timestamp, text::ExternalId};
use serde_json::{Map, Value};

use crate::{Error, FieldError};

/// A JSON object that was sent.
pub struct Body(Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Error;
    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        let media_type = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if essence != "application/json"
            && !(essence.starts_with("application/") && essence.ends_with("+json"))
        {
            return Err(Error::UnsupportedMediaType("Send JSON with Content-Type: application/json.".into()));
        }
        let bytes =
            Bytes::from_request(request, state).await.map_err(|rejection| of_rejection(&rejection))?;
        // serde_json goes no deeper than 128 levels.
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(object)) => Ok(Self(object)),
            Ok(_) => Err(Error::BadRequest("The body must be a JSON object.".into())),
            // Position and kind of the fault, never what stood there.
            Err(error) => Err(Error::BadRequest(
                format!("The body is not JSON: line {}, column {}.", error.line(), error.column()).into(),
            )),
        }
    }
}

fn of_rejection(rejection: &BytesRejection) -> Error {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge,
        _ => Error::SlowBody,
    }
}

/// Faults found so far. Behind a lock only so that a handler that holds it may wait for the store.
#[derive(Default)]
pub struct Faults(Mutex<Vec<FieldError>>);

impl Faults {
    /// Notes a fault.
    pub fn note(&self, field: impl Into<String>, message: impl Display) {
        let fault = FieldError { field: field.into(), message: message.to_string() };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
    }

    /// Refuses the input where there are any.
    pub fn check(self) -> Result<(), Error> {
        let faults = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
    }

    /// Keeps the value, or notes why there is none.
    pub fn take<T, E: Display>(&self, field: impl Into<String>, result: Result<T, E>) -> Option<T> {
        result.map_err(|fault| self.note(field, fault)).ok()
    }
}

/// An object within the input, and where it stands.
pub struct Object<'a> {
    path: String,
    members: &'a Map<String, Value>,
    faults: &'a Faults,
}

const MISSING: &str = "is missing";

impl Body {
    /// The whole body, to be read with faults noted here.
    pub fn object<'a>(&'a self, faults: &'a Faults) -> Object<'a> {
        Object { path: String::new(), members: &self.0, faults }
    }
}

impl<'a> Object<'a> {
    /// The path of a member.
    pub fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Whether the member stands there, null or not.
    pub fn has(&self, key: &str) -> bool {
        self.members.contains_key(key)
    }

    /// Whether the member says anything, whatever that is worth.
    pub fn says(&self, key: &str) -> bool {
        self.member(key).is_some()
    }

    fn member(&self, key: &str) -> Option<&'a Value> {
        self.members.get(key).filter(|value| !value.is_null())
    }

    /// A text that must be there and be taken by `parse`.
    pub fn required<T, E: Display>(&self, key: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        if self.member(key).is_none() {
            self.faults.note(self.path_of(key), MISSING);
            return None;
        }
        self.optional(key, parse)
    }

    /// A text that may be absent or null, and else must be taken by `parse`.
    pub fn optional<T, E: Display>(&self, key: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        if let Value::String(text) = self.member(key)? {
            return self.faults.take(self.path_of(key), parse(text));
        }
        self.faults.note(self.path_of(key), "must be a text");
        None
    }

    /// True or false; false where it is absent.
    pub fn flag(&self, key: &str) -> bool {
        match self.member(key) {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                self.faults.note(self.path_of(key), "must be true or false");
                false
            }
        }
    }

    /// An object that may be absent.
    pub fn object(&self, key: &str) -> Option<Object<'a>> {
        let path = self.path_of(key);
        if let Value::Object(members) = self.member(key)? {
            return Some(Object { path, members, faults: self.faults });
        }
        self.faults.note(path, "must be an object");
        None
    }

    /// A list of objects that must be there, with at most so many items.
    pub fn objects(&self, key: &str, most: usize) -> Vec<Object<'a>> {
        let path = self.path_of(key);
        match self.member(key) {
            None => self.faults.note(path, MISSING),
            Some(Value::Array(items)) if items.len() > most => {
                self.faults.note(path, format_args!("has {} items; at most {most} are allowed", items.len()));
            }
            Some(Value::Array(items)) => {
                return items
                    .iter()
                    .enumerate()
                    .filter_map(|(index, item)| {
                        let path = format!("{path}[{index}]");
                        if let Value::Object(members) = item {
                            return Some(Object { path, members, faults: self.faults });
                        }
                        self.faults.note(path, "must be an object");
                        None
                    })
                    .collect();
            }
            Some(_) => self.faults.note(path, "must be a list"),
        }
        Vec::new()
    }
}

/// A word out of a few.
pub fn word<T>(text: &str, from_word: impl Fn(&str) -> Option<T>, words: &[&str]) -> Result<T, String> {
    from_word(text).ok_or_else(|| format!("must be one of: {}", words.join(", ")))
}

/// An instant.
pub fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::from_str(text).map_err(|error| format!("is {error}"))
}

/// The part of the path that names an appointment; one that could be no name of anything names nothing.
pub fn appointment_name(Path(name): Path<String>) -> Result<ExternalId, Error> {
    ExternalId::parse(&name).map_err(|fault| Error::field("external_id", fault.to_string()))
}

#[cfg(test)]
mod tests {
    use domain::text::Name;
    use serde_json::json;

    use super::*;

    fn body(value: Value) -> Body {
        match value {
            Value::Object(object) => Body(object),
            _ => panic!("an object"),
        }
    }

    fn fields(faults: Faults) -> Vec<String> {
        match faults.check() {
            Err(Error::Invalid(errors)) => errors.into_iter().map(|error| error.field).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn every_fault_is_told_with_its_place() {
        let body =
            body(json!({ "a": 7, "list": [{ "name": "" }, 3, { "name": "ok", "in": { "flag": "yes" } }] }));
        let faults = Faults::default();
        let object = body.object(&faults);
        object.required("a", Name::parse);
        object.required("b", Name::parse);
        for item in object.objects("list", 50) {
            item.required("name", Name::parse);
            if let Some(inner) = item.object("in") {
                inner.flag("flag");
            }
        }
        assert_eq!(fields(faults), ["a", "b", "list[1]", "list[0].name", "list[2].in.flag"]);
    }

    #[test]
    fn null_is_as_good_as_absent() {
        let body = body(json!({ "email": null }));
        let faults = Faults::default();
        let object = body.object(&faults);
        assert_eq!(object.optional("email", Name::parse), None);
        assert!(faults.check().is_ok());
    }
}
