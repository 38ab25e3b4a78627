//! The sample firm: its key is made here and pinned at its registration, and it signs its request mail like any firm.

use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mail_auth::common::crypto::Ed25519Key;
use mail_auth::common::headers::HeaderWriter;
use mail_auth::dkim::DkimSigner;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};

use crate::cli::Failure;
use crate::domain::email_address::EmailAddress;
use crate::domain::firm::{Firm, FirmNumber, FirmStatus, PinnedKey, ProofRule, Receipts, RequestDays};
use crate::domain::ids::FirmId;
use crate::domain::locale::Locale;
use crate::flows::{Context, FlowError, firms, requests};

const NUMBER: &str = "1001";
const NAME: &str = "あおぞら会計事務所";
const ADDRESS: &str = "office@aozora-kaikei.example";
const SELECTOR: &str = "demo";

/// Registers the firm if it is not there, and drops one signed request mail into the inbox. Gives back whom it asks about:
/// somebody else at each start, since nobody is asked twice a day; and how many were asked, with them.
pub(super) async fn ask(context: &Context, dir: &Path) -> Result<(String, i64), Failure> {
    let key = key(&dir.join("firm.key"))?;
    let number = FirmNumber::parse(NUMBER).map_err(anyhow::Error::from)?;
    match firms::find(context, &number).await {
        Ok(_) => {}
        Err(FlowError::NoFirm(_)) => firms::add(context, &firm(context, number, &key)?).await?,
        Err(error) => return Err(error.into()),
    }
    let before = requests::list(context, None, None, 1).await?.first().map_or(0, |listed| listed.request.number);
    let customer = match before {
        0 => "yamada@yamada-shouten.example".to_owned(),
        n => format!("yamada{}@yamada-shouten.example", n + 1),
    };
    let mail = sign(&key, &mail(context, &customer))?;
    drop_into(&dir.join("inbox"), &mail, context).map_err(anyhow::Error::from)?;
    Ok((customer, before + 1))
}

fn firm(context: &Context, number: FirmNumber, key: &[u8]) -> Result<Firm, Failure> {
    let address = EmailAddress::parse(ADDRESS).map_err(anyhow::Error::from)?;
    let pair = pair(key)?;
    let record = format!("v=DKIM1; k=ed25519; p={}", STANDARD.encode(pair.public_key().as_ref()));
    Ok(Firm {
        id: FirmId::new(context.entropy.uuid(context.clock.now())),
        number,
        name: NAME.to_owned(),
        postal_address: "東京都千代田区見本町1-2-3".to_owned(),
        telephone: "03-0000-1001".to_owned(),
        senders: vec![address.clone()],
        signing_domain: address.domain().clone(),
        notify_address: address,
        proof: ProofRule::Dkim { pinned: Some(PinnedKey { selector: SELECTOR.to_owned(), record }) },
        receipts: Receipts::Each,
        request_days: RequestDays::default(),
        locale: Locale::Ja,
        status: FirmStatus::Active,
        version: 0,
    })
}

/// The firm's private key, made at the first start.
fn key(file: &Path) -> Result<Vec<u8>, Failure> {
    if let Ok(key) = std::fs::read(file) {
        return Ok(key);
    }
    let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new());
    let key = made.map_err(|_| anyhow::anyhow!("no key could be made"))?.as_ref().to_vec();
    let mut options = std::fs::OpenOptions::new();
    let mut out = options.write(true).create_new(true).mode(0o600).open(file).map_err(anyhow::Error::from)?;
    std::io::Write::write_all(&mut out, &key).map_err(anyhow::Error::from)?;
    Ok(key)
}

fn pair(key: &[u8]) -> Result<Ed25519KeyPair, Failure> {
    Ed25519KeyPair::from_pkcs8(key).map_err(|_| anyhow::anyhow!("firm.key is damaged: delete the demo's folder").into())
}

fn mail(context: &Context, customer: &str) -> String {
    let now = context.clock.now();
    let encoded = |text: &str| format!("=?UTF-8?B?{}?=", STANDARD.encode(text));
    let body = format!(
        "事務所番号：{NUMBER}\r\n顧問先メールアドレス：{customer}\r\n顧問先名：株式会社山田商店\r\n担当者名：山田太郎\r\n\
         メッセージ：\r\nいつもお世話になっております。{NAME}の佐藤です。\r\n\
         先日お話ししたスマート取引取込の連携のため、契約情報の取得を申請いたします。\r\n\
         お手数ですが、ご確認のほどよろしくお願いいたします。\r\n-- \r\n{NAME}\r\n"
    );
    let folded: Vec<String> =
        STANDARD.encode(body).as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    format!(
        "From: {} <{ADDRESS}>\r\nTo: requests@renkei.example\r\nSubject: {}\r\nDate: {}\r\nMessage-ID: <{}@aozora-kaikei.example>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        encoded(NAME),
        encoded("契約情報取得の申請"),
        now.utc().to_rfc2822(),
        context.entropy.uuid(now),
        folded.join("\r\n"),
    )
}

fn sign(key: &[u8], mail: &str) -> Result<Vec<u8>, Failure> {
    let failed = |error: mail_auth::Error| anyhow::anyhow!("the sample mail could not be signed: {error}");
    let key = Ed25519Key::from_pkcs8_der(key).map_err(failed)?;
    let signer = DkimSigner::from_key(key).domain("aozora-kaikei.example").selector(SELECTOR).headers([
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "MIME-Version",
        "Content-Type",
    ]);
    let signature = signer.sign(mail.as_bytes()).map_err(failed)?.to_header();
    Ok([signature.as_bytes(), mail.as_bytes()].concat())
}

fn drop_into(maildir: &Path, mail: &[u8], context: &Context) -> std::io::Result<()> {
    for sub in ["cur", "new", "tmp"] {
        std::fs::create_dir_all(maildir.join(sub))?;
    }
    let name = format!("{}.{}.demo", context.clock.now().as_millis() / 1000, context.entropy.uuid(context.clock.now()));
    let tmp = maildir.join("tmp").join(&name);
    std::fs::write(&tmp, mail)?;
    std::fs::rename(tmp, maildir.join("new").join(name))
}
