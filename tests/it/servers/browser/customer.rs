//! A customer at a browser: what the guide's booklet tells them to do, step by step.

use super::office::{CUSTOMER, FIRM, Office};
use super::words;
use crate::support::browser::Browser;
use crate::support::poll;

/// A name for ログイン者名.
pub const NAME: &str = "山田 太郎";
/// A name for the company.
pub const BUSINESS: &str = "株式会社山田商店";
/// A password that nobody would guess.
pub const PASSWORD: &str = "nashi to budou no kago";

/// A person, their mail address, and their browser.
pub struct Customer<'a> {
    pub office: &'a Office,
    pub browser: Browser,
    pub address: String,
}

impl<'a> Customer<'a> {
    /// Whom the firm asks about, at a browser of their own.
    pub fn new(office: &'a Office) -> Self {
        Self::at(office, Browser::start(), CUSTOMER)
    }

    /// Somebody with this address at this browser.
    pub fn at(office: &'a Office, browser: Browser, address: &str) -> Self {
        Self { office, browser, address: address.to_owned() }
    }

    /// Opens a page of the site.
    #[track_caller]
    pub fn open(&self, path: &str) {
        self.browser.open(&self.office.url(path));
    }

    /// Stands on the page with this heading.
    #[track_caller]
    pub fn sees(&self, heading: &str) {
        assert_eq!(self.browser.heading(), heading, "on {}: {}", self.browser.path(), self.browser.text());
    }

    /// Reads this somewhere on the page.
    #[track_caller]
    pub fn reads(&self, text: &str) {
        let page = self.browser.text();
        assert!(page.contains(text), "{text} is not on {}: {page}", self.browser.path());
    }

    /// From ［ログイン］ to the page that takes the code (the guide's 4 to 7).
    #[track_caller]
    pub fn register(&self) {
        self.browser.press(words::REGISTER);
        self.sees(words::REGISTER);
        self.fill_in_registration();
        self.browser.press(words::DO_REGISTER);
        self.sees("確認コードの入力");
        self.reads(&self.address);
    }

    /// Fills in ［弥生IDの新規登録］.
    #[track_caller]
    pub fn fill_in_registration(&self) {
        self.browser.fill("メールアドレス", &self.address);
        self.browser.fill("お名前", NAME);
        self.browser.fill("パスワード", PASSWORD);
        self.browser.fill("パスワード（確認", PASSWORD);
        self.browser.tick(words::CONSENT);
    }

    /// The code in the newest of `count` mails (the guide's 8).
    #[track_caller]
    pub fn code(&self, count: usize) -> String {
        self.office.letters(&self.address, words::CODE_MAIL, count).pop().unwrap().code()
    }

    /// Waits until the page says that the mail left.
    #[track_caller]
    pub fn waits_for_the_mail(&self) {
        poll::until_true("the page to say that the mail left", super::office::SOON, || {
            self.browser.reload();
            self.browser.text().contains("お送りしました。有効期限は10分です")
        });
    }

    /// Types the code and presses ［確認する］ (the guide's 8 and 9).
    #[track_caller]
    pub fn enters(&self, code: &str) {
        self.browser.fill("確認コード", code);
        self.browser.press(words::CHECK);
    }

    /// Registers with the mailed code and goes on with 「サービスの利用へ進む」 (the guide's 4 to 10).
    #[track_caller]
    pub fn registers_and_goes_on(&self) {
        self.register();
        self.enters(&self.code(1));
        self.sees("弥生IDの登録が完了しました");
        self.browser.press(words::GO_ON);
    }

    /// ［ログイン］ in two steps (the guide's 11 to 13).
    #[track_caller]
    pub fn logs_in(&self) {
        self.sees(words::LOGIN);
        self.browser.fill("弥生ID（メールアドレス）", &self.address);
        self.browser.press(words::NEXT);
        self.sees(words::LOGIN);
        self.reads(&self.address);
        self.browser.fill("パスワード", PASSWORD);
        self.browser.press(words::LOGIN);
    }

    /// Follows the mailed link and begins (the guide's 3).
    #[track_caller]
    pub fn follows(&self, link: &str) {
        self.browser.open(link);
        self.sees("契約情報提供のお手続き");
        self.browser.press("お手続きへ進む");
        assert!(!self.browser.url().contains("/r/"), "the link is in no later address: {}", self.browser.url());
    }

    /// ［事業者（事業グループ）情報登録］ (the guide's 14 to 17).
    #[track_caller]
    pub fn tells_of_the_company(&self) {
        self.sees(words::COMPANY);
        fill_in_company(&self.browser);
        self.browser.press(words::DO_REGISTER);
    }

    /// ［会計事務所等への契約情報提供の承認］ (the guide's 18 to 24), with this choice and message.
    #[track_caller]
    pub fn answers(&self, choice: &str, message: &str) {
        self.checks_who_asks();
        self.browser.tick(choice);
        self.browser.fill("申請元の会計事務所へのメッセージ", message);
        self.browser.press(words::CHECK);
        self.commits(choice, message);
    }

    /// Reads who asks (the guide's 18 and 19).
    #[track_caller]
    pub fn checks_who_asks(&self) {
        self.sees(words::APPROVAL);
        for text in [words::ASKER, FIRM, "1001", "東京都千代田区見本町1-2-3", "03-0000-1001", words::IS_IT_THEM]
        {
            self.reads(text);
        }
        self.reads("契約情報の取得を申請いたします。");
        self.reads(&self.address);
    }

    /// Sees the choice once more and presses ［確定する］ (the guide's 23 and 24).
    #[track_caller]
    pub fn commits(&self, choice: &str, message: &str) {
        self.reads(choice);
        self.reads(message);
        self.browser.press(words::COMMIT);
    }
}

/// Fills in what is asked about the company, as people type it.
#[track_caller]
pub fn fill_in_company(browser: &Browser) {
    browser.tick("法人");
    for (label, text) in [
        ("法人名または屋号", BUSINESS),
        ("法人名または屋号のフリガナ", "ヤマダショウテン"),
        ("郵便番号", "１００−０００５"),
        ("所在地", "東京都千代田区丸の内1-2-3 見本ビル4階"),
        ("電話番号", "03-0000-0002"),
        ("代表者の氏名", NAME),
        ("代表者の氏名のフリガナ", "やまだ　たろう"),
    ] {
        browser.fill(label, text);
    }
}
