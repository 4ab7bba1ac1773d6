//! The private cluster: first start, second start, left behind, stale, stopped.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use pretty_assertions::assert_eq;
use store::embedded::{Cluster, ClusterConfig, Reached};
use store::owner::{OwnerDb, TenantKind};
use store::{Db, IngestDb, StoreError};

fn config(folder: &Path) -> ClusterConfig {
    ClusterConfig {
        folder: folder
            .join("a name long enough that a socket in it would exceed the limit of a hundred bytes")
            .join("postgres"),
        postgres_user: "postgres".to_owned(),
    }
}

/// A folder that the account of PostgreSQL may enter, or may not.
fn folder_with(mode: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).expect("rights");
    folder
}

fn pid(config: &ClusterConfig) -> Pid {
    let text = fs::read_to_string(config.folder.join("data/postmaster.pid")).expect("a running server");
    Pid::from_raw(text.lines().next().expect("a line").parse().expect("a number"))
}

#[tokio::test]
async fn a_cluster_keeps_its_data_over_starts_and_is_one_programs_at_a_time() {
    let folder = folder_with(0o755);
    let config = config(folder.path());
    let cluster = Cluster::start(&config).await.expect("started");
    let owner = OwnerDb::connect(&cluster.owner()).await.expect("the owner");
    owner.migrate().await.expect("migrated");
    owner
        .create_tenant(TenantKind::Operator, "Provider", None)
        .await
        .expect("a tenant");
    owner.close().await;
    Db::connect(&cluster.portal(), 1)
        .await
        .expect("the portal's role is harmless");

    let refused = Cluster::start(&config).await.map(|_| ());
    assert!(matches!(refused, Err(StoreError::InUse { .. })), "{refused:?}");

    let server = pid(&config);
    cluster.stop().await.expect("stopped");
    assert!(kill(server, None).is_err(), "nothing is left");

    let cluster = Cluster::start(&config).await.expect("started again");
    let owner = OwnerDb::connect(&cluster.owner()).await.expect("the owner");
    assert_eq!(owner.migrate().await.expect("nothing to do"), 0);
    assert!(owner.has_tenants().await.expect("an answer"));
    owner.close().await;

    // A drop, as at an error or a panic, stops it too.
    let server = pid(&config);
    drop(cluster);
    assert!(kill(server, None).is_err(), "nothing is left");
}

#[tokio::test]
async fn a_command_shares_the_cluster_of_a_running_program_or_starts_it() {
    let folder = folder_with(0o755);
    let config = config(folder.path());
    let nothing = Cluster::reach(&config).await.map(|_| ());
    assert!(
        matches!(nothing, Err(StoreError::NoCluster { .. })),
        "{nothing:?}"
    );
    assert!(!config.folder.exists(), "who only asks makes nothing");

    // While the program starts for the first time and makes the cluster, the command waits.
    let (program, command) = tokio::join!(Cluster::start(&config), async {
        while !config.folder.join("in-use.lock").exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Cluster::reach(&config).await
    });
    let program = program.expect("started");
    assert!(matches!(command, Ok(Reached::Running(_))), "{command:?}");
    let owner = OwnerDb::connect(&program.owner()).await.expect("the owner");
    owner.migrate().await.expect("migrated");
    owner.close().await;
    let server = pid(&config);
    let Ok(Reached::Running(neighbour)) = Cluster::reach(&config).await else {
        panic!("a program runs it");
    };
    let db = IngestDb::connect(&neighbour.ingest()).await.expect("connected");
    assert!(db.hosted_domains().await.expect("an answer").is_empty());
    db.close().await;
    Db::connect(&neighbour.portal(), 1)
        .await
        .expect("connected")
        .close()
        .await;
    drop(neighbour);
    assert_eq!(pid(&config), server, "it runs on");
    program.stop().await.expect("stopped");

    let Ok(Reached::Started(cluster)) = Cluster::reach(&config).await else {
        panic!("nobody runs it");
    };
    IngestDb::connect(&cluster.ingest())
        .await
        .expect("connected")
        .close()
        .await;
    cluster.stop().await.expect("stopped");
}

#[tokio::test]
async fn a_server_left_behind_is_taken_over_and_a_stale_pid_file_is_no_obstacle() {
    let folder = folder_with(0o755);
    let config = config(folder.path());
    // A program that was killed: its server runs on, its lock is gone.
    let cluster = Cluster::start(&config).await.expect("started");
    let left = pid(&config);
    cluster.abandon();
    let cluster = Cluster::start(&config).await.expect("taken over");
    assert_eq!(pid(&config), left);
    cluster.stop().await.expect("stopped");
    assert!(kill(left, None).is_err() || is_zombie(left), "nothing is left");

    // A machine that lost power: the pid file stands, and its number belongs to somebody else now. Here: to this very test.
    let stale = [
        &std::process::id().to_string(),
        "\n/nowhere\n1\n5432\n\n\n0 0\nready\n",
    ]
    .concat();
    fs::write(config.folder.join("data/postmaster.pid"), stale).expect("a stale file");
    let cluster = Cluster::start(&config).await.expect("started");

    // A server that is killed is noticed, and the next start recovers.
    let killed = pid(&config);
    kill(killed, Signal::SIGKILL).expect("killed");
    while kill(killed, None).is_ok() && !is_zombie(killed) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    drop(cluster);
    let cluster = Cluster::start(&config).await.expect("recovered");
    cluster.stop().await.expect("stopped");
}

fn is_zombie(pid: Pid) -> bool {
    let stat = ["/proc/", &pid.to_string(), "/stat"].concat();
    fs::read_to_string(stat).is_ok_and(|stat| stat.contains(") Z"))
}

#[tokio::test]
async fn a_folder_of_another_version_or_out_of_reach_is_named() {
    let folder = folder_with(0o755);
    let config = config(folder.path());
    let data = config.folder.join("data");
    fs::create_dir_all(&data).expect("a folder");
    fs::write(data.join("PG_VERSION"), "9.6\n").expect("a version");
    let refused = Cluster::start(&config)
        .await
        .map(|_| ())
        .expect_err("no such programs")
        .to_string();
    assert!(refused.contains("was made by PostgreSQL 9.6"), "{refused}");

    if nix::unistd::geteuid().is_root() {
        let hidden = folder_with(0o700);
        let config = ClusterConfig {
            folder: hidden.path().join("postgres"),
            postgres_user: "postgres".to_owned(),
        };
        let refused = Cluster::start(&config)
            .await
            .map(|_| ())
            .expect_err("out of reach")
            .to_string();
        assert!(refused.contains("the user postgres cannot enter"), "{refused}");
        let nobody = ClusterConfig {
            postgres_user: "no-such-user".to_owned(),
            ..config
        };
        let refused = Cluster::start(&nobody)
            .await
            .map(|_| ())
            .expect_err("nobody")
            .to_string();
        assert!(refused.contains("no-such-user"), "{refused}");
    }
}
