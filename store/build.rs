//! Makes cargo see a new or changed migration: the macro that embeds them cannot.
fn main() {
    println!("cargo:rerun-if-changed=../migrations");
}
