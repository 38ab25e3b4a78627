//! Where somebody comes from, for limits: the network, not the address. Providers give one customer a /56 (RFC 6177), and
//! who has one IPv4 address can often have its neighbours.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// A client's network: the /24 of an IPv4 address, the /56 of an IPv6 address. It is never logged and stands in the
/// database as a keyed digest alone.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Source(Ipv6Addr);

impl Source {
    /// The network of `client`. An IPv4 address written as an IPv6 one is the same client.
    #[must_use]
    pub fn of(client: IpAddr) -> Self {
        match client.to_canonical() {
            IpAddr::V4(address) => {
                let prefix = u32::from(address) & 0xFFFF_FF00;
                Self(std::net::Ipv4Addr::from(prefix).to_ipv6_mapped())
            }
            IpAddr::V6(address) => Self(Ipv6Addr::from(u128::from(address) & (u128::MAX << 72))),
        }
    }

    /// What is digested.
    #[must_use]
    pub const fn octets(self) -> [u8; 16] {
        self.0.octets()
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Source(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Source {
        Source::of(text.parse().unwrap())
    }

    #[test]
    fn neighbours_are_one_source() {
        assert_eq!(of("192.0.2.1"), of("192.0.2.254"));
        assert_ne!(of("192.0.2.1"), of("192.0.3.1"));
        assert_eq!(of("2001:db8:0:12::1"), of("2001:db8:0:ff:1::9"));
        assert_ne!(of("2001:db8:0:12::1"), of("2001:db8:0:112::1"));
    }

    #[test]
    fn an_address_is_itself_however_it_is_written() {
        assert_eq!(of("::ffff:192.0.2.7"), of("192.0.2.1"));
        assert_ne!(of("::192.0.2.7"), of("192.0.2.7"));
    }

    #[test]
    fn a_source_is_never_logged() {
        assert!(!format!("{:?}", of("192.0.2.1")).contains("192"));
    }
}
