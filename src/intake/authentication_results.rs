//! Proof by what a trusted server says (RFC 8601): for firms whose signatures do not survive the way to the mailbox.

use super::fields::{Field, Header};
use super::proof::Unproven;
use super::structured::{Token, tokens};
use crate::domain::email_address::Domain;

/// Whether `authserv_id` says `dkim=pass` for `domain` above the first `Received` line by `received_host`. What stands below
/// that line came with the mail and may say anything.
pub(super) fn check(
    header: &Header<'_>,
    received_host: Option<&str>,
    authserv_id: &str,
    domain: &Domain,
) -> Result<(), Unproven> {
    let host = received_host.ok_or(Unproven::NoReceivedHost)?;
    let border = header.fields.iter().position(|field| field.is("Received") && is_by(field, host));
    let trusted = border.and_then(|border| header.fields.get(..border)).ok_or(Unproven::NoReceivedHost)?;
    let mut results = trusted
        .iter()
        .filter(|field| field.is("Authentication-Results"))
        .filter_map(|field| methods(&field.unfolded(), authserv_id))
        .peekable();
    if results.peek().is_none() {
        return Err(Unproven::NoResults);
    }
    if results.flatten().any(|method| method.passes(domain)) { Ok(()) } else { Err(Unproven::NoPass) }
}

/// Generous on purpose, comments and all: a line too many moves the border up, and less is trusted.
fn is_by(field: &Field<'_>, host: &str) -> bool {
    let value = field.unfolded().to_ascii_lowercase();
    let host = host.to_ascii_lowercase();
    let words: Vec<_> = value.split_whitespace().collect();
    words
        .windows(2)
        .any(|pair| matches!(pair, ["by", by] if by.trim_end_matches([';', '.']) == host.trim_end_matches('.')))
}

/// One method's result.
struct Method {
    name: String,
    result: String,
    properties: Vec<(String, String)>,
}

impl Method {
    fn passes(&self, domain: &Domain) -> bool {
        let mut domains = self.properties.iter().filter(|(name, _)| name == "header.d").map(|(_, value)| value);
        let signer = domains.next().and_then(|signer| Domain::parse(signer).ok());
        self.name == "dkim" && self.result == "pass" && signer.as_ref() == Some(domain) && domains.next().is_none()
    }
}

/// What the field says, if it is of `authserv_id` and sound throughout.
fn methods(value: &str, authserv_id: &str) -> Option<Vec<Method>> {
    let tokens = tokens(value, ";=")?;
    let mut sections = tokens.split(|token| *token == Token::Special(';'));
    match sections.next()? {
        [Token::Atom(id) | Token::Quoted(id)] if id.eq_ignore_ascii_case(authserv_id) => {}
        [Token::Atom(id) | Token::Quoted(id), Token::Atom(version)]
            if id.eq_ignore_ascii_case(authserv_id) && version.bytes().all(|byte| byte.is_ascii_digit()) => {}
        _ => return None,
    }
    let is_empty = |section: &&[Token]| {
        section.is_empty() || matches!(section, [Token::Atom(none)] if none.eq_ignore_ascii_case("none"))
    };
    sections.filter(|section| !is_empty(section)).map(method).collect()
}

/// `method[/version]=result [reason=…] [ptype.property=value …]`
fn method(section: &[Token]) -> Option<Method> {
    let [Token::Atom(name), Token::Special('='), Token::Atom(result), rest @ ..] = section else {
        return None;
    };
    let name = name.split('/').next().unwrap_or_default().to_ascii_lowercase();
    let mut properties = Vec::new();
    let mut rest = rest;
    while let [Token::Atom(key), Token::Special('='), after @ ..] = rest {
        let starts_next = |at: &usize| matches!(after.get(*at..), Some([Token::Atom(_), Token::Special('='), ..] | []));
        // A value may be several pieces ("a b"@c.example) and end with the = of base64.
        let end = (1..=after.len()).find(starts_next)?;
        let (pieces, next) = after.split_at(end);
        let value: Option<String> = match pieces {
            [Token::Atom(value) | Token::Quoted(value)] => Some(value.clone()),
            _ => None,
        };
        properties.extend(value.map(|value| (key.to_ascii_lowercase(), value)));
        rest = next;
    }
    rest.is_empty().then(|| Method { name, result: result.to_ascii_lowercase(), properties })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "Received: from out.firm.example (a [192.0.2.1]) by mx.example (Postfix) with ESMTPS id 1\r\n";

    fn judge(fields: &str) -> Result<(), Unproven> {
        let raw = format!("{fields}From: a@firm.example\r\n\r\n");
        let domain = Domain::parse("firm.example").unwrap();
        check(&Header::scan(raw.as_bytes()), Some("MX.example"), "auth.example", &domain)
    }

    fn results(value: &str) -> String {
        format!("Authentication-Results: {value}\r\n")
    }

    #[test]
    fn what_the_trusted_server_says_counts() {
        for value in [
            "auth.example; dkim=pass header.d=firm.example",
            "Auth.Example 1; dkim=pass (2048-bit key; \"x) header.d=Firm.Example header.i=@firm.example",
            "auth.example; spf=pass smtp.mailfrom=\"a b\"@firm.example;\r\n dkim = pass header.d = \"firm.example\" header.b=ab=;",
            "auth.example; dkim=fail header.d=firm.example; dkim/1=pass reason=\"good\" header.d=firm.example",
            "\"auth.example\"; DKIM=PASS header.s=s header.d=firm.example header.a=rsa-sha256",
        ] {
            let way = "Received: by store.example with LMTP\r\n";
            assert_eq!(judge(&format!("{way}{}{HOST}", results(value))), Ok(()), "{value}");
        }
    }

    #[test]
    fn what_only_looks_like_it_does_not() {
        for (value, why) in [
            ("evil.example; dkim=pass header.d=firm.example", Unproven::NoResults),
            ("auth.example.evil.example; dkim=pass header.d=firm.example", Unproven::NoResults),
            ("evil.example (auth.example); dkim=pass header.d=firm.example", Unproven::NoResults),
            ("dkim=pass header.d=firm.example", Unproven::NoResults),
            ("auth.example; none", Unproven::NoPass),
            ("auth.example; dkim=fail (dkim=pass header.d=firm.example)", Unproven::NoPass),
            ("auth.example; (x; dkim=pass header.d=firm.example) dkim=none", Unproven::NoPass),
            ("auth.example; dkim=fail reason=\"; dkim=pass header.d=firm.example\"", Unproven::NoPass),
            ("auth.example; dkim=fail reason=\"\\\"; dkim=pass header.d=firm.example", Unproven::NoResults),
            ("auth.example; dkim=fail (x; dkim=pass header.d=firm.example", Unproven::NoResults),
            ("auth.example; dkim=pass header.d=evil.example", Unproven::NoPass),
            ("auth.example; dkim=pass header.d=evil.example header.d=firm.example", Unproven::NoPass),
            ("auth.example; dkim=pass header.d=firm.example header.d=evil.example", Unproven::NoPass),
            ("auth.example; dkim=pass header.d=sub.firm.example", Unproven::NoPass),
            ("auth.example; dkim=pass header.i=@firm.example", Unproven::NoPass),
            ("auth.example; dkim=pass header.d=evil.example reason=header.d=firm.example", Unproven::NoPass),
            ("auth.example; spf=pass header.d=firm.example", Unproven::NoPass),
            ("auth.example; arc=pass dkim=pass header.d=firm.example", Unproven::NoPass),
            ("auth.example; dkim=neutral header.d=firm.example", Unproven::NoPass),
        ] {
            assert_eq!(judge(&format!("{}{HOST}", results(value))), Err(why), "{value}");
        }
    }

    #[test]
    fn below_the_border_nothing_is_believed() {
        let good = results("auth.example; dkim=pass header.d=firm.example");
        assert_eq!(judge(&format!("{HOST}{good}")), Err(Unproven::NoResults));
        assert_eq!(judge(&good), Err(Unproven::NoReceivedHost));
        let elsewhere = "Received: from mx.example by relay.example\r\n";
        assert_eq!(judge(&format!("{good}{elsewhere}")), Err(Unproven::NoReceivedHost));
        // Our line first, then what the sender forged: its own line of our host, and results above it.
        assert_eq!(judge(&format!("{HOST}{good}{HOST}")), Err(Unproven::NoResults));
        // A HELO name chosen to hide the border.
        let hidden = "Received: from by (x (by) by mx.example; now\r\n";
        assert_eq!(judge(&format!("{hidden}{good}{HOST}")), Err(Unproven::NoResults));
    }

    #[test]
    fn without_a_host_there_is_no_border() {
        let raw = format!("{}{HOST}\r\n", results("auth.example; dkim=pass header.d=firm.example"));
        let domain = Domain::parse("firm.example").unwrap();
        let header = Header::scan(raw.as_bytes());
        assert_eq!(check(&header, None, "auth.example", &domain), Err(Unproven::NoReceivedHost));
    }
}
