//! Why Facebook does not do what was asked: in words for people on the pages, and as Graph's errors.

use super::answer::Answer;

/// Why Facebook does not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("It needs a text or a picture.")]
    Empty,
    #[error("The text has {length} characters; {longest} are allowed. Shorten it.")]
    TooLong { length: usize, longest: usize },
    #[error("The page has just posted exactly that. Say it in other words.")]
    Duplicate,
    #[error("The link cannot be looked at. Leave it out, or try another.")]
    BadLink,
    #[error("What you want to answer is removed or was never there.")]
    ParentGone,
    #[error("It is removed or was never there.")]
    NotThere,
    #[error("Only the author can change it, and only the author or the page can remove it.")]
    NotOwn,
    #[error("A page hides only what others wrote on it.")]
    NotHideable,
    #[error("A picture must be a JPEG, PNG, GIF or WebP of at most 10 MB.")]
    NoPicture,
    #[error("This person takes no messages from the page.")]
    Closed,
    #[error(
        "The page may write within 24 hours of the person's last message (a colleague within 7 days). Wait until they \
         write again."
    )]
    WindowClosed,
    #[error("This was answered privately before. It can be done once.")]
    AnsweredPrivately,
    #[error("Only what was written within the last seven days can be answered privately.")]
    TooLateForPrivate,
    #[error("There is nobody to write to.")]
    NobodyThere,
    #[error("A handle is 1 to 50 letters, digits, points or underscores; {0:?} is not.")]
    BadHandle(String),
    #[error("Nobody here has the handle {0:?}.")]
    NoSuchPerson(String),
    #[error("{0:?} has no role on that page. Give one on the page's own page, or be somebody else.")]
    NoRole(String),
    #[error("Facebook has no permission {0:?}.")]
    NoSuchScope(String),
    #[error("{0}")]
    BadWebhook(String),
    #[error("The twin could not write its journal: {0}. Look at the disk, then try again.")]
    Journal(#[from] std::io::Error),
}

impl From<Refused> for Answer {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Empty => Self::invalid("Param message must be a non-empty string"),
            Refused::TooLong { length, longest } => Self::invalid(&format!(
                "Length of param message must be less than or equal to {longest} ({length} given)"
            )),
            Refused::Duplicate => Self::of_code(506, Some(1_455_006)),
            Refused::BadLink => Self::of_code(1_609_005, None),
            Refused::ParentGone | Refused::NotThere => Self::missing("the object"),
            Refused::NotOwn => Self::of_code(200, None),
            Refused::NotHideable => Self::of_code(200, None),
            Refused::NoPicture => Self::invalid("Invalid parameter: the attachment cannot be used"),
            Refused::Closed => Self::of_code(551, Some(1_545_041)),
            Refused::WindowClosed => Self::of_code(10, Some(2_018_278)),
            Refused::AnsweredPrivately => Self::of_code(10_900, None),
            Refused::TooLateForPrivate => Self::of_code(10_902, None),
            Refused::NobodyThere | Refused::NoSuchPerson(_) => Self::of_code(100, Some(2_018_001)),
            Refused::BadWebhook(why) => Self::callback_failed(&why),
            Refused::NoRole(_) | Refused::BadHandle(_) | Refused::NoSuchScope(_) => Self::of_code(200, None),
            Refused::Journal(_) => Self::of_code(2, None),
        }
    }
}
