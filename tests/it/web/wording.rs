//! The guide's exact Japanese: titles and buttons, page by page.

use super::browser::Browser;
use super::register;
use crate::flows::house::House;
use crate::flows::people::member;

#[tokio::test]
async fn titles_and_buttons_are_the_guides_own() {
    let house = House::on_sqlite().await;
    let account = member(&house, "yamada@example.jp", "山田 太郎").await;
    house.execute("UPDATE account SET terms_version = 'old'").await;
    let mut stranger = Browser::new(&house);
    let log_in = stranger.go("/login").await;
    assert_eq!(log_in.heading(), "ログイン");
    log_in.says("<button>次へ</button>").says(">弥生IDの新規登録</a>").says(">弥生ID（メールアドレス）</label>");
    let password = stranger.submit("/login", &[("id", "yamada@example.jp")]).await;
    assert_eq!(password.heading(), "ログイン");
    password.says("<button>ログイン</button>").says(">パスワードをお忘れの方</a>");
    let form = stranger.go("/register").await;
    assert_eq!(form.heading(), "弥生IDの新規登録");
    form.says("<button>登録する</button>").says("忘れないように十分ご注意ください");
    form.says("ここで登録したメールアドレスは「弥生ID」として、今後も利用します。");
    form.says(">「弥生関連サービス基本利用規約」およびプライバシーポリシーに同意します。</label>");
    register::send(&mut stranger, "sato@example.jp", &[]).await;
    let code = house.code().await.to_text();
    let page = stranger.go("/code").await;
    page.says("<button>確認する</button>").says(">確認コードを再送する（残り2回）</button>");
    page.says("再送すると、古い確認コードは無効になります。再送できるのは2回までです。").says("有効期限は10分です");
    let done = stranger.submit("/code", &[("code", &code)]).await;
    done.says(">サービスの利用へ進む</a>").says(">ログアウト</button>").says("ログイン者名：").says("問い合わせ先");
    let forgot = Browser::new(&house).go("/password/forgot").await;
    assert_eq!(forgot.heading(), "パスワードの再設定");
    let terms = Browser::logged_in(&house, &account).await.go("/terms").await;
    assert_eq!(terms.heading(), "利用規約の確認");
    for (sign, words) in [
        ('①', "受け取った申請メールのURLをクリック"),
        ('②', "マイポータル（Web）へログイン"),
        ('③', "契約情報提供の承認・連携する会計製品の選択"),
        ('④', "会計製品を起動して共有する事業所データを開く"),
        ('⑤', "スマート取引取込の設定画面を表示"),
        ('⑥', "［設定を行う］をクリック"),
    ] {
        let step = format!("<span class=\"sign\">{sign}</span> <span class=\"words\">{words}</span>");
        log_in.says(&step);
    }
    house.leave().await;
}
