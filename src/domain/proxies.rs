//! Who the client is when proxies stand between: `X-Forwarded-For` counts only as far as the proxies that wrote it are ours.

use std::net::IpAddr;
use std::str::FromStr;

/// An address, or a network: `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Network {
    address: IpAddr,
    prefix: u32,
}

/// Why a text names no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an IP address, or a network as 10.0.0.0/8")]
pub struct NoNetwork;

impl FromStr for Network {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| NoNetwork)?;
        let alone = Self::from(address);
        let prefix = prefix.map_or(Ok(alone.prefix), str::parse).map_err(|_| NoNetwork)?;
        if prefix > alone.prefix { Err(NoNetwork) } else { Ok(Self { address, prefix }) }
    }
}

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        Self { address, prefix: if address.is_ipv4() { 32 } else { 128 } }
    }
}

impl TryFrom<String> for Network {
    type Error = NoNetwork;

    fn try_from(text: String) -> Result<Self, NoNetwork> {
        text.parse()
    }
}

impl Network {
    /// Whether the address lies in it.
    #[must_use]
    pub fn holds(&self, address: IpAddr) -> bool {
        let differs = |ours: u128, theirs: u128, width: u32| {
            let shift = width - self.prefix;
            self.prefix > 0 && (ours ^ theirs) >> shift != 0
        };
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                !differs(u128::from(ours.to_bits()), u128::from(theirs.to_bits()), 32)
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => !differs(ours.to_bits(), theirs.to_bits(), 128),
            _ => false,
        }
    }
}

/// The client's address: the rightmost one that no proxy of ours has. `peer` is who the connection came from, `forwarded`
/// the values of `X-Forwarded-For` in their order; what stands left of the first stranger is that stranger's own invention.
/// An entry that is no address ends the search: the proxy that wrote it is the last one known.
#[must_use]
pub fn client(peer: IpAddr, forwarded: &[&str], ours: &[Network]) -> IpAddr {
    let mut known = peer.to_canonical();
    let hops = forwarded.iter().flat_map(|value| value.split(',')).map(str::trim);
    for hop in hops.collect::<Vec<_>>().into_iter().rev() {
        if !ours.iter().any(|network| network.holds(known)) {
            break;
        }
        let Some(address) = read(hop) else { break };
        known = address.to_canonical();
    }
    known
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` or `[2001:db8::1]:80`.
fn read(hop: &str) -> Option<IpAddr> {
    let bare = hop.parse().ok();
    bare.or_else(|| hop.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip()))
        .or_else(|| hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ours() -> Vec<Network> {
        ["127.0.0.1", "::1", "10.0.0.0/8"].map(|text| text.parse().unwrap()).to_vec()
    }

    fn seen(peer: &str, forwarded: &[&str]) -> String {
        client(peer.parse().unwrap(), forwarded, &ours()).to_string()
    }

    #[test]
    fn the_rightmost_stranger_is_the_client() {
        assert_eq!(seen("127.0.0.1", &["203.0.113.5"]), "203.0.113.5");
        assert_eq!(seen("127.0.0.1", &["198.51.100.1, 203.0.113.5, 10.1.2.3"]), "203.0.113.5");
        assert_eq!(seen("127.0.0.1", &["198.51.100.1", "203.0.113.5"]), "203.0.113.5");
        assert_eq!(seen("::1", &["[2001:db8::7]:443"]), "2001:db8::7");
        assert_eq!(seen("::ffff:127.0.0.1", &["203.0.113.5:1234"]), "203.0.113.5");
    }

    #[test]
    fn a_stranger_cannot_say_who_it_is() {
        assert_eq!(seen("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(seen("127.0.0.1", &["198.51.100.1, 203.0.113.5"]), "203.0.113.5");
    }

    #[test]
    fn what_is_no_address_says_nothing() {
        assert_eq!(seen("127.0.0.1", &[]), "127.0.0.1");
        assert_eq!(seen("127.0.0.1", &["unknown"]), "127.0.0.1");
        assert_eq!(seen("127.0.0.1", &["203.0.113.5, , 10.0.0.9"]), "10.0.0.9");
    }

    #[test]
    fn networks_are_read() {
        for wrong in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/-1", "localhost", "10.0.0.0/"] {
            assert_eq!(wrong.parse::<Network>(), Err(NoNetwork), "{wrong}");
        }
        let all: Network = "0.0.0.0/0".parse().unwrap();
        assert!(all.holds("8.8.8.8".parse().unwrap()) && !all.holds("::8".parse().unwrap()));
        let six: Network = "2001:db8::/33".parse().unwrap();
        assert!(six.holds("2001:db8:7fff::1".parse().unwrap()) && !six.holds("2001:db8:8000::1".parse().unwrap()));
    }

    proptest! {
        /// Whatever a client writes into the header, its own address (which our proxy appends) is what counts.
        #[test]
        fn nothing_a_client_writes_counts(text in "[0-9a-f:., \\[\\]/]{0,60}") {
            prop_assert_eq!(seen("127.0.0.1", &[&text, "203.0.113.5"]), "203.0.113.5");
            prop_assert_eq!(seen("127.0.0.1", &[&format!("{text}, 203.0.113.5")]), "203.0.113.5");
        }
    }
}
