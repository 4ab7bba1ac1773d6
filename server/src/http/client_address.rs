//! Who is counted together when tries are counted: an IPv4 address, or the /64 of an IPv6 address, which is one household.
//!
//! Goes in: the peer of the connection and, from trusted proxies only, `X-Forwarded-For`. Comes out: an address for counting. Never a right.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use axum::http::{Extensions, HeaderMap};

use super::Settings;

/// The client behind a request. Without a connection, as in tests, all are one.
pub(super) fn of(request: &Request, settings: &Settings) -> IpAddr {
    counted(client(
        request.headers(),
        request.extensions(),
        &settings.trusted_proxies,
    ))
}

fn client(headers: &HeaderMap, extensions: &Extensions, trusted: &[IpAddr]) -> IpAddr {
    let peer = extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |ConnectInfo(peer)| {
            peer.ip().to_canonical()
        });
    if !trusted.contains(&peer) {
        return peer;
    }
    // Each proxy appends whom it saw; the last one that is no proxy of ours is the client. What stands before it anybody can write.
    headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|address| address.trim().parse::<IpAddr>().ok())
        .map(|address| address.to_canonical())
        .rfind(|address| !trusted.contains(address))
        .unwrap_or(peer)
}

fn counted(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let headers: HeaderMap = [(
            "x-forwarded-for".parse().expect("a name"),
            "203.0.113.9, 198.51.100.7, 10.0.0.2".parse().expect("a value"),
        )]
        .into_iter()
        .collect();
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 1], 4711))));
        let proxies: [IpAddr; 2] = [[10, 0, 0, 1].into(), [10, 0, 0, 2].into()];
        assert_eq!(
            client(&headers, &extensions, &proxies),
            IpAddr::from([198, 51, 100, 7])
        );
        assert_eq!(client(&headers, &extensions, &[]), IpAddr::from([10, 0, 0, 1]));
        let household = counted("2001:db8:1:2:3:4:5:6".parse().expect("an address"));
        assert_eq!(household.to_string(), "2001:db8:1:2::");
    }
}
