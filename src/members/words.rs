//! Every sentence that this slice says to people. No rule, no query.

// The page of the account, after something was done
pub const CONFIRM_MAIL_SENT: &str = "A mail with the link is on its way. It holds for two days; earlier ones end.";
pub const CONFIRM_MAIL_ENOUGH: &str =
    "That was asked for several times. Look into your mail, also among the unwanted, or try again later.";
pub const NEW_EMAIL_ASKED: &str =
    "A mail is on its way to the new address. Until you press its button the old one counts.";
pub const EMAIL_CHANGED: &str = "Your address is changed. Sign in with the new one from now on.";
pub const PASSWORD_CHANGED: &str = "Your password is changed, and you are signed out everywhere else.";
pub const EXPORTED_ENOUGH: &str = "You downloaded this several times just now. Try again in some minutes.";
pub const SESSION_ENDED: &str = "Done: that device has to sign in again.";
pub const PROFILE_SAVED: &str = "Your profile is saved.";
pub const SECOND_ON: &str = "From now on a code of your phone is asked for as well.";
pub const SECOND_OFF: &str = "The second step is off: the password alone signs you in.";

// An e-mail address
pub const YOUR_EMAIL: &str = "Your e-mail address";
pub const NO_EMAIL: &str = "An e-mail address looks like name@example.com. Check what is missing.";
pub const EMAIL_TAKEN: &str = "There is an account with this e-mail address already. Sign in, or use another.";

// A password
pub fn password_too_short(least: usize) -> String {
    format!("The password is too short: it needs at least {least} characters.")
}

pub fn password_too_long(most: usize) -> String {
    format!("The password may have at most {most} characters.")
}

pub const PASSWORD_TOO_EASY: &str =
    "This password is well known or quickly guessed. Take three odd words, or what your browser suggests.";
pub const PASSWORD_AS_BEFORE: &str = "This is the password that you have. Choose another, or leave it.";
pub const PASSWORD_CHANGED_MEANWHILE: &str =
    "Your password was changed meanwhile, in another window. Type the new one.";
pub const PASSWORD_MISSING: &str = "Your password is missing. Type the one that you sign in with.";
pub const PASSWORD_WRONG: &str = "This is not your password. Check it; capital letters count.";

pub fn too_many_attempts(wait: &str) -> String {
    format!("Too many attempts in a row. Try again in {wait}; what you typed was not looked at.")
}

// Signing up and in
pub const EMAIL_HINT_WITH_MAIL: &str =
    "To sign in with. Nobody sees it. We mail you a link that confirms it: open it, and we can tell you of answers.";
pub const EMAIL_HINT: &str = "To sign in with. Nobody sees it.";

pub fn too_many_sign_ups(wait: &str) -> String {
    format!("Too many sign-ups from your network. Try again in {wait}.")
}

pub const NOT_RECOGNISED: &str =
    "E-mail address and password do not belong together. Check both; capital letters count.";

pub fn not_looked_at(wait: &str) -> String {
    format!("Too many attempts in a row. Try again in {wait}; what you typed may be right, it was not looked at.")
}

// Whoever is no member
pub fn too_many_guests(wait: &str) -> String {
    format!(
        "Too many people said something from your address. Try again in {wait}, or sign in: members are counted by \
         their account."
    )
}

// Where only some may go
pub const ONLY_ADMINISTRATORS: &str = "This is for administrators. If you are one, sign in with that account.";
pub const DRAFTERS_DRAFT: &str =
    "Your account drafts replies, and staff send them. Hand in your draft for approval instead.";
pub const ONLY_STAFF: &str = "This is for staff. If you are staff, sign in with that account.";

pub fn banned(until: &str, why: &str) -> String {
    format!("You cannot write here until {until}. Why: {why} You can go on reading.")
}

// The devices that are signed in
pub fn browser_on(browser: &str, system: &str) -> String {
    format!("{browser} on {system}")
}

pub fn some_browser_on(system: &str) -> String {
    format!("A browser on {system}")
}

pub const SOME_DEVICE: &str = "A device that does not say what it is";

// The mail that confirms an address
pub const CONFIRM_SUBJECT: &str = "Confirm your e-mail address";

pub fn confirm_what(site: &str) -> String {
    format!("Somebody, probably you, signed up at {site} with this address.")
}

pub const CONFIRM_HOW_LONG: &str = "Confirm that it is yours, so that we can write to you, and nobody else can use it. \
     The link holds for two days, and once.";
pub const CONFIRM_NOT_YOU: &str = "If it was not you, do nothing.";
pub const CONFIRM_BUTTON: &str = "Confirm this address";
pub const CONFIRM_WHY: &str = "You get this mail because your address was entered at the sign-up.";
pub const CONFIRM_LINK_IS_DEAD: &str = "It was used, a newer one was mailed, two days have passed, or the account has \
     another address by now. If you used it, your address is confirmed. Otherwise ask for another mail on the page of \
     your account.";
pub const OPEN_YOUR_ACCOUNT: &str = "Open your account";

// Another e-mail address
pub const YOUR_NEW_EMAIL: &str = "Your new e-mail address";
pub const EMAIL_IS_YOURS: &str = "This is your address already. Type the new one.";
pub const NEW_EMAIL_TAKEN: &str = "There is an account with this e-mail address already. Use another.";

pub fn asked_too_often(wait: &str) -> String {
    format!("That was asked for several times. Look into your mail, or try again in {wait}.")
}

pub const NEW_EMAIL_SUBJECT: &str = "Confirm your new e-mail address";
pub const NEW_EMAIL_WHAT: &str = "Somebody, probably you, wants to use this address for their account here.";
pub const NEW_EMAIL_HOW_LONG: &str = "The link holds for two days, and once. If it was not you, do nothing.";
pub const NEW_EMAIL_BUTTON: &str = "Use this address";
pub const NEW_EMAIL_WHY: &str = "You get this mail because your address was entered on the page of an account.";
pub const TAKEN_EMAIL_SUBJECT: &str = "This address has an account already";
pub const TAKEN_EMAIL_WHAT: &str = "Somebody, probably you, wants to use this address for another account here. That \
     cannot be: one address, one account.";
pub const TAKEN_EMAIL_THEN: &str =
    "Sign in with the account that has it, or leave it. If it was not you, do nothing: your account stays as it is.";
pub const OLD_EMAIL_SUBJECT: &str = "Your account is to have another e-mail address";
pub const OLD_EMAIL_WHAT: &str = "Somebody who knows your password, probably you, wants another address for your \
     account. A mail is on its way there; until it is answered nothing changes.";
pub const OLD_EMAIL_THEN: &str =
    "If it was not you, choose another password now: that ends the change, and signs everybody else out.";
pub const OLD_EMAIL_BUTTON: &str = "Choose another password";
pub const OLD_EMAIL_WHY: &str = "You get this mail because it is about the safety of your account.";
pub const NEW_EMAIL_LINK_IS_DEAD: &str = "It was used, a newer one was mailed, the password was changed, two days have \
     passed, or another account has this address by now. The page of your account says which address you have.";

// A forgotten password
pub const RESET_SUBJECT: &str = "Choose a new password";
pub const RESET_WHAT: &str = "Somebody, probably you, wants a new password for your account.";
pub const RESET_HOW_LONG: &str =
    "The link holds for an hour, and once. If it was not you, do nothing: your password stays as it is.";
pub const RESET_BUTTON: &str = "Choose a new password";
pub const RESET_WHY: &str = "You get this mail because your address was entered on the page for forgotten passwords.";
pub const RESET_LINK_IS_DEAD: &str = "It was used, a newer one was mailed, or an hour has passed. If you used it, sign in \
     with the new password. Otherwise ask for another mail.";
pub const ASK_FOR_ANOTHER: &str = "Ask for another mail";

// A question of somebody without an account, and a sign-in that was begun
pub const GUEST_LINK_IS_DEAD: &str = "It was used, or a week has passed. If you used it, your question is asked: sign in to \
     follow it. Without a password, choose one under “Forgot your password?”.";
pub const STEP_TOO_OLD: &str =
    "This sign-in took longer than ten minutes, or was begun anew in another window. Type your password again.";
pub const SIGN_IN: &str = "Sign in";
