//! Clinics, their people, and tokens for programs.

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context, Result, bail};
use domain::{
    Ambient, ApiTokenId, ClinicId, StaffId, Timestamp,
    clinic::Clinic,
    staff::{Role, StaffMember},
    text::{Email, Name},
};
use serde_json::json;
use store::{
    Store, StoreError,
    ports::access::{ApiToken, SignInLink},
};
use vault::{SecretText, Token};

use super::{Outcome, find_clinic, open};
use crate::{cli, output, settings::Settings};

/// How long a sign-in link works: long enough to be handed over in person on the same or the next working day.
pub const LINK_LIVES: Duration = Duration::from_hours(24);

/// `clinic add`.
pub async fn clinic(settings: &Settings, command: cli::Clinic) -> Result<Outcome> {
    let cli::Clinic::Add { name, time_zone, report } = command;
    let store = open(settings).await?;
    let ambient = Ambient::system();
    let clinic = Clinic { id: ambient.id::<ClinicId>(), name, zone: time_zone, created_at: ambient.now() };
    let mut tx = store.begin().await?;
    match tx.insert_clinic(&clinic).await {
        Err(StoreError::Conflict(_)) => bail!("there is a clinic of this name already: {}", clinic.name),
        other => other?,
    }
    tx.commit().await?;
    store.close().await;
    if report.json {
        output::json(&json!({ "id": clinic.id, "name": clinic.name, "time_zone": clinic.zone.name() }))?;
    } else {
        output::line(format!("{} {}", clinic.id, clinic.name));
        output::aside("Next: `anteroom user add` for somebody with the role admin.");
    }
    Ok(Outcome::Done)
}

/// `user add`.
pub async fn user(settings: &Settings, command: cli::User) -> Result<Outcome> {
    let cli::User::Add { clinic, name, email, phone, role, report } = command;
    let store = open(settings).await?;
    let ambient = Ambient::system();
    let clinic = find_clinic(&*store, &clinic).await?;
    let (member, is_new) =
        member(&*store, &ambient, &clinic, name, email, role.into_iter().collect()).await?;
    if let Some(phone) = &phone {
        let mut tx = store.begin().await?;
        tx.set_staff_phone(clinic.id, member.id, Some(phone)).await?;
        tx.commit().await?;
    }
    let (link, expires_at) = sign_in_link(&*store, &ambient, settings, &member).await?;
    store.close().await;
    if report.json {
        output::json(&json!({
            "id": member.id, "added": is_new, "sign_in_link": link.expose(), "expires_at": expires_at,
        }))?;
    } else {
        output::line(link.expose());
        let who = if is_new { "was added" } else { "was there already" };
        output::aside(format!("{} {who}.", member.id));
        output::aside(
            "The link above lets them in once, within 24 hours, to set a password. Whoever opens it first is in:",
        );
        output::aside("hand it over in person or by a channel you trust. The same command prints a new one.");
    }
    Ok(Outcome::Done)
}

async fn member(
    store: &dyn Store,
    ambient: &Ambient,
    clinic: &Clinic,
    name: Name,
    email: Email,
    roles: BTreeSet<Role>,
) -> Result<(StaffMember, bool)> {
    let mut tx = store.begin().await?;
    if let Some(known) = tx.staff_by_email(email.as_str()).await? {
        if known.clinic_id != clinic.id {
            bail!("this e-mail address belongs to somebody at another clinic");
        }
        if known.disabled_at.is_some() {
            bail!("this person may no longer sign in");
        }
        if known.name != name || known.roles != roles {
            let roles: Vec<&str> = known.roles.iter().map(|role| role.as_str()).collect();
            bail!(
                "this e-mail address belongs to {} with the roles {}; nothing was changed",
                known.name,
                roles.join(", ")
            );
        }
        return Ok((known, false));
    }
    let member = StaffMember {
        id: ambient.id::<StaffId>(),
        clinic_id: clinic.id,
        name,
        email,
        phone: None,
        external_id: None,
        roles,
        disabled_at: None,
        created_at: ambient.now(),
    };
    tx.insert_staff(clinic.id, &member).await?;
    tx.commit().await?;
    Ok((member, true))
}

async fn sign_in_link(
    store: &dyn Store,
    ambient: &Ambient,
    settings: &Settings,
    member: &StaffMember,
) -> Result<(SecretText, Timestamp)> {
    let token = Token::from_random(ambient.bytes());
    let expires_at = ambient.now().plus(LINK_LIVES);
    let mut tx = store.begin().await?;
    tx.insert_sign_in_link(&SignInLink {
        token_hash: *token.hash().as_bytes(),
        clinic_id: member.clinic_id,
        staff_id: member.id,
        expires_at,
        used_at: None,
    })
    .await?;
    tx.commit().await?;
    let link = settings
        .network
        .public_url
        .join(&format!("sign-in/link/{}", token.text().expose()))
        .context("the link cannot be put together")?;
    Ok((SecretText::from(String::from(link)), expires_at))
}

/// `token add`.
pub async fn token(settings: &Settings, command: cli::Token) -> Result<Outcome> {
    let cli::Token::Add { clinic, name, scope, report } = command;
    let store = open(settings).await?;
    let ambient = Ambient::system();
    let clinic = find_clinic(&*store, &clinic).await?;
    let secret = Token::from_random(ambient.bytes());
    let token = ApiToken {
        id: ambient.id::<ApiTokenId>(),
        clinic_id: clinic.id,
        name: name.into(),
        scopes: scope.iter().map(|scope| scope.as_str().to_owned()).collect(),
        token_hash: *secret.hash().as_bytes(),
        created_at: ambient.now(),
    };
    let mut tx = store.begin().await?;
    tx.insert_api_token(&token).await?;
    tx.commit().await?;
    store.close().await;
    let text = SecretText::from(format!("antr_{}", secret.text().expose()));
    if report.json {
        output::json(&json!({ "id": token.id, "token": text.expose(), "scopes": token.scopes }))?;
    } else {
        output::line(text.expose());
        output::aside(format!("{} for {}. The token is shown this once.", token.id, clinic.name));
    }
    Ok(Outcome::Done)
}
