//! What is wrong with a field, in the words of several pages.

use crate::domain::account::{NameFault, PersonName};
use crate::domain::email_address::{AddressError, EmailAddress};
use crate::domain::password::{MOST, PasswordFault};

/// A mail address, or what is wrong with what was typed. Full-width letters, as Japanese keyboards make them, are evened out.
pub fn address(typed: &str, called: &str) -> Result<EmailAddress, String> {
    let plain = crate::domain::text::composed(typed);
    EmailAddress::parse(&plain).map_err(|error| match error {
        AddressError::Empty => format!("{called}を入力してください。"),
        AddressError::At => "メールアドレスの形で入力してください。例：yamada@example.jp".to_owned(),
        AddressError::Local => {
            "メールアドレスの@より前をご確認ください。使えない文字が入っているか、長すぎます。".to_owned()
        }
        AddressError::Domain => "メールアドレスの@より後ろをご確認ください。例：yamada@example.jp".to_owned(),
    })
}

/// What is wrong with a name.
pub fn name(fault: NameFault) -> String {
    match fault {
        NameFault::Empty => "お名前を入力してください。".to_owned(),
        NameFault::TooLong => format!("お名前は{}文字以内で入力してください。", PersonName::MOST),
    }
}

/// What is wrong with a new password.
pub fn password(fault: PasswordFault) -> String {
    match fault {
        PasswordFault::TooShort(least) => {
            format!(
                "パスワードは{least}文字以上で入力してください。いくつかの言葉を並べると、長くても覚えやすくなります。"
            )
        }
        PasswordFault::TooLong => format!("パスワードは{MOST}文字以内で入力してください。"),
        PasswordFault::Common => {
            "このパスワードは多くの人が使っていて、推測されやすいものです。別のパスワードを入力してください。"
                .to_owned()
        }
        PasswordFault::Personal => {
            "メールアドレスやお名前などから推測されやすいパスワードです。別のパスワードを入力してください。".to_owned()
        }
    }
}

/// The second of two password fields, when it is not the same.
pub fn repeated(first: &str, second: &str) -> Option<&'static str> {
    match second {
        "" => Some("確認のため、同じパスワードをもう一度入力してください。"),
        second if second != first => Some("2つのパスワードが一致していません。もう一度入力してください。"),
        _ => None,
    }
}
