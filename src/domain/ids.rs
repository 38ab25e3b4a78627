//! Identities. Each is a UUIDv7 as lower-case text, so that order by id is order by birth, in ASCII.

use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// A new identity.
            #[must_use]
            pub fn new(id: uuid::Uuid) -> Self {
                Self(id.hyphenated().to_string())
            }

            /// From the database, where it was written by [`Self::as_str`].
            #[must_use]
            pub fn stored(text: String) -> Self {
                Self(text)
            }

            /// As stored.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// A registered firm.
    FirmId
);
id!(
    /// A request of a firm about a customer.
    RequestId
);
id!(
    /// A person's account (弥生ID).
    AccountId
);
id!(
    /// An attempt to prove an address by a mailed code: to register it, or to set a new password.
    AttemptId
);
id!(
    /// A mail that was seen in the mailbox.
    InboundId
);
id!(
    /// A mail in the outbox.
    OutboundId
);
id!(
    /// A migration (契約の移行): chosen before the contract-management system is asked, so that it can be looked up there.
    MigrationId
);
id!(
    /// A business data (事業所データ) that is or was bound.
    BusinessDataId
);
id!(
    /// A サービス契約ID that was entered.
    NetworkRegistrationId
);
id!(
    /// A firm linked with a product of a customer, or once linked.
    LinkageId
);
