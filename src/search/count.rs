//! How many threads fit, and by what they could be narrowed down further: each of them as long as they are few, else told from
//! a part.
//!
//! Who looks at all that fits of a million posts waits for that, and nobody looks at more than the first pages. So where
//! thousands fit already, only one window of several is counted from there on, and no more is looked at than ranking needs.
//! (What is asked for by filters alone has no ranking, and is counted through.)

use std::cmp::Reverse;

use tantivy::DocId;

use super::document::marks;
use super::find::Hits;
use super::view::{Columns, Post, View};

/// Threads that are counted one by one by what they could be narrowed down to; more are estimated from so many.
const COUNTED: usize = 4_096;
/// Where more than that fit and very many posts are left, of so many windows one is counted.
const ONE_OF: u32 = 8;
/// What a thread that was counted weighs beside one that stands for others, too.
const ONE: usize = 16;
/// The marks by which they are counted.
const BY_MARKS: u64 = marks::VERIFIED | marks::ACCEPTED | marks::OPEN | marks::FROM_X | marks::FROM_FACEBOOK;
/// Tags that are counted to be told: the most frequent ones. Far more than are offered.
const MOST_TAGS: usize = 64;

/// Threads. Their numbers are close to each other, so a bit for each is the least.
#[derive(Default)]
pub(super) struct Met(Vec<u64>);

impl Met {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn is_new(&mut self, thread: u32) -> bool {
        let (at, bit) = (thread as usize / 64, 1 << (thread % 64));
        if at >= self.0.len() {
            self.0.resize((at + 1).next_power_of_two(), 0);
        }
        let new = self.0[at] & bit == 0;
        self.0[at] |= bit;
        new
    }

    pub fn holds(&self, thread: u32) -> bool {
        self.0.get(thread as usize / 64).is_some_and(|bits| bits & (1 << (thread % 64)) != 0)
    }
}

/// Counts threads, and keeps an even part of them to be counted by what they could be narrowed down to: all of them, where
/// they are not too many. Windows have one number over all segments.
#[derive(Default)]
pub(super) struct Counts {
    /// So many posts that are left are counted through, however many fit; `None`: nothing is counted.
    through: Option<usize>,
    met: Met,
    /// Threads while every window was counted, and their posts that fit.
    threads: usize,
    posts: usize,
    spared: Option<Spared>,
    /// A post of each thread of the part.
    part: Vec<Part>,
    /// The bits that are zero in the mark of each thread of the part.
    mask: u32,
    /// Those that are counted just now.
    now: Vec<Post>,
}

/// The windows of which only some are counted.
struct Spared {
    /// The first of them.
    first: u32,
    /// Posts in all of them, and in those that were counted.
    posts: usize,
    looked_at: usize,
    /// Posts that fit, of those that were counted.
    fitting: usize,
}

/// The next window that is to be counted.
pub(super) enum First {
    None,
    /// Whichever holds a post that fits.
    Any,
    At(u32),
}

struct Part {
    /// It stands for others, too.
    spared: bool,
    mark: u32,
    segment: u32,
    doc: DocId,
}

impl Counts {
    pub fn new(through: Option<usize>) -> Self {
        Self { through, ..Self::default() }
    }

    /// The first window from this one on that is to be counted.
    pub fn first_counted(&self, window: u32) -> First {
        match (self.through, &self.spared) {
            (None, _) => First::None,
            (Some(_), None) => First::Any,
            (Some(_), Some(spared)) => First::At(spared.first + (window - spared.first).next_multiple_of(ONE_OF)),
        }
    }

    pub fn is_counted(&self, window: u32) -> bool {
        match self.first_counted(window) {
            First::None => false,
            First::Any => true,
            First::At(first) => first == window,
        }
    }

    /// Counts the posts that fit of so many that were looked at.
    pub fn count(&mut self, segment: u32, columns: &Columns, posts: &[(DocId, f32)], looked_at: usize) {
        match &mut self.spared {
            None => self.posts += posts.len(),
            Some(spared) => {
                spared.fitting += posts.len();
                spared.looked_at += looked_at;
            }
        }
        // Reading first and looking then lets the processor fetch many at a time.
        self.now.clear();
        self.now.extend(posts.iter().map(|(doc, _)| columns.post(*doc)));
        for (post, (doc, _)) in self.now.iter().zip(posts) {
            if !self.met.is_new(post.thread) {
                continue;
            }
            self.threads += usize::from(self.spared.is_none());
            // Neighbours have nothing in common in this.
            let mark = post.thread.wrapping_mul(0x9e37_79b1).swap_bytes();
            if mark & self.mask == 0 {
                self.part.push(Part { spared: self.spared.is_some(), mark, segment, doc: *doc });
            }
            while self.part.len() > COUNTED {
                self.mask = self.mask << 1 | 1;
                self.part.retain(|part| part.mark & self.mask == 0);
            }
        }
    }

    /// Where many fit already, only a part is counted from this window on, with which so many posts are left.
    pub fn spare(&mut self, window: u32, left: usize) {
        let many_left = self.through.is_some_and(|through| left > through);
        if self.spared.is_none() && self.threads > COUNTED && many_left {
            self.spared = Some(Spared { first: window, posts: left, looked_at: 0, fitting: 0 });
        }
    }

    /// For how many posts one of the spared windows stands.
    fn each(&self) -> f64 {
        self.spared.as_ref().map_or(1.0, |spared| spared.posts as f64 / spared.looked_at.max(1) as f64)
    }

    pub fn tell(&self, view: &View, hits: &mut Hits) {
        let each = self.each();
        // As many posts to a thread as where all were counted: a little too many, where old threads live on.
        let later = self.spared.as_ref().map_or(0.0, |spared| spared.fitting as f64 * each);
        let total = self.threads + (later * self.threads as f64 / self.posts.max(1) as f64) as usize;
        hits.total = total;
        // Windows are spared only where the part is one, too.
        hits.estimated = self.mask != 0;
        let weight = |part: &Part| if part.spared { (ONE as f64 * each) as usize } else { ONE };
        let mut tags = vec![0; view.tags.len()];
        for part in &self.part {
            let columns = &view.columns[part.segment as usize];
            let (post, weight) = (columns.post(part.doc), weight(part));
            *hits.topics.entry(post.topic().into()).or_default() += weight;
            *hits.marks.entry(post.marks() & BY_MARKS).or_default() += weight;
            for tag in columns.tags(part.doc) {
                tags[tag as usize] += weight;
            }
        }
        let mut tags: Vec<(usize, usize)> = tags.into_iter().enumerate().filter(|(_, count)| *count > 0).collect();
        if tags.len() > MOST_TAGS {
            tags.select_nth_unstable_by_key(MOST_TAGS, |(number, count)| (Reverse(*count), *number));
            tags.truncate(MOST_TAGS);
        }
        let named = |(number, count)| view.tags.name(number).map(|name| (name.to_string(), count));
        hits.tags = tags.into_iter().filter_map(named).collect();
        for (marks, count) in std::mem::take(&mut hits.marks) {
            for bit in (0..u64::BITS).map(|bit| 1 << bit).filter(|bit| marks & bit != 0) {
                *hits.marks.entry(bit).or_default() += count;
            }
        }
        let part: usize = self.part.iter().map(weight).sum();
        let all = |count: &mut usize| *count = *count * total / part.max(1);
        hits.topics.values_mut().chain(hits.tags.values_mut()).chain(hits.marks.values_mut()).for_each(all);
    }
}

/// To two digits: an estimate knows no more.
pub(super) fn rounded(count: usize) -> usize {
    let step = 10_usize.pow(count.checked_ilog10().unwrap_or(0).saturating_sub(1));
    (count + step / 2) / step * step
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn an_estimate_has_two_digits() {
        for (count, about) in [(0, 0), (7, 7), (42, 42), (104, 100), (105, 110), (12_345, 12_000), (99_600, 100_000)] {
            assert_eq!(rounded(count), about, "{count}");
        }
    }
}
