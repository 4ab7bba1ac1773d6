//! Where a form leads back to: a place on our own site and nowhere else.
//!
//! Goes in: what a form or a URL says. Comes out: a path with its query, or the mail log. Otherwise a link to our sign-in could lead to a copy
//! of it elsewhere.

/// Where everything begins.
pub(super) const HOME: &str = "/mail";
/// The sign-in page.
pub(super) const SIGN_IN: &str = "/sign-in";
/// Longer ones are nobody's search.
const LONGEST: usize = 4096;

/// The path if it is one of ours, else the mail log.
pub(super) fn own_or_home(path: &str) -> &str {
    let is_own = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && path.len() <= LONGEST
        && path.bytes().all(|byte| byte.is_ascii_graphic());
    if is_own { path } else { HOME }
}

/// The sign-in page that leads back to `path`, with a word on why one is there.
pub(super) fn sign_in_and_back(path: &str, problem: Option<&str>) -> String {
    let mut target = String::from(SIGN_IN);
    let mut parameter = |name: &str, value: &str| {
        target.push(if target.contains('?') { '&' } else { '?' });
        target.push_str(name);
        target.push('=');
        push_encoded(&mut target, value);
    };
    if let Some(problem) = problem {
        parameter("problem", problem);
    }
    if path != HOME {
        parameter("next", path);
    }
    target
}

/// Percent-encodes all but RFC 3986's unreserved characters.
fn push_encoded(target: &mut String, value: &str) {
    use std::fmt::Write as _;
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            target.push(char::from(byte));
        } else {
            write!(target, "%{byte:02X}").expect("invariant: writing to a string cannot fail");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_elsewhere() {
        for own in ["/mail", "/mail?sender=%40a.test&at=o1.2.3", "/"] {
            assert_eq!(own_or_home(own), own);
        }
        for foreign in [
            "",
            "mail",
            "//evil.test",
            "/\\evil.test",
            "https://evil.test",
            "/a\r\nSet-Cookie: x",
            "/ä",
            "javascript:alert(1)",
        ] {
            assert_eq!(own_or_home(foreign), HOME, "{foreign}");
        }
        assert_eq!(
            sign_in_and_back("/mail?text=a b", Some("ended")),
            "/sign-in?problem=ended&next=%2Fmail%3Ftext%3Da%20b"
        );
        assert_eq!(sign_in_and_back(HOME, None), SIGN_IN);
    }
}
