//! An installation as small as it can be and still show a leak: two customers who must not see each other.
//!
//! Goes in: a fresh database. Comes out: tenants, users and domains, and records to put into it. The numbers are made, not random.

use std::sync::Arc;

use model::ids::{DomainId, RecordId, UserId};
use model::record::{Delay, Direction, OwnedRecord, Record, TrailEvent, TrailKind};
use model::time::Micros;
use model::trail::Trail;
use model::verdict::{Actor, Confidence, Outcome, Reason, Verdict};
use model::viewer::Role;
use secrecy::SecretString;

use crate::owner::{NewUser, OwnerDb, TenantKind};
use crate::password::Hasher;
use crate::testing::TestDatabase;
use crate::{Db, IngestDb};

/// The password of every user of [`TwoTenants`].
pub const PASSWORD: &str = "correct horse battery staple";

/// An operator, a reseller with the customer Kundi, and the customer ISP Mail beside.
#[derive(Debug)]
pub struct TwoTenants {
    /// The database.
    pub database: TestDatabase,
    /// Sees everything.
    pub operator: UserId,
    /// Sees everything.
    pub helpdesk: UserId,
    /// Sees Kundi's domains.
    pub reseller: UserId,
    /// Customer of the reseller.
    pub kundi: UserId,
    /// Auditor of Kundi: no subjects.
    pub auditor: UserId,
    /// Customer of the operator.
    pub ispmail: UserId,
    /// `kundi.test`.
    pub kundi_test: DomainId,
    /// `alias.test`, Kundi's too.
    pub alias_test: DomainId,
    /// `isp.test`.
    pub isp_test: DomainId,
}

impl TwoTenants {
    /// Makes it in a fresh database.
    ///
    /// # Panics
    /// When anything fails.
    pub async fn new() -> Self {
        let database = TestDatabase::new().await;
        let owner = OwnerDb::connect(&database.owner()).await.expect("the owner");
        let hasher = Hasher::new(2).expect("a hasher");
        let tenant =
            async |kind, name, parent| owner.create_tenant(kind, name, parent).await.expect("a tenant");
        let provider = tenant(TenantKind::Operator, "Provider", None).await;
        let nordic = tenant(TenantKind::Reseller, "Nordic Hosting", Some(provider)).await;
        let kundi = tenant(TenantKind::Customer, "Kundi Oy", Some(nordic)).await;
        let ispmail = tenant(TenantKind::Customer, "ISP Mail", Some(provider)).await;
        let password = SecretString::from(PASSWORD);
        let user = async |login, tenant, role| {
            let user = NewUser {
                login,
                display_name: login,
                password: &password,
                language: "en",
                zone: "Europe/Helsinki",
            };
            owner
                .create_user(&hasher, &user, tenant, role)
                .await
                .expect("a user")
        };
        let domain = async |tenant, name| owner.create_domain(tenant, name, None).await.expect("a domain");
        let made = Self {
            operator: user("operator", provider, Role::Operator).await,
            helpdesk: user("helpdesk", provider, Role::Helpdesk).await,
            reseller: user("reseller", nordic, Role::Reseller).await,
            kundi: user("kundi", kundi, Role::Customer).await,
            auditor: user("auditor", kundi, Role::Auditor).await,
            ispmail: user("ispmail", ispmail, Role::Customer).await,
            kundi_test: domain(kundi, "kundi.test").await,
            alias_test: domain(kundi, "alias.test").await,
            isp_test: domain(ispmail, "isp.test").await,
            database,
        };
        owner.close().await;
        made
    }

    /// The portal's door.
    ///
    /// # Panics
    /// When it does not open.
    pub async fn portal(&self) -> Db {
        Db::connect(&self.database.portal(), 3)
            .await
            .expect("the portal's role is harmless")
    }

    /// Stores records as the worker does.
    ///
    /// # Panics
    /// When that fails.
    pub async fn store(&self, records: &[OwnedRecord]) {
        let ingest = IngestDb::connect(&self.database.ingest())
            .await
            .expect("the worker");
        ingest
            .writer()
            .write(records, &[])
            .await
            .expect("the rows are stored");
    }
}

/// A delivered inbound mail of the domain, unlike all with another moment or number.
pub fn record(domain_id: DomainId, connected_at: Micros, number: u32) -> OwnedRecord {
    OwnedRecord {
        domain_id,
        direction: Direction::Inbound,
        country: Some("FI".to_owned()),
        asn: Some(64500),
        network: Some("Example Networks".to_owned()),
        party: Actor::Nobody,
        record: Arc::new(Record {
            record_id: RecordId::new(connected_at, u128::from(number)),
            connected_at,
            finished_at: Some(connected_at.plus_seconds(2)),
            server: "mx1".to_owned(),
            client_ip: "192.0.2.25".parse().ok(),
            client_name: Some("out.example.net".to_owned()),
            helo: Some("out.example.net".to_owned()),
            sasl_user: None,
            tls: Some("TLSv1.3 TLS_AES_256_GCM_SHA384".to_owned()),
            is_sender_known: true,
            sender: ["sender", &number.to_string(), "@example.net"].concat(),
            recipient: ["anna", &number.to_string(), "@kundi.test"].concat(),
            original_recipient: None,
            message_id: Some(["id", &number.to_string(), "@example.net"].concat()),
            subject: Some(["Invoice Ünë ", &number.to_string()].concat()),
            size: Some(12_345),
            queue_ids: vec!["4F1AB23CD".to_owned(), ["Q", &number.to_string()].concat()],
            relay: Some("mbox1".to_owned()),
            relay_ip: "2001:db8::1".parse().ok(),
            verdict: Verdict {
                outcome: Outcome::Delivered,
                reason: Reason::Ok,
                actor: Actor::Nobody,
                is_final: true,
                confidence: Confidence::Exact,
            },
            dsn: Some("2.0.0".to_owned()),
            reply: Some("250 2.0.0 <anna@kundi.test> Saved".to_owned()),
            attempts: 1,
            next_attempt_at: None,
            delay: Delay {
                total_ms: Some(2_000),
                queue_ms: Some(10),
                connect_ms: None,
                transmit_ms: Some(5),
                scan_ms: Some(900),
            },
            content: Some("CLEAN".to_owned()),
            spam_score: Some(-1.5),
            quarantine_id: None,
            greylisted_ms: Some(300_000),
            incomplete: false,
            is_copy: false,
            trail: Trail::from(vec![TrailEvent {
                at: connected_at,
                server: "mx1".to_owned(),
                program: "smtpd".to_owned(),
                kind: TrailKind::Received,
                queue_id: Some("4F1AB23CD".to_owned()),
                text: "4F1AB23CD: client=out.example.net[192.0.2.25]".to_owned(),
            }]),
        }),
    }
}
