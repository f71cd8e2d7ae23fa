//! Small numbers that stand for events, replicas, lines and slots inside one document. They differ
//! from replica to replica and never leave the document.

macro_rules! index {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) struct $name(pub u32);

        impl $name {
            /// # Panics
            /// Past four thousand million of them.
            pub fn new(place: usize) -> Self {
                Self(u32::try_from(place).expect("more than u32::MAX items in one document"))
            }

            pub fn at(self) -> usize {
                self.0 as usize
            }
        }
    };
}

index!(
    /// An event, in the order of arrival.
    EventIndex
);
index!(ReplicaIndex);
index!(AuthorIndex);
index!(
    /// A line; [`LineIndex::ROOT`] is the root.
    LineIndex
);
index!(StrandIndex);
index!(SlotIndex);

impl LineIndex {
    pub const ROOT: LineIndex = LineIndex(0);
}
