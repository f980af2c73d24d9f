//! Merging and splitting threads, each with its way back.
//!
//! A merge is a pointer: the merged thread leaves the lists and is shown inside the other, but nothing of it moves, so its
//! asker's words still arrive in it, and taking the merge back restores it as it was. A split makes a post a question of
//! its own and leaves a line where it stood. What looks the same to the search and is not is noted, too. Owns the tables `merge`,
//! `split` and `not_the_same`; the pointer itself is the question's.

mod join;
mod part;
mod store;
mod words;

pub use join::{NotMerged, keep_apart, merge, unmerge};
pub use part::{NotSplit, Part, load_part, split, unsplit};
pub use store::{Split, find_split_of, find_split_off, list_not_the_same, list_splits};

use crate::db::id_type;

id_type!(
    /// The id of a merge.
    MergeId
);
id_type!(
    /// The id of a split.
    SplitId
);
