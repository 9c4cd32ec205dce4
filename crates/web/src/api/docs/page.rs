//! The description as a page.

use askama::Template;
use axum::response::Html;

use super::{DOCUMENT, described, parameters_in, sketch, told};
use crate::{
    Error,
    guard::{Scope, Who},
    pages::view::frame::Frame,
};

#[derive(Template)]
#[template(path = "api/docs.html")]
struct Page {
    frame: Frame,
    about: &'static str,
    scopes: [Scope; Scope::ALL.len()],
    addresses: Vec<Address>,
    problem: String,
}

struct Address {
    id: &'static str,
    method: &'static str,
    path: &'static str,
    summary: &'static str,
    description: &'static str,
    scope: &'static str,
    parameters: Vec<(&'static str, &'static str)>,
    takes: Option<String>,
    answers: Vec<Answer>,
}

struct Answer {
    status: u16,
    when: &'static str,
    media_type: &'static str,
    shape: Option<String>,
}

pub async fn page() -> Result<Html<String>, Error> {
    let addresses = described().into_iter().map(|(route, told)| Address {
        id: told.id,
        method: told.method,
        path: told.path,
        summary: told.summary,
        description: told.description,
        scope: match route.who {
            Who::Program(scope) | Who::ProgramOrStaff(scope, _) => scope.as_str(),
            Who::Anyone | Who::LinkHolder | Who::Zoom | Who::Provider | Who::Staff(_) => "",
        },
        parameters: parameters_in(told.path)
            .chain(told.query.iter().copied())
            .map(|name| (name, told::of_parameter(name)))
            .collect(),
        takes: told.takes.map(|shape| sketch::of(&DOCUMENT, shape)),
        answers: told
            .answers
            .iter()
            .map(|&(status, when, media_type, shape)| Answer {
                status,
                when,
                media_type,
                shape: shape.map(|shape| sketch::of(&DOCUMENT, shape)),
            })
            .collect(),
    });
    let page = Page {
        frame: Frame::bare("The API"),
        about: told::ABOUT,
        scopes: Scope::ALL,
        addresses: addresses.collect(),
        problem: sketch::of(&DOCUMENT, "Problem"),
    };
    page.render().map(Html).map_err(Error::internal)
}
