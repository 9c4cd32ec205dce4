//! When is it telehealth: the clinic's rules, and making a visit telehealth by hand where they offer it.

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    Form,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    appointment::{Appointment, Kind, Status},
    staff::Role,
    telehealth::{Aspect, Offer, Rule, offered},
    text::Name,
};
use outreach::Booking;
use serde::Deserialize;

use super::{
    booking, draw, frame, see_other,
    view::{
        board::Choice,
        frame::Place,
        telehealth::{RuleRow, RulesPage},
    },
};
use crate::{App, Error, SignedIn, api::appointments::look_again, guard::Who, routes::Route};

const ADMIN: Who = Who::Staff(&[Role::Admin]);
/// So many rules a clinic may have.
const MOST_RULES: usize = 200;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/outreach/rules", ADMIN, show),
        Route::post("/outreach/rules", ADMIN, keep),
        Route::post("/appointments/{id}/telehealth", Who::Staff(&[Role::Scheduler]), make_telehealth),
    ]
}

/// What a rule is about, on pages.
pub(super) fn word(aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::EventType => "Event type",
        Aspect::Location => "Room or location",
        Aspect::Service => "Service",
    }
}

fn offer_word(offer: Offer) -> &'static str {
    match offer {
        Offer::Automatic => "automatic: it is telehealth",
        Offer::Manual => "manual: the desk may make it telehealth",
        Offer::Disabled => "disabled: it is not",
    }
}

/// Whether the desk may make the visit telehealth by the clinic's rules.
pub(super) fn is_offered(rules: &[Rule], appointment: &Appointment) -> bool {
    appointment.kind == Kind::InPerson
        && appointment.status == Status::Booked
        && offered(rules, &appointment.booked_as) != Offer::Disabled
}

async fn make_telehealth(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let before = booking::find(&app, &person, &id).await?;
    let back = format!("/appointments/{}?done=telehealth", before.id);
    if before.kind == Kind::Telehealth {
        return Ok(see_other(&back));
    }
    let rules = app.store.read().await?.telehealth_rules(person.clinic.id).await?;
    if !is_offered(&rules, &before) {
        return Err(Error::Conflict(
            "The clinic’s rules do not offer telehealth for this visit. Change it in the form below if it is meant.".into(),
        ));
    }
    let wanted = Booking { kind: Kind::Telehealth, ..Booking::from(&before) };
    let booked = app.outreach.book(person.clinic.id, &wanted).await?;
    look_again(&app, Some(&before), &booked.appointment).await;
    Ok(see_other(&back))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    done: String,
}

async fn show(
    State(app): State<App>,
    person: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let rules = app.store.read().await?.telehealth_rules(person.clinic.id).await?;
    let typed = rules.iter().map(Typed::from).collect();
    let mut page = page(&person, typed, &BTreeMap::new(), false);
    if asked.done == "saved" {
        page.frame.said = Some("Saved. The rules are asked when a visit is booked from now on.");
    }
    Ok(draw(&page)?.into_response())
}

/// A row as it was typed.
#[derive(Clone, Debug, Default)]
struct Typed {
    aspect: String,
    name: String,
    offer: String,
}

impl From<&Rule> for Typed {
    fn from(rule: &Rule) -> Self {
        Self {
            aspect: rule.aspect.as_str().to_owned(),
            name: rule.name.to_string(),
            offer: rule.offer.as_str().to_owned(),
        }
    }
}

impl Typed {
    fn read(&self) -> Result<Rule, String> {
        Ok(Rule {
            aspect: Aspect::from_word(&self.aspect).ok_or("Choose what the rule is about.")?,
            name: Name::parse(&self.name).map_err(|why| format!("The word {why}."))?,
            offer: Offer::from_word(&self.offer).ok_or("Choose what the rule says.")?,
        })
    }
}

fn typed(sent: &BTreeMap<String, String>) -> Vec<Typed> {
    (0..=MOST_RULES)
        .map_while(|index| {
            let text = |name: &str| sent.get(&format!("rule-{index}-{name}")).cloned();
            Some(Typed {
                name: text("name")?,
                aspect: text("aspect").unwrap_or_default(),
                offer: text("offer").unwrap_or_default(),
            })
        })
        .collect()
}

async fn keep(
    State(app): State<App>,
    person: SignedIn,
    Form(sent): Form<BTreeMap<String, String>>,
) -> Result<Response, Error> {
    let mut rows = typed(&sent);
    let what = sent.get("do").map_or("save", String::as_str);
    if let Some(index) = what.strip_prefix("remove-").and_then(|index| index.parse::<usize>().ok()) {
        if index < rows.len() {
            rows.remove(index);
        }
        return Ok(draw(&page(&person, rows, &BTreeMap::new(), true))?.into_response());
    }
    if what == "more" {
        if rows.len() < MOST_RULES {
            rows.push(Typed::default());
        }
        return Ok(draw(&page(&person, rows, &BTreeMap::new(), true))?.into_response());
    }
    rows.retain(|row| !row.name.trim().is_empty());
    let mut faults = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut rules = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        match row.read() {
            Ok(rule) if !seen.insert((rule.aspect, rule.name.as_str().to_lowercase())) => {
                faults.insert(index, "There is a rule for this word already.".to_owned());
            }
            Ok(rule) => rules.push(rule),
            Err(why) => _ = faults.insert(index, why),
        }
    }
    if rules.len() > MOST_RULES {
        faults.insert(MOST_RULES, format!("A clinic may have at most {MOST_RULES} rules."));
    }
    if !faults.is_empty() {
        let page = page(&person, rows, &faults, true);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, draw(&page)?).into_response());
    }
    let mut tx = app.store.begin().await?;
    tx.set_telehealth_rules(person.clinic.id, &rules).await?;
    tx.commit().await?;
    tracing::info!(clinic.id = %person.clinic.id, rules = rules.len(), "the rules for telehealth were changed");
    Ok(see_other("/outreach/rules?done=saved"))
}

fn page(person: &SignedIn, rows: Vec<Typed>, faults: &BTreeMap<usize, String>, unsaved: bool) -> RulesPage {
    let has_rules = rows.iter().any(|row| !row.name.is_empty());
    let rows = if rows.is_empty() { vec![Typed::default()] } else { rows };
    let is_full = rows.len() >= MOST_RULES;
    let row = |(index, typed): (usize, &Typed)| RuleRow {
        aspects: Aspect::ALL
            .into_iter()
            .map(|aspect| Choice {
                value: aspect.as_str().to_owned(),
                word: word(aspect).to_owned(),
                chosen: typed.aspect == aspect.as_str(),
            })
            .collect(),
        name: typed.name.clone(),
        offers: Offer::ALL
            .into_iter()
            .map(|offer| Choice {
                value: offer.as_str().to_owned(),
                word: offer_word(offer).to_owned(),
                chosen: typed.offer == offer.as_str(),
            })
            .collect(),
        fault: faults.get(&index).cloned(),
    };
    RulesPage {
        frame: frame(person, "When is it telehealth?", Some(Place::Outreach)),
        rows: rows.iter().enumerate().map(row).collect(),
        unsaved,
        has_rules,
        is_full,
    }
}
