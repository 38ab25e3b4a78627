//! The language a person is written to in.

/// Japanese is complete and the default; English is the second language of the same letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// 日本語
    #[default]
    Ja,
    /// English
    En,
}

impl Locale {
    /// The tag of BCP 47, as stored.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }

    /// From what a person or the database wrote: `ja`, `日本語`, `en`, `English`, `英語`; case and width do not matter.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match super::text::fold(text).as_str() {
            "ja" | "jp" | "japanese" | "日本語" => Some(Self::Ja),
            "en" | "english" | "英語" => Some(Self::En),
            _ => None,
        }
    }
}
