//! The description of the API: `OpenAPI` for programs, a page of ours for people. Both are made of the same three things,
//! so that they cannot disagree: the table of addresses (what there is, who may call it), [`told`] (what it does) and
//! [`shapes`] (what goes in and out).

mod page;
mod shapes;
mod sketch;
mod told;

use std::sync::LazyLock;

use axum::Json;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use self::{
    shapes as of,
    told::{TOLD, Told},
};
use crate::{guard::Who, routes::Route};

pub use page::page;

#[derive(OpenApi)]
#[openapi(components(schemas(
    of::Appointment,
    of::AppointmentRecord,
    of::Appointments,
    of::Board,
    of::BoardEvent,
    of::Booking,
    of::Decision,
    of::FeedHealth,
    of::HandOut,
    of::Ledger,
    of::Links,
    of::PatientVisits,
    of::PortalLink,
    of::Presence,
    of::Problem,
    of::Record,
    of::Ruling,
    of::Sent,
)))]
struct Shapes;

/// Made once; it depends on nothing.
static DOCUMENT: LazyLock<Value> = LazyLock::new(document);

pub async fn openapi() -> Json<&'static Value> {
    Json(&*DOCUMENT)
}

/// The addresses of the API with what is said of each; one of which nothing is said is left out.
fn described() -> Vec<(Route, &'static Told)> {
    super::routes()
        .into_iter()
        .filter_map(|route| {
            let told =
                TOLD.iter().find(|told| told.method == route.method.as_str() && told.path == route.path)?;
            Some((route, told))
        })
        .collect()
}

fn document() -> Value {
    let mut document = serde_json::to_value(Shapes::openapi()).unwrap_or_default();
    let mut paths = Map::new();
    for (route, told) in described() {
        let item = paths.entry(route.path).or_insert_with(|| json!({}));
        if let Value::Object(item) = item {
            item.insert(told.method.to_ascii_lowercase(), operation(&route, told));
        }
    }
    if let Value::Object(document) = &mut document {
        document.insert(
            "info".to_owned(),
            json!({ "title": "Anteroom", "version": "1", "description": told::ABOUT, "license": { "name": "MIT OR Apache-2.0" } }),
        );
        document.insert("paths".to_owned(), Value::Object(paths));
        if let Some(Value::Object(components)) = document.get_mut("components") {
            components.insert(
                "securitySchemes".to_owned(),
                json!({
                    "token": { "type": "http", "scheme": "bearer", "description": "antr_ and 43 characters" },
                    "session": { "type": "apiKey", "in": "cookie", "name": "__Host-anteroom",
                                 "description": "Whoever is signed in, by role" },
                }),
            );
        }
    }
    document
}

fn reference(shape: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{shape}") })
}

fn operation(route: &Route, told: &Told) -> Value {
    let mut parameters: Vec<Value> = parameters_in(route.path)
        .map(|name| {
            json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" },
                            "description": told::of_parameter(name) })
        })
        .collect();
    parameters.extend(told.query.iter().map(|name| {
        json!({ "name": name, "in": "query", "required": false, "schema": { "type": "string" },
                "description": told::of_parameter(name) })
    }));
    let mut responses = Map::new();
    for &(status, description, media_type, shape) in told.answers {
        let mut content = Map::new();
        // An answer without a body has no media type.
        if !media_type.is_empty() {
            content.insert(
                media_type.to_owned(),
                shape.map_or_else(|| json!({}), |shape| json!({ "schema": reference(shape) })),
            );
        }
        let response = responses
            .entry(status.to_string())
            .or_insert_with(|| json!({ "description": description, "content": {} }));
        if let Some(Value::Object(contents)) = response.get_mut("content") {
            contents.append(&mut content);
        }
    }
    responses.insert(
        "default".to_owned(),
        json!({ "description": "An error",
                "content": { "application/problem+json": { "schema": reference("Problem") } } }),
    );
    let mut operation = json!({
        "operationId": told.id,
        "summary": told.summary,
        "description": told.description,
        "parameters": parameters,
        "responses": responses,
        "security": security(route.who),
    });
    if let (Some(shape), Value::Object(operation)) = (told.takes, &mut operation) {
        operation.insert(
            "requestBody".to_owned(),
            json!({ "required": true, "content": { "application/json": { "schema": reference(shape) } } }),
        );
    }
    operation
}

fn security(who: Who) -> Value {
    match who {
        Who::Program(scope) => json!([{ "token": [scope.as_str()] }]),
        Who::ProgramOrStaff(scope, _) => json!([{ "token": [scope.as_str()] }, { "session": [] }]),
        Who::Anyone | Who::LinkHolder | Who::Zoom | Who::Provider | Who::Staff(_) => json!([]),
    }
}

/// The names in braces.
fn parameters_in(path: &'static str) -> impl Iterator<Item = &'static str> {
    path.split('{').skip(1).filter_map(|rest| rest.split('}').next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_of_the_api_is_described_and_nothing_else() {
        let there: Vec<_> = super::super::routes()
            .into_iter()
            .filter(|route| route.path.starts_with("/api/v1/"))
            .map(|route| (route.method.to_string(), route.path))
            .collect();
        for (method, path) in &there {
            assert!(TOLD.iter().any(|told| told.method == method && told.path == *path), "{method} {path}");
        }
        assert_eq!(TOLD.len(), there.len());
    }

    #[test]
    fn every_shape_that_is_referred_to_is_there() {
        let text = DOCUMENT.to_string();
        let mut seen = 0;
        for rest in text.split("#/components/schemas/").skip(1) {
            let name = rest.split('"').next().unwrap();
            assert!(DOCUMENT["components"]["schemas"][name].is_object(), "{name}");
            seen += 1;
        }
        assert!(seen > 30, "{seen}");
    }

    #[test]
    fn the_scopes_in_the_description_are_those_of_the_gate() {
        let put = &DOCUMENT["paths"]["/api/v1/appointments/{appointment}"]["put"];
        assert_eq!(put["security"], json!([{ "token": ["appointments:write"] }]));
    }
}
