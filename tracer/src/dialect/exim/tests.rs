//! Lines of Exim that are easily read wrong: every log selector, and what strangers can write into one.

use std::net::{IpAddr, Ipv4Addr};

use super::*;
use crate::event::{DeliveryLine, DeliveryStatus, DoorAction, DoorLine, Transport};

const ID: &str = "1xUsgn-00002f-1r";

fn delivery(line: &'static str) -> DeliveryLine<'static> {
    match read(line.as_bytes()) {
        Reading::Event(Event::Delivery(line) | Event::NotTried(line) | Event::GivenUp(line)) => line,
        other => panic!("{line}: {other:?}"),
    }
}

fn arrival_of(line: &'static str) -> ArrivalLine<'static> {
    match read(line.as_bytes()) {
        Reading::Event(Event::Arrival(line)) => line,
        other => panic!("{line}: {other:?}"),
    }
}

fn door_of(line: &'static str) -> DoorLine<'static> {
    match read(line.as_bytes()) {
        Reading::Event(Event::EximDoor(line)) => line,
        other => panic!("{line}: {other:?}"),
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("plain text")
}

fn ip(text: &str) -> Option<IpAddr> {
    text.parse().ok()
}

#[test]
fn every_log_selector_is_read_over() {
    let line = arrival_of(concat!(
        "1xUsgn-00000000abc-0d2X <= anna@isp.test H=dsl.isp.test (pc-51) [192.0.2.184]:4711 I=[192.0.2.25]:587 TFO* U=ident Ci=77 P=esmtpsa ",
        "L*- X=TLS1.3:TLS_AES_256_GCM_SHA384:256* CV=no DN=\"C=FI,O=a b,CN=x\" SNI=mx.isp.test A=plain:anna@isp.test PRDR PRX=192.0.2.1 K S=1162 ",
        "M8S=8 DKIM=isp.test ARC RT=0.213s Q=slow id=17@isp.test T=\"for x <= \\\"y\\\" S=1\" from <raw@isp.test> for paula@far.test \"a b\"@far.test",
    ));
    assert_eq!(text(line.queue_id), "1xUsgn-00000000abc-0d2X");
    assert_eq!(line.client.ip, ip("192.0.2.184"));
    assert_eq!(line.client.name.map(text), Some("dsl.isp.test"));
    assert_eq!(line.helo.map(text), Some("pc-51"));
    assert_eq!(line.sasl_user.map(text), Some("anna@isp.test"));
    assert_eq!(line.size, Some(1162));
    assert_eq!(line.message_id.map(text), Some("17@isp.test"));
    assert_eq!(line.subject.map(text), Some("for x <= \\\"y\\\" S=1"));
    assert_eq!(
        line.recipients
            .iter()
            .map(|address| text(address))
            .collect::<Vec<_>>(),
        ["paula@far.test", "\"a b\"@far.test"]
    );
}

#[test]
fn a_reports_parent_is_no_router() {
    let line = arrival_of(
        "1xUsgp-00003K-0K <= <> R=1xUsgo-00002p-0E U=Debian-exim P=local S=2562 T=\"Mail delivery failed\" for bob@isp.test",
    );
    assert_eq!(line.sender, Some(&b""[..]));
    assert_eq!(line.report_on.map(text), Some("1xUsgo-00002p-0E"));
}

#[test]
fn clients_are_named_in_every_way() {
    for (host, name, helo, address) in [
        ("a.test [192.0.2.1]", Some("a.test"), None, "192.0.2.1"),
        (
            "a.test (b.test) [192.0.2.1]:25",
            Some("a.test"),
            Some("b.test"),
            "192.0.2.1",
        ),
        ("([10.0.0.1]) [192.0.2.1]", None, Some("[10.0.0.1]"), "192.0.2.1"),
        (
            "(x) [2001:db8::1]:25 I=[2001:db8::2]:25",
            None,
            Some("x"),
            "2001:db8::1",
        ),
        ("[192.0.2.1]", None, None, "192.0.2.1"),
        ("(a) [b] c) [192.0.2.1]", None, Some("a) [b] c"), "192.0.2.1"),
    ] {
        let (peer, found, ..) = field::host(host.as_bytes());
        assert_eq!(
            (peer.name.map(text), found.map(text), peer.ip),
            (name, helo, ip(address)),
            "{host}"
        );
    }
}

#[test]
fn the_transport_tells_what_delivered_means() {
    for (rest, to, orig_to, transport) in [
        (
            "=> anna <anna@kundi.test> R=localuser T=maildir_home S=1",
            "anna@kundi.test",
            None,
            Transport::Mailbox,
        ),
        (
            "=> anna <info@kundi.test> R=localuser T=maildir_home",
            "anna",
            Some("info@kundi.test"),
            Transport::Mailbox,
        ),
        (
            "=> a@far.test (b@kundi.test, c@kundi.test) <d@kundi.test> R=dnslookup T=remote_smtp H=mx [192.0.2.9]",
            "a@far.test",
            Some("d@kundi.test"),
            Transport::Smtp,
        ),
        (
            "-> a@far.test R=dnslookup T=remote_smtp H=mx [192.0.2.9]* C=\"250 OK\"",
            "a@far.test",
            None,
            Transport::Smtp,
        ),
        (
            "=> anna@kundi.test R=r T=dovecot_lmtp H=localhost [127.0.0.1] C=\"250 ok\"",
            "anna@kundi.test",
            None,
            Transport::Mailbox,
        ),
        (
            "=> |/usr/bin/prog \"a < b\" <prog@kundi.test> R=aliases T=address_pipe",
            "prog@kundi.test",
            None,
            Transport::Program,
        ),
        (
            "=> /var/mail/a b <file@kundi.test> R=aliases T=address_file",
            "file@kundi.test",
            None,
            Transport::Mailbox,
        ),
        (
            "=> /dev/null <null@kundi.test> R=aliases T=**bypassed**",
            "null@kundi.test",
            None,
            Transport::Discard,
        ),
        (
            "=> :blackhole: <null@kundi.test> R=aliases",
            "null@kundi.test",
            None,
            Transport::Discard,
        ),
        (
            "*> a@far.test R=dnslookup T=remote_smtp",
            "a@far.test",
            None,
            Transport::Discard,
        ),
    ] {
        let line = delivery(Box::leak(format!("{ID} {rest}").into_boxed_str()));
        assert_eq!(
            (text(line.to), line.orig_to.map(text), line.transport, line.status),
            (to, orig_to, transport, DeliveryStatus::Sent),
            "{rest}"
        );
    }
}

#[test]
fn answers_are_found_behind_the_fields() {
    let line = delivery(concat!(
        "1xUsgn-00002f-1r ** f@far.test R=dnslookup T=remote_smtp H=mx.far.test [198.51.100.7] X=TLS1.3:AES_256_GCM:256 CV=no DN=\"CN=mx\": ",
        "SMTP error from remote mail server after RCPT TO:<f@far.test>: 550 5.1.1 R=x H=evil [192.0.2.66]: retry timeout exceeded",
    ));
    assert_eq!((line.status, text(line.dsn)), (DeliveryStatus::Bounced, "5.1.1"));
    assert_eq!(
        (text(line.relay), line.relay_ip),
        ("mx.far.test", ip("198.51.100.7"))
    );
    let line = delivery("1xUsgn-00002f-1r ** f@far.test: retry timeout exceeded");
    assert_eq!(
        (line.status, text(line.to)),
        (DeliveryStatus::Expired, "f@far.test")
    );
    let line = delivery(
        "1xUsgn-00002f-1r == e@far.test R=dnslookup T=remote_smtp defer (-44) H=mx.far.test [198.51.100.7]: SMTP error from remote mail server after RCPT TO:<e@far.test>: 450-4.2.1 later\\n450 4.2.1 H=evil [192.0.2.66]",
    );
    assert_eq!((line.relay_ip, text(line.dsn)), (ip("198.51.100.7"), "4.2.1"));
    let line = delivery(
        "1xUsgn-00002f-1r == e@far.test R=dnslookup T=remote_smtp defer (110): Connection timed out H=mx.far.test [198.51.100.7]: SMTP timeout after initial connection",
    );
    assert_eq!(line.relay_ip, ip("198.51.100.7"));
    let line = delivery(
        "1xUsgn-00002f-1r => a@far.test R=r T=smtp H=mx [192.0.2.9] C=\"250 OK id=1xUsgo-00002p-0E\" QT=1m3s DT=0.2s",
    );
    assert_eq!(
        (line.next.map(text), line.delay_ms),
        (Some("1xUsgo-00002p-0E"), Some(63_000))
    );
}

#[test]
fn what_was_not_tried_is_told_apart() {
    let line = b"1xUsgn-00002f-1r == e@far.test routing defer (-51): retry time not reached";
    assert!(matches!(read(line), Reading::Event(Event::NotTried(_))));
}

#[test]
fn refusals_name_sender_recipient_and_client() {
    let line = door_of(
        "H=mail.test (helo.test) [192.0.2.7]:5 I=[192.0.2.25]:25 X=TLS1.3:A:256 CV=no F=<\"a> rejected RCPT <v@isp.test>: x\"@evil.test> temporarily rejected RCPT <anna@kundi.test> ORCPT=x: greylisted: wait",
    );
    assert_eq!(line.action, DoorAction::Defer);
    assert_eq!(line.envelope.recipient.map(text), Some("anna@kundi.test"));
    assert_eq!(
        line.envelope.sender.map(text),
        Some("\"a> rejected RCPT <v@isp.test>: x\"@evil.test")
    );
    assert_eq!((text(line.reply), text(line.stage)), ("greylisted: wait", "RCPT"));
    let line = door_of("H=mail.test [192.0.2.7] rejected MAIL <bad@shop.test> SIZE=1: sender is banned");
    assert_eq!(line.envelope.sender.map(text), Some("bad@shop.test"));
    let line = door_of(
        "rejected MAIL FROM:<a@news.test> H=mx4.news.test [203.0.113.4]: message too big: size=4 max=3",
    );
    assert_eq!(line.client.ip, Some(IpAddr::V4(Ipv4Addr::new(203, 0, 113, 4))));
    assert_eq!(text(line.reply), "message too big: size=4 max=3");
    let line = door_of(
        "1UlasQ-0003fr-45 F=m@a.test H=(x) [192.0.2.1]:4 I=[192.0.2.3]:25 P=esmtp rejected by local_scan(): no",
    );
    assert_eq!(
        (text(line.stage), line.envelope.sender.map(text)),
        ("END-OF-MESSAGE", Some("m@a.test"))
    );
}

#[test]
fn time_and_process_id_in_front_are_read_over() {
    for front in [
        "",
        "[1247] ",
        "2026-11-21 21:30:08 ",
        "2026-11-21 21:30:08.123 +0200 [1247] ",
    ] {
        let line = format!("{front}1xUsgn-00002f-1r Completed");
        assert!(
            matches!(read(line.as_bytes()), Reading::Event(Event::Removed { .. })),
            "{line}"
        );
    }
    assert!(matches!(
        read(b"[2/3] text"),
        Reading::Event(Event::LinePart {
            number: 2,
            count: 3,
            ends_line: false,
            text: b"text"
        })
    ));
}

#[test]
fn an_administrators_own_words_are_not_known() {
    assert_eq!(read(b"1xUsgn-00002f-1r subject was nice"), Reading::Unrecognised);
    assert_eq!(read(b"rcpt acl: hello"), Reading::Unrecognised);
    assert_eq!(read(b""), Reading::Unrecognised);
}
