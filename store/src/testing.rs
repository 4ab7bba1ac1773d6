//! A real PostgreSQL for tests: one private cluster for all test processes of a run, and a fresh database for each test.
//!
//! Goes in: nothing. Comes out: a [`TestDatabase`] with the addresses of its three roles; code under test comes as the portal or the worker,
//! because a superuser silently skips row level security. The cluster forgets everything: it is thrown away when its last user has gone,
//! however that one ended, by a shell script that outlives us all by a few seconds.

mod two_tenants;

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use nix::fcntl::{Flock, FlockArg};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use tokio::sync::OnceCell;

use crate::address::DatabaseAddress;
use crate::embedded::programs::Programs;
use crate::embedded::{Account, PORT, SUPERUSER, make_private};
use crate::owner::{OwnerDb, ROLES};
use crate::version;

pub use two_tenants::{PASSWORD, TwoTenants, record};

/// Each test's database is a copy of this one.
const TEMPLATE: &str = "mailfate_template";

/// Runs PostgreSQL as long as anybody holds a lock on `users`, and a little longer, because the next test program may come at once.
///
/// $1 is the folder, $2 the program. It ignores Ctrl-C, so that it can clean up after those who do not.
const KEEPER: &str = r#"
trap '' INT HUP
cd "$1"
"$2" -D "$1/data" -c listen_addresses= -c unix_socket_directories="$1" -c fsync=off -c full_page_writes=off \
    -c synchronous_commit=off -c max_connections=200 -c shared_buffers=64MB -c wal_level=minimal -c max_wal_senders=0 -c jit=off \
    -c autovacuum=off -c timezone=UTC -c lc_messages=C >"$1/log" 2>&1 &
server=$!
exec 9>>"$1/users"
while kill -0 $server 2>/dev/null; do
    sleep 1
    if flock -n -x 9; then
        flock -u 9
        sleep 4
        if flock -n -x 9; then
            kill -QUIT $server
            wait $server
            break
        fi
    fi
done
rm -rf "$1/ready" "$1/data"
"#;

/// A fresh, migrated database of its own.
#[derive(Debug)]
pub struct TestDatabase {
    folder: PathBuf,
    name: String,
}

impl TestDatabase {
    /// Makes one; the first call of a process also starts or finds the cluster.
    ///
    /// # Panics
    /// Whenever something is missing: a test cannot go on without.
    pub async fn new() -> Self {
        Self::like(TEMPLATE).await
    }

    /// An empty database, without tables: for tests of migrations.
    ///
    /// # Panics
    /// As [`TestDatabase::new`].
    pub async fn empty() -> Self {
        Self::like("template1").await
    }

    async fn like(template: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let folder = cluster().await.to_owned();
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = ["t", &std::process::id().to_string(), "_", &number.to_string()].concat();
        let mut superuser = superuser(&folder)
            .await
            .expect("the cluster of the tests answers");
        // Names cannot be bound; both are made here of letters and digits.
        let sql = [
            "create database ",
            &name,
            " template ",
            template,
            " owner mailfate_owner",
        ]
        .concat();
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut superuser)
            .await
            .expect("a database for a test can be made");
        Self { folder, name }
    }

    /// As the portal's role.
    pub fn portal(&self) -> DatabaseAddress {
        self.as_role("mailfate_portal")
    }

    /// As the worker's role.
    pub fn ingest(&self) -> DatabaseAddress {
        self.as_role("mailfate_ingest")
    }

    /// As the owner.
    pub fn owner(&self) -> DatabaseAddress {
        self.as_role("mailfate_owner")
    }

    /// As the cluster's superuser: for looking at what happened, never for code under test.
    pub fn superuser(&self) -> DatabaseAddress {
        self.as_role(SUPERUSER)
    }

    /// As any role.
    pub fn as_role(&self, role: &str) -> DatabaseAddress {
        DatabaseAddress::on_socket(&self.folder, PORT, role, &self.name)
    }
}

/// The cluster's folder; the cluster runs as long as this process does.
async fn cluster() -> &'static Path {
    // The lock lives as long as the process: a static is never dropped, and the system frees it at the end, however that comes.
    static CLUSTER: OnceCell<(PathBuf, Flock<File>)> = OnceCell::const_new();
    let (folder, _) = CLUSTER.get_or_init(join_or_start).await;
    folder
}

async fn join_or_start() -> (PathBuf, Flock<File>) {
    let account = Account::for_postgres("postgres").expect("an account for PostgreSQL");
    let folder = std::env::temp_dir().join(["mailfate-test-", &fingerprint(&account)].concat());
    make_private(&folder, &account).expect("a folder for the cluster of the tests");
    let starting = lock(&folder.join("starting"), &account, FlockArg::LockExclusive).await;
    let users = lock(&folder.join("users"), &account, FlockArg::LockShared).await;
    let is_running = folder.join("ready").exists() && superuser(&folder).await.is_ok();
    if !is_running {
        start(&folder, &account).await;
    }
    drop(starting);
    (folder, users)
}

/// Programs with other migrations get a cluster of their own; so does another user of the machine.
fn fingerprint(account: &Account) -> String {
    let mut hash = blake3::Hasher::new();
    hash.update(KEEPER.as_bytes()).update(ROLES.as_bytes());
    for migration in version::MIGRATIONS.iter() {
        hash.update(&migration.checksum);
    }
    let hash = hash.finalize().to_hex();
    [
        &account.uid().to_string(),
        "-",
        hash.get(..12).unwrap_or_default(),
    ]
    .concat()
}

async fn lock(path: &Path, account: &Account, kind: FlockArg) -> Flock<File> {
    let path = path.to_owned();
    let account = account.clone();
    tokio::task::spawn_blocking(move || {
        let file = File::options()
            .create(true)
            .append(true)
            .open(&path)
            .expect("a lock file");
        account.give(&path).expect("a lock file of the right owner");
        Flock::lock(file, kind)
            .map_err(|(_, error)| error)
            .expect("a lock")
    })
    .await
    .expect("locking does not panic")
}

async fn start(folder: &Path, account: &Account) {
    let data = folder.join("data");
    for rest in [&data, &folder.join("ready")] {
        let _ = fs::remove_dir_all(rest).or_else(|_| fs::remove_file(rest));
    }
    let programs = Programs::find(None, &data).expect("PostgreSQL's programs");
    programs.initdb(&data, account, true).expect("initdb");
    let mut keeper = account.command(Path::new("/bin/sh"));
    keeper
        .args(["-c", KEEPER, "keeper"])
        .arg(folder)
        .arg(programs.folder.join("postgres"))
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    drop(keeper.spawn().expect("a shell"));

    let mut superuser = wait_for_superuser(folder).await;
    sqlx::raw_sql(ROLES).execute(&mut superuser).await.expect("roles");
    sqlx::raw_sql("create database mailfate_template owner mailfate_owner")
        .execute(&mut superuser)
        .await
        .expect("the template");
    let owner = DatabaseAddress::on_socket(folder, PORT, "mailfate_owner", TEMPLATE);
    let owner = OwnerDb::connect(&owner).await.expect("the owner can connect");
    owner.migrate().await.expect("the migrations apply");
    owner.close().await;
    fs::write(folder.join("ready"), "").expect("the mark that the cluster is ready");
}

async fn wait_for_superuser(folder: &Path) -> PgConnection {
    let mut tries = 0;
    loop {
        match superuser(folder).await {
            Ok(connection) => return connection,
            Err(error) => {
                tries += 1;
                let log = || fs::read_to_string(folder.join("log")).unwrap_or_default();
                assert!(tries < 1200, "PostgreSQL does not start: {error}\n{}", log());
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
        }
    }
}

async fn superuser(folder: &Path) -> Result<PgConnection, sqlx::Error> {
    DatabaseAddress::on_socket(folder, PORT, SUPERUSER, "postgres")
        .options()
        .connect()
        .await
}

/// All mail as texts, one a row with its trail, in the order of the primary key: to compare two tables.
///
/// # Panics
/// When the database does not answer, or holds a trail without a mail or one that cannot be read.
pub async fn dump(address: &DatabaseAddress) -> Vec<String> {
    let mut connection = address.options().connect().await.expect("a connection");
    let rows: Vec<(String, Option<Vec<u8>>)> = sqlx::query_as(
        "select m::text, t.trail
         from mail m left join mail_trail t using (domain_id, connected_at, record_id)
         order by domain_id, connected_at, record_id",
    )
    .fetch_all(&mut connection)
    .await
    .expect("all rows");
    let trails: i64 = sqlx::query_scalar("select count(*) from mail_trail")
        .fetch_one(&mut connection)
        .await
        .expect("a number");
    assert_eq!(usize::try_from(trails), Ok(rows.len()), "each mail has its trail");
    rows.into_iter()
        .map(|(row, trail)| {
            let trail = crate::mail::decode_trail(&trail.expect("a trail")).expect("a readable trail");
            let lines: Vec<String> = trail.iter().map(|event| event.text.clone()).collect();
            [&row, "\n    ", &lines.join("\n    ")].concat()
        })
        .collect()
}

/// How many lines the worker has read of a source, as far as it is committed; of all sources together without a name.
///
/// # Panics
/// When the database answers nonsense; while it is away the answer is 0.
pub async fn lines_read(address: &DatabaseAddress, source: Option<&str>) -> u64 {
    let Ok(mut connection) = address.options().connect().await else {
        return 0;
    };
    let lines: Result<i64, _> = sqlx::query_scalar(
        "select coalesce(sum(lines), 0)::bigint from source where name = coalesce($1, name)",
    )
    .bind(source)
    .fetch_one(&mut connection)
    .await;
    lines.map_or(0, |lines| u64::try_from(lines).expect("a count"))
}

/// Runs one statement and says how many rows it gave or changed: for tests that try what a role may do.
///
/// # Errors
/// The code of PostgreSQL, like `42501` for a missing right.
pub async fn try_sql(address: &DatabaseAddress, sql: &'static str) -> Result<u64, String> {
    let code = |error: sqlx::Error| {
        error
            .as_database_error()
            .and_then(|error| error.code().map(std::borrow::Cow::into_owned))
            .unwrap_or_else(|| error.to_string())
    };
    let mut connection = address.options().connect().await.map_err(code)?;
    let done = sqlx::raw_sql(sql).execute(&mut connection).await.map_err(code)?;
    let _ = connection.close().await;
    Ok(done.rows_affected())
}
