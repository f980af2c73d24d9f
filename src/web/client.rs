//! Who asks: the client's address behind the proxies that are trusted, and the id that a request has in the log.
//!
//! The only place that reads `X-Forwarded-For`, `Forwarded` and `X-Request-Id`. Anybody can send those, so they count
//! only as far as a trusted proxy vouches for them. Addresses are personal: they are never logged.

use std::fmt;
use std::net::IpAddr;

use actix_web::http::header::HeaderMap;
use actix_web::{HttpMessage, HttpRequest, web};

/// The header that carries a request's id, both ways.
pub const REQUEST_ID: &str = "x-request-id";
const LONGEST_ID: usize = 64;

/// Who sent a request. Put into each request by the guard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// `None`: the connection has no address (a Unix socket).
    pub address: Option<IpAddr>,
    pub request: RequestId,
}

impl Client {
    /// Finds out who asks; `proxies` may be missing only where a server was built without the app.
    pub(super) fn read(request: &HttpRequest) -> Self {
        let none = Proxies::default();
        let proxies = request.app_data::<web::Data<Proxies>>().map_or(&none, |proxies| proxies.get_ref());
        let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
        let given = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
        let vouched = peer.is_some_and(|peer| proxies.trusts(peer));
        let id = given.filter(|_| vouched).and_then(RequestId::parse).unwrap_or_else(RequestId::fresh);
        Self { address: peer.map(|peer| proxies.client(peer, request.headers())), request: id }
    }

    /// The client of a request that went through the guard.
    pub fn of(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().cloned()
    }
}

/// The id of one request: in the log beside all that happened for it, in the answer's header, and on error pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// Takes over a proxy's id, if it looks like one.
    fn parse(text: &str) -> Option<Self> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':' | b'=');
        let usable = !text.is_empty() && text.len() <= LONGEST_ID && text.bytes().all(fits);
        usable.then(|| Self(text.to_owned()))
    }

    fn fresh() -> Self {
        let mut bytes = [0u8; 8];
        match getrandom::fill(&mut bytes) {
            Ok(()) => Self(format!("{:016x}", u64::from_ne_bytes(bytes))),
            // A request without a number of its own is better than none.
            Err(_) => Self("unnumbered".to_owned()),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The proxies in front of us that are believed: single addresses, or whole networks as in `10.0.0.0/8`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies(Vec<Network>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Proxies {
    /// Reads addresses and networks. `Err` names the one that is neither.
    pub fn parse<'a>(list: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let networks = list.into_iter().map(str::trim).filter(|text| !text.is_empty()).map(|text| {
            Network::parse(text).ok_or_else(|| {
                format!("{text:?} is neither an address such as 127.0.0.1 nor a network such as 10.0.0.0/8")
            })
        });
        networks.collect::<Result<_, _>>().map(Self)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.holds(address))
    }

    /// The nearest address that is no trusted proxy. Each proxy appends whom it heard, so the list is read from its
    /// right end, and what stands left of an untrusted address is only somebody's claim.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let plain = list(headers, "x-forwarded-for", |part| Some(part));
        let standard = list(headers, "forwarded", forwarded_for);
        match (plain.is_empty(), standard.is_empty()) {
            (true, true) => peer,
            (false, true) => self.nearest(peer, &plain),
            (true, false) => self.nearest(peer, &standard),
            // A proxy writes one of the two and may pass on what the client says in the other: only what both say counts.
            (false, false) => {
                let (left, right) = (self.nearest(peer, &plain), self.nearest(peer, &standard));
                if left == right { left } else { peer }
            }
        }
    }

    fn nearest(&self, peer: IpAddr, heard: &[Option<IpAddr>]) -> IpAddr {
        let mut nearest = peer;
        for address in heard.iter().rev() {
            match address {
                Some(address) if self.trusts(nearest) => nearest = *address,
                // An unknown one hides what is behind it.
                _ => break,
            }
        }
        nearest
    }
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u32>().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.filter(|prefix| *prefix <= most).or(prefix.is_none().then_some(most))?;
        Some(match address.to_canonical() {
            // An IPv4 address in the dress of IPv6, as `::ffff:10.0.0.0/104`.
            plain @ IpAddr::V4(_) if address.is_ipv6() => Self { address: plain, prefix: prefix.checked_sub(96)? },
            _ => Self { address, prefix },
        })
    }

    fn holds(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                let mask = u32::MAX.checked_shl(32 - self.prefix).unwrap_or(0);
                ours.to_bits() & mask == theirs.to_bits() & mask
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                let mask = u128::MAX.checked_shl(128 - self.prefix).unwrap_or(0);
                ours.to_bits() & mask == theirs.to_bits() & mask
            }
            _ => false,
        }
    }
}

/// The addresses in all headers of a name, in order; `None` for what is no address.
fn list(headers: &HeaderMap, name: &str, part: impl Fn(&str) -> Option<&str>) -> Vec<Option<IpAddr>> {
    let lines = headers.get_all(name).map(|line| line.to_str().unwrap_or("unreadable"));
    lines.flat_map(|line| line.split(',')).map(|one| part(one.trim()).and_then(address)).collect()
}

/// What `for=` says in one element of a `Forwarded` header.
fn forwarded_for(element: &str) -> Option<&str> {
    let pairs = element.split(';').filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    Some(value.trim().trim_matches('"'))
}

/// An address as proxies write it: with or without a port, IPv6 with or without brackets.
fn address(text: &str) -> Option<IpAddr> {
    let bare = match text.strip_prefix('[') {
        Some(rest) => rest.split(']').next()?,
        None if text.matches(':').count() == 1 => text.split(':').next()?,
        None => text,
    };
    bare.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    /// The client behind `peer` for headers as they came, in order.
    fn client(trusted: &[&str], peer: &str, lines: &[(&'static str, &str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        Proxies::parse(trusted.iter().copied()).unwrap().client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn only_what_a_trusted_proxy_heard_counts() {
        let (one, two) = (&["127.0.0.1"][..], &["127.0.0.1", "10.0.0.0/8"][..]);
        let long = "203.0.113.9, 198.51.100.7, 10.1.2.3";
        #[rustfmt::skip]
        type Case<'a> = (&'a [&'a str], &'a str, &'a [(&'static str, &'a str)], &'a str);
        let cases: [Case<'_>; 15] = [
            (&[], "127.0.0.1", &[("x-forwarded-for", "198.51.100.7")], "127.0.0.1"),
            (one, "192.0.2.1", &[("x-forwarded-for", "198.51.100.7")], "192.0.2.1"),
            (one, "127.0.0.1", &[], "127.0.0.1"),
            (one, "127.0.0.1", &[("x-forwarded-for", "198.51.100.7")], "198.51.100.7"),
            (one, "127.0.0.1", &[("x-forwarded-for", "203.0.113.9, 198.51.100.7")], "198.51.100.7"),
            (
                one,
                "127.0.0.1",
                &[("x-forwarded-for", "203.0.113.9"), ("x-forwarded-for", "198.51.100.7")],
                "198.51.100.7",
            ),
            (one, "127.0.0.1", &[("x-forwarded-for", long)], "10.1.2.3"),
            (two, "127.0.0.1", &[("x-forwarded-for", long)], "198.51.100.7"),
            (two, "127.0.0.1", &[("x-forwarded-for", "198.51.100.7, unknown, 10.1.2.3")], "10.1.2.3"),
            (two, "127.0.0.1", &[("x-forwarded-for", "10.4.4.4, 10.1.2.3")], "10.4.4.4"),
            (one, "127.0.0.1", &[("x-forwarded-for", "198.51.100.7:4711")], "198.51.100.7"),
            (
                one,
                "127.0.0.1",
                &[("forwarded", "for=203.0.113.9, For=\"[2001:db8::7]:4711\";proto=https")],
                "2001:db8::7",
            ),
            (one, "127.0.0.1", &[("forwarded", "proto=https;by=203.0.113.43")], "127.0.0.1"),
            // The client wrote the one, the proxy the other.
            (one, "127.0.0.1", &[("forwarded", "for=203.0.113.9"), ("x-forwarded-for", "198.51.100.7")], "127.0.0.1"),
            (
                one,
                "127.0.0.1",
                &[("forwarded", "for=198.51.100.7"), ("x-forwarded-for", "198.51.100.7")],
                "198.51.100.7",
            ),
        ];
        for (trusted, peer, lines, expected) in cases {
            assert_eq!(client(trusted, peer, lines), expected, "{trusted:?} {peer} {lines:?}");
        }
    }

    #[test]
    fn a_network_holds_what_its_prefix_says() {
        let holds = |network: &str, address: &str| Network::parse(network).unwrap().holds(address.parse().unwrap());
        assert!(holds("10.0.0.0/8", "10.255.0.1") && !holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("0.0.0.0/0", "198.51.100.7") && !holds("0.0.0.0/0", "::1"));
        assert!(holds("2001:db8::/32", "2001:db8:ffff::1") && !holds("2001:db8::/32", "2001:db9::1"));
        assert!(holds("::ffff:10.0.0.0/104", "10.255.0.1") && Network::parse("::ffff:10.0.0.0/8").is_none());
        assert!(holds("::/0", "2001:db8::1") && holds("192.0.2.1", "192.0.2.1") && !holds("192.0.2.1", "192.0.2.2"));
        for wrong in ["10.0.0.0/33", "::/129", "proxy.example", "10.0.0.0/", "/8", "10.0.0.0/-1"] {
            assert_eq!(Network::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_id_that_could_break_a_log_is_not_taken_over() {
        assert_eq!(RequestId::parse("7f3a:2").unwrap().as_str(), "7f3a:2");
        for wrong in ["", "a b", "a\n", "<b>", "\u{e9}", &"a".repeat(65)] {
            assert_eq!(RequestId::parse(wrong), None, "{wrong:?}");
        }
        assert_ne!(RequestId::fresh(), RequestId::fresh());
    }
}
