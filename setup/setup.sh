#!/bin/sh
# Makes this machine able to build Mailfate: installs what is missing, and nothing else.
#
#   setup/setup.sh [build|test]
#
# "build" (the default) is what `make run` needs; "test" adds Node and Chromium for the browser tests,
# and the syslog programs that the tests of the log sources run.
# The choice of Rust toolchain is written to target/setup.env, which make reads before each cargo
# call, so that every step uses the same compiler. With everything there it takes well under a second.
#
# MAILFATE_WASM=debian  takes the compiler and the WASM target from Debian's packages, whatever else
#                       is installed. Without it they are used only where rustup cannot help.
#
# Exit codes: 0 ready, 3 something is missing that only the reader can install (it is named).
set -eu

wanted=${1:-build}
route=${MAILFATE_WASM:-auto}
checkout=$(cd "$(dirname "$0")/.." && pwd)
env_file=$checkout/target/setup.env
syslog_ng=$checkout/target/tools/syslog-ng
wasm=wasm32-unknown-unknown

# The name under which rustup knows Debian's compiler, so that `cargo +debian-web` works as well.
linked=debian-web
debian_wasm_lib=/usr/lib/rustlib/$wasm/lib
stamp=$debian_wasm_lib/built-by-rustc.txt
debian_rust="rustc-web cargo-web rust-web-src rust-web-llvm lld-22 rust-web-clippy rustfmt-web"

say() { echo "setup: $*" >&2; }
fail() { say "$*"; exit 3; }
has() { command -v "$1" >/dev/null 2>&1; }

case $wanted in build | test) ;; *) echo "usage: $0 [build|test]" >&2; exit 2 ;; esac
case $route in auto | debian) ;; *) echo "$0: MAILFATE_WASM is '$route'; it can be 'debian' or unset" >&2; exit 2 ;; esac

# Says what is being done and, afterwards, how long it took.
step() {
    title=$1
    shift
    say "$title ..."
    started=$(date +%s)
    "$@"
    say "$title: done in $(($(date +%s) - started)) s"
}

# ---- what is missing ------------------------------------------------------------------------

# Debian keeps the server's programs out of the path, one folder for each version.
has_postgres() {
    for postgres in /usr/lib/postgresql/*/bin/postgres "$(pg_config --bindir 2>/dev/null)/postgres"; do
        [ -x "$postgres" ] && return 0
    done
    has postgres
}

has_chromium() { has chromium || has chromium-browser || has google-chrome || [ -n "${CHROMIUM:-}" ]; }

missing_packages() {
    { has cc && has make; } || echo build-essential
    has pkg-config || echo pkg-config
    # Cargo and npm fetch over HTTPS; the smallest images trust nobody yet.
    [ -e /etc/ssl/certs/ca-certificates.crt ] || [ -d /etc/pki/tls/certs ] || echo ca-certificates
    has_postgres || echo postgresql
    if [ "$wanted" = test ]; then
        has node || echo nodejs
        has npm || echo npm
        has_chromium || echo chromium
        # What feeds Mailfate with logs, for the tests of its sources.
        [ -x /usr/sbin/rsyslogd ] || echo rsyslog
        has_rsyslog_tls || echo rsyslog-gnutls
        has journalctl || echo systemd
        has_journal_remote || echo systemd-journal-remote
        if ! has_syslog_ng; then
            for library in libivykis0 libnet1 libpcre3 libwrap0 libglib2.0-0 libjson-c5; do
                dpkg-query -W -f '${Status}' $library 2>/dev/null | grep -q "ok installed" || echo $library
            done
        fi
    fi
}

has_rsyslog_tls() { ls /usr/lib/*/rsyslog/lmnsd_gtls.so >/dev/null 2>&1; }
has_journal_remote() { [ -x /usr/lib/systemd/systemd-journal-remote ] || [ -x /lib/systemd/systemd-journal-remote ]; }
has_syslog_ng() { [ -x /usr/sbin/syslog-ng ] || [ -x "$syslog_ng/usr/sbin/syslog-ng" ]; }

# Debian lets only one of rsyslog and syslog-ng be installed. The tests need both, so the second is
# only unpacked, into target/.
unpack_syslog_ng() {
    work=$(mktemp -d)
    # apt downloads as another account, which must be able to write here.
    chmod 755 "$work"
    (cd "$work" && apt-get -qq download syslog-ng-core 2>/dev/null) ||
        fail "the package syslog-ng-core cannot be downloaded; the tests of the log sources need it"
    mkdir -p "$syslog_ng"
    dpkg -x "$work"/syslog-ng-core_*.deb "$syslog_ng"
    rm -rf "$work"
}

missing_debian_rust() {
    for package in $debian_rust; do
        case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
        "install ok installed") ;;
        *) echo "$package" ;;
        esac
    done
}

# ---- installing -----------------------------------------------------------------------------

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

can_be_root() { [ "$(id -u)" = 0 ] || { has sudo && sudo -n true 2>/dev/null; }; }

# Another apt may be at work: wait for it. The lists of a fresh image are empty, others are old.
apt_update() {
    as_root apt-get -qq -o DPkg::Lock::Timeout=300 update ||
        say "apt-get update failed; trying with the package lists that are here"
}

apt_knows() { [ -n "$(apt-cache show "$1" 2>/dev/null)" ]; }

apt_install() {
    apt_update
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 \
        -o Dpkg::Use-Pty=0 --no-install-recommends install "$@" >/dev/null ||
        fail "apt-get could not install: $*. Its own words are above."
}

install_packages() {
    [ $# -gt 0 ] || return 0
    if ! has apt-get; then
        fail "this machine has no apt-get. Install these (Debian's names), then run make again: $*"
    fi
    if ! can_be_root; then
        say "these packages are missing, and installing them needs root. Run this, then make again:"
        say "  sudo apt-get install --no-install-recommends $*"
        exit 3
    fi
    step "installing $*" apt_install "$@"
}

# ---- Rust and its WASM target ---------------------------------------------------------------

# True where the named compiler already has the standard library for WASM.
has_wasm_std() {
    libdir=$("$@" --print target-libdir --target $wasm 2>/dev/null) || return 1
    ls "$libdir"/libstd-*.rlib >/dev/null 2>&1 || return 1
    # Built by an earlier release of the same compiler it would be refused, far into the build.
    [ ! -e "$libdir/${stamp##*/}" ] || [ "$("$@" -vV)" = "$(cat "$libdir/${stamp##*/}")" ]
}

debian_is_ready() {
    [ -x /usr/bin/rustc ] && [ -e "$stamp" ] && has_wasm_std /usr/bin/rustc && [ -x /usr/bin/cargo-clippy ] &&
        [ -x /usr/bin/rust-lld ]
}

# Debian has no package with the standard library for WASM, but the sources: build it once, from an
# empty crate, and put the libraries where the compiler looks for them. `-Z build-std` is meant for
# nightly compilers, hence RUSTC_BOOTSTRAP; the project itself is built without either afterwards.
build_debian_wasm_std() {
    work=$(mktemp -d)
    mkdir "$work/src"
    : >"$work/src/lib.rs"
    cat >"$work/Cargo.toml" <<TOML
[package]
name = "emptycrate"
version = "0.0.0"
edition = "2021"
[profile.release]
opt-level = 3
codegen-units = 1
TOML
    (
        cd "$work"
        # Bitcode is what link-time optimisation of the project works from.
        env -u RUSTUP_TOOLCHAIN -u CARGO_BUILD_TARGET PATH="/usr/bin:$PATH" CARGO_TARGET_DIR="$work/target" \
            RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes \
            /usr/bin/cargo build --quiet --release --target $wasm -Zbuild-std=std,panic_abort,proc_macro
    ) || fail "building the WASM standard library from Debian's rust-web-src failed (in $work)"
    rm -f "$work/target/$wasm/release/deps/"libemptycrate*
    /usr/bin/rustc -vV >"$work/stamp"
    as_root mkdir -p "$debian_wasm_lib"
    as_root rm -f "$debian_wasm_lib"/lib*.rlib "$stamp"
    as_root cp "$work/target/$wasm/release/deps/"lib*.rlib "$debian_wasm_lib/"
    # The stamp comes last: without it a half-copied folder is not taken for a whole one.
    as_root cp "$work/stamp" "$stamp"
    rm -rf "$work"
}

# Prints the shell lines that make cargo use Debian's compiler.
# shellcheck disable=SC2016 # expanded when the file is read
debian_env() {
    if has rustup; then
        echo "export RUSTUP_TOOLCHAIN=$linked"
    else
        echo 'export PATH="/usr/bin:$PATH"'
    fi
}

use_debian_rust() {
    if ! debian_is_ready; then
        apt_knows rustc-web || { can_be_root && has apt-get && apt_update && apt_knows rustc-web; } ||
            fail "Rust with the target $wasm is needed and this system has no package for it (Debian 12 has: rustc-web)." \
                "Install rustup from https://rustup.rs, then run make again."
        # shellcheck disable=SC2046 # one word for each package
        install_packages $(missing_debian_rust)
        if ! [ -e "$stamp" ] || ! has_wasm_std /usr/bin/rustc; then
            can_be_root || fail "building the WASM standard library into $debian_wasm_lib needs root: run '$0' once as root"
            step "building the WASM standard library from Debian's sources (once, about a minute)" build_debian_wasm_std
        fi
        debian_is_ready || fail "Debian's Rust is installed but not complete: /usr/bin/{rustc,cargo-clippy,rust-lld} are needed"
    fi
    if has rustup && [ ! -e "${RUSTUP_HOME:-$HOME/.rustup}/toolchains/$linked" ]; then
        rustup --quiet toolchain link $linked /usr
    fi
    debian_env >"$env_file.new"
}

add_target_by_rustup() { rustup --quiet target add $wasm >&2; }
add_lints_by_rustup() { rustup --quiet component add clippy rustfmt >&2; }

choose_rust() {
    if [ "$route" = debian ]; then
        use_debian_rust
    elif has cargo && has rustc && has_wasm_std rustc; then
        : >"$env_file.new"
    elif debian_is_ready; then
        use_debian_rust
    elif has rustup && step "adding the WASM target by rustup" add_target_by_rustup; then
        : >"$env_file.new"
    else
        use_debian_rust
    fi
    if [ "$wanted" = test ] && [ ! -s "$env_file.new" ] && ! { cargo clippy -V && cargo fmt --version; } >/dev/null 2>&1; then
        has rustup || fail "cargo clippy and cargo fmt are needed: install them beside your cargo, or use rustup"
        step "adding clippy and rustfmt by rustup" add_lints_by_rustup
    fi
}

# ---- the steps ------------------------------------------------------------------------------

mkdir -p "$checkout/target"
# shellcheck disable=SC2046 # one word for each package
install_packages $(missing_packages)
if [ "$wanted" = test ] && ! has_syslog_ng; then
    has apt-get || fail "syslog-ng is missing, and the tests of the log sources need it: install it, then run make again"
    step "unpacking syslog-ng for the tests" unpack_syslog_ng
fi
choose_rust
# Written only when it changes, so that nothing that depends on it is rebuilt for nothing.
if cmp -s "$env_file.new" "$env_file"; then rm "$env_file.new"; else mv "$env_file.new" "$env_file"; fi
