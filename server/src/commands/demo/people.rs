//! The demo's tenants, users and domains.

use anyhow::bail;
use model::viewer::Role;
use secrecy::SecretString;
use store::owner::{NewUser, TenantKind};
use store::password::Hasher;
use store::{DatabaseAddress, OwnerDb};

/// Everybody's password: the demo is for looking at, on one's own machine.
pub(super) const PASSWORD: &str = "mailfate-demo";

/// Who can sign in, as what.
pub(super) const SIGN_INS: [(Role, &str); 5] = [
    (Role::Customer, "kundi"),
    (Role::Customer, "ispmail"),
    (Role::Reseller, "reseller"),
    (Role::Helpdesk, "helpdesk"),
    (Role::Operator, "operator"),
];

/// Makes them at the first start; later there is nothing to do.
pub(super) async fn create(owner: &DatabaseAddress) -> anyhow::Result<()> {
    let owner = OwnerDb::connect(owner).await?;
    let made = if owner.has_login("operator").await? {
        Ok(())
    } else if owner.has_tenants().await? {
        bail!("the first start of the demo was interrupted; delete its folder and start it again")
    } else {
        create_all(&owner).await
    };
    owner.close().await;
    made
}

async fn create_all(owner: &OwnerDb) -> anyhow::Result<()> {
    let provider = owner
        .create_tenant(TenantKind::Operator, "Demo Provider", None)
        .await?;
    let reseller = owner
        .create_tenant(TenantKind::Reseller, "Nordic Hosting", Some(provider))
        .await?;
    let kundi = owner
        .create_tenant(TenantKind::Customer, "Kundi Oy", Some(reseller))
        .await?;
    let ispmail = owner
        .create_tenant(TenantKind::Customer, "ISP Mail", Some(reseller))
        .await?;
    for (tenant, domain) in [
        (kundi, "kundi.test"),
        (kundi, "alias.test"),
        (ispmail, "isp.test"),
    ] {
        owner.create_domain(tenant, domain, None).await?;
    }
    let hasher = Hasher::new(1)?;
    let password = SecretString::from(PASSWORD);
    // The operator comes last: who is there shows that the others are.
    for (tenant, role, login, display_name) in [
        (kundi, Role::Customer, "kundi", "Aino Kundi"),
        (ispmail, Role::Customer, "ispmail", "Ilkka Mail"),
        (reseller, Role::Reseller, "reseller", "Reetta Nordic"),
        (provider, Role::Helpdesk, "helpdesk", "Heli Desk"),
        (provider, Role::Operator, "operator", "Otto Operator"),
    ] {
        let user = NewUser {
            login,
            display_name,
            password: &password,
            language: "en",
            zone: "Europe/Helsinki",
        };
        owner.create_user(&hasher, &user, tenant, role).await?;
    }
    Ok(())
}
