//! The configuration of a private Dovecot 2.3, as root (who becomes `mail`) or as anybody (who stays themselves).

use std::fmt::Write as _;
use std::path::Path;

use super::folder;
use super::tls::Authority;

/// What Dovecot 2.3 announces after login and a mail daemon might use or be missed by it.
const CAPABILITIES: &[&str] = &[
    "IMAP4rev1",
    "SASL-IR",
    "LITERAL+",
    "ID",
    "ENABLE",
    "IDLE",
    "UNSELECT",
    "CHILDREN",
    "NAMESPACE",
    "UIDPLUS",
    "LIST-EXTENDED",
    "CONDSTORE",
    "QRESYNC",
    "ESEARCH",
    "LIST-STATUS",
    "MOVE",
    "STATUS=SIZE",
    "SPECIAL-USE",
];

/// How this Dovecot differs from one as Debian ships it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Capabilities that are not announced. Dovecot still obeys the commands: to see that a client keeps away from them, put a
    /// [`Proxy`](super::proxy::Proxy) between and read what was said.
    pub without: &'static [&'static str],
    /// The personal namespace's prefix and its delimiter, such as `("INBOX.", ".")`; by default none and `.`.
    pub namespace: Option<(&'static str, &'static str)>,
}

/// The ports it listens on.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    pub imap: u16,
    pub imaps: u16,
    pub lmtp: u16,
}

/// The text of dovecot.conf for a server that works in `dir`.
pub fn text(dir: &Path, ports: Ports, tls: &Authority, options: Options) -> String {
    let (prefix, separator) = options.namespace.unwrap_or(("", "."));
    let Ports { imap, imaps, lmtp } = ports;
    let (certificate, key) = (tls.certificate.display(), tls.key.display());
    let (user, group, unprivileged) = users();
    let dir = dir.display();
    let mut conf = format!(
        r"
base_dir = {dir}/run
state_dir = {dir}/state
log_path = {dir}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
auth_failure_delay = 0
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:~/Maildir
mail_max_userip_connections = 1000
{unprivileged}
passdb {{
  driver = static
  args = password=test
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={dir}/home/%n allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  prefix = {prefix}
  separator = {separator}
}}
service anvil {{
  # where it remembers who failed to log in, to slow them down
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
"
    );
    if !options.without.is_empty() {
        let left: Vec<_> = CAPABILITIES.iter().copied().filter(|name| !options.without.contains(name)).collect();
        writeln!(conf, "imap_capability = {}", left.join(" ")).unwrap();
    }
    conf
}

/// The mail user and its group, and what a Dovecot without root needs besides.
fn users() -> (String, String, String) {
    if folder::as_root() {
        return ("mail".into(), "mail".into(), String::new());
    }
    let (user, group) = (folder::own_name("-u"), folder::own_name("-g"));
    let mut more =
        format!("default_internal_user = {user}\ndefault_internal_group = {group}\ndefault_login_user = {user}\n");
    for service in ["anvil", "imap-login", "stats"] {
        writeln!(more, "service {service} {{\n  chroot =\n}}").unwrap();
    }
    (user, group, more)
}
