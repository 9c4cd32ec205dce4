use domain::Ambient;
use tokio::net::TcpListener;

use super::*;
use crate::outbox::post_office::{MailServer, mail_settings};

fn mail(to: &str) -> Mail {
    Mail {
        to: Email::parse(to).unwrap(),
        from_name: "Riverside".to_owned(),
        subject: "Your visit".to_owned(),
        text: "https://anteroom.example/v/x\n.\n".to_owned(),
        html: "<p>x</p>".to_owned(),
        calendar: None,
    }
}

fn ambient() -> Ambient {
    Ambient::manual(Timestamp::from_seconds(1_795_442_400), 7).0
}

async fn send(settings: MailSettings, to: &str) -> Sending {
    let ambient = ambient();
    Mailer::new(settings).send(&mut Line::default(), ambient.id(), ambient.now(), &mail(to)).await
}

#[tokio::test]
async fn a_message_is_taken_with_its_id() {
    let server = MailServer::start().await;
    assert_eq!(send(server.settings(""), "rosa@mail.example").await, Sending::Taken(None));
    let taken = server.taken().remove(0);
    assert_eq!((taken.from.as_str(), taken.to.as_str()), ("desk@clinic.example", "rosa@mail.example"));
    assert!(taken.header("Message-ID").ends_with("@clinic.example>"));
    assert_eq!(taken.signed_in, None);
}

#[tokio::test]
async fn user_and_password_are_taken_from_the_address_as_they_were_before_they_were_encoded() {
    let server = MailServer::start().await;
    send(server.settings("clinic%40post:um%20br%2Fella+7@"), "rosa@mail.example").await;
    let expected = "AGNsaW5pY0Bwb3N0AHVtIGJyL2VsbGErNw==";
    assert_eq!(server.taken()[0].signed_in.as_deref(), Some(expected), "\\0clinic@post\\0um br/ella+7");
}

#[tokio::test]
async fn what_the_server_refuses_for_good_is_not_tried_again() {
    let server = MailServer::start().await;
    for (to, reason) in [("550@mail.example", "smtp_550"), ("552@mail.example", "smtp_552")] {
        assert_eq!(send(server.settings(""), to).await, Sending::Refused(reason.to_owned()));
    }
}

#[tokio::test]
async fn what_the_server_refuses_for_now_is_tried_again() {
    let server = MailServer::start().await;
    assert_eq!(send(server.settings(""), "451@mail.example").await, Sending::later("smtp_451".to_owned()));
    assert_eq!(send(server.settings(""), "421@mail.example").await, Sending::down("smtp_421".to_owned()));
    assert_eq!(send(server.settings(""), "530@mail.example").await, Sending::closed("smtp_530"));
}

#[tokio::test]
async fn a_server_that_refuses_the_sender_fails_no_message() {
    let server = MailServer::start().await;
    for from in ["550@clinic.example", "452@clinic.example"] {
        let settings = MailSettings { from: Email::parse(from).unwrap(), ..server.settings("") };
        assert_eq!(send(settings, "rosa@mail.example").await, Sending::closed("mail_refused"));
    }
    assert!(server.taken().is_empty());
}

#[tokio::test]
async fn an_answer_that_is_lost_leaves_it_open_whether_the_message_was_taken() {
    let server = MailServer::start().await;
    assert_eq!(send(server.settings(""), "lost@mail.example").await, Sending::down("smtp_broken".to_owned()));
}

#[tokio::test]
async fn one_connection_carries_several_messages() {
    let server = MailServer::start().await;
    let (mailer, ambient, mut line) = (Mailer::new(server.settings("")), ambient(), Line::default());
    for to in ["a@mail.example", "550@mail.example", "b@mail.example", "c@mail.example"] {
        mailer.send(&mut line, ambient.id(), ambient.now(), &mail(to)).await;
    }
    let connections: Vec<_> = server.taken().iter().map(|taken| taken.connection).collect();
    assert_eq!(connections, [0, 1, 1], "a refusal costs the connection");
}

#[tokio::test]
async fn a_wrong_password_is_the_operators_fault_and_no_messages() {
    let server = MailServer::start().await;
    let settings = server.settings("clinic:wrong@");
    assert!(matches!(settings.reach().await, Err(MailTrouble::SignIn)));
    assert_eq!(send(settings, "rosa@mail.example").await, Sending::closed("smtp_sign_in"));
    assert!(server.settings("clinic:right@").reach().await.is_ok());
    assert!(server.taken().is_empty());
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_from_one_that_cannot_be_trusted() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let absent = mail_settings(&format!("smtp://{nobody}"));
    assert!(matches!(absent.reach().await, Err(MailTrouble::NoAnswer)));
    let plain = MailServer::start().await;
    let no_tls = mail_settings(&format!("smtps://{}", plain.address));
    assert!(matches!(no_tls.reach().await, Err(MailTrouble::Tls)));
    // Nothing is said in the clear to a server that does not offer STARTTLS.
    let no_starttls = mail_settings(&format!("smtp+starttls://clinic:right@{}", plain.address));
    assert!(matches!(no_starttls.reach().await, Err(MailTrouble::Tls)));
    for wrong in ["smtp://mail.example", "http://127.0.0.1", "smtp://%ff:x@127.0.0.1", "nothing"] {
        assert!(matches!(mail_settings(wrong).reach().await, Err(MailTrouble::Settings(_))), "{wrong}");
    }
}

/// Time passes by itself here whenever nothing else happens.
#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_is_not_waited_for_without_end() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = mail_settings(&format!("smtp://{}", silent.local_addr().unwrap()));
    assert_eq!(send(settings, "rosa@mail.example").await, Sending::down("smtp_unreachable".to_owned()));
}

#[tokio::test]
async fn an_address_that_mail_does_not_know_is_given_up() {
    let server = MailServer::start().await;
    for strange in ["rosa..@mail.example", "rosa@-", "rosa\u{301}@mail.example"] {
        assert_eq!(
            send(server.settings(""), strange).await,
            Sending::Refused("smtp_address".to_owned()),
            "{strange}"
        );
    }
    assert!(server.taken().is_empty());
}
