//! How well each post of a segment fits: BM25 over title and body as one text, a window of posts at a time.

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::BlockSegmentPostings;
use tantivy::query::Scorer;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED, TantivyError};

use super::index::Fields;
use super::plan::Plan;

/// How fast another mention of a word counts less, and how much a long text counts less.
const K1: f32 = 1.2;
const B: f32 = 0.65;
/// What a word in the title counts beside one in the body.
pub(super) const TITLE: f32 = 3.0;
/// Words that say something in a title, about everywhere.
const TITLE_LENGTH: f32 = 6.0;
/// Of so many words one alone is not enough.
const SEVERAL: usize = 4;
/// So few words are all meant: who holds only some of them counts less, by up to this share.
const FEW: usize = 3;
const MISSING: f32 = 0.8;
/// What a title that says just what was asked brings, as a share of the best that words could.
const SAME_TITLE: f32 = 1.0;
/// Posts that are ranked at once, a multiple of 64: what is noted of them fits into a near cache.
pub(super) const WINDOW: u32 = 4_096;
/// Of so few words the weights of all their combinations are summed up beforehand.
const SUMMED: usize = 6;

/// What a word counts in each length of a text.
fn norms(weight: f32, mean: f32) -> [f32; 256] {
    std::array::from_fn(|id| {
        let length = FieldNormReader::id_to_fieldnorm(u8::try_from(id).unwrap_or(u8::MAX)) as f32;
        weight / (1.0 - B + B * length / mean)
    })
}

pub(super) fn saturated(times: f32) -> f32 {
    times * (K1 + 1.0) / (times + K1)
}

/// One way in which a word is written, in one segment.
struct Cursor {
    postings: BlockSegmentPostings,
    at: usize,
    norms: FieldNormReader,
    in_title: bool,
    counts: f32,
}

/// A word, by all the ways in which it is written in this segment.
struct Word {
    /// Its bit.
    number: usize,
    weight: f32,
    ways: Vec<Cursor>,
    rows: Vec<(bool, Box<dyn Scorer>)>,
}

/// What is noted of a post in the window.
#[derive(Clone, Copy, Default)]
struct Noted {
    /// How often it holds the word that is counted just now, by where it stands.
    times: f32,
    score: f32,
    /// The words that it holds, a bit each.
    held: u64,
    /// Those that it holds in its title.
    titled: u64,
}

/// The ranking of one segment, a window of posts at a time.
pub(super) struct Ranking {
    /// Those that must be there first, then those that weigh most.
    words: Vec<Word>,
    /// What the words from here on could bring together, at most, to a post that holds none of those before.
    rest: Vec<f32>,
    norms: FieldNormReader,
    in_body: [f32; 256],
    in_title: [f32; 256],
    weight: f32,
    needed: f32,
    mean_weight: f32,
    /// The words that must be there, a bit each, and what each of the others weighs.
    required: u64,
    weights: Vec<f32>,
    sums: Vec<f32>,
    optional: usize,
    base: u32,
    noted: Vec<Noted>,
    /// The places in the window that hold anything, a bit each, and how many of these bits were gone through.
    touched: Vec<u64>,
    gone_through: usize,
    of_word: Vec<u16>,
}

impl Ranking {
    pub fn open(segment: &SegmentReader, fields: &Fields, plan: &Plan, length: f32) -> Result<Self, TantivyError> {
        let norms_of = |field: Field| segment.get_fieldnorms_reader(field);
        let mut words = Vec::new();
        for (number, wanted) in plan.wanted.iter().enumerate() {
            let (mut ways, mut rows) = (Vec::new(), Vec::new());
            for way in &wanted.terms {
                let inverted = segment.inverted_index(way.term.field())?;
                let Some(info) = inverted.get_term_info(&way.term)? else { continue };
                let postings = inverted.read_block_postings_from_terminfo(&info, IndexRecordOption::WithFreqs)?;
                let norms = norms_of(way.term.field())?;
                ways.push(Cursor { postings, at: 0, norms, in_title: way.in_title, counts: way.counts });
            }
            for (in_title, weight) in &wanted.rows {
                rows.push((*in_title, weight.scorer(segment, 1.0)?));
            }
            words.push(Word { number, weight: wanted.weight, ways, rows });
        }
        let is_required = |number: usize| plan.wanted[number].required;
        words.sort_by(|left: &Word, right: &Word| {
            let by_need = is_required(right.number).cmp(&is_required(left.number));
            by_need.then(right.weight.total_cmp(&left.weight))
        });
        let required = (0..plan.wanted.len()).filter(|number| is_required(*number)).map(|number| 1 << number).sum();
        let optional = plan.wanted.iter().filter(|wanted| !wanted.required).count();
        let weights: Vec<f32> =
            plan.wanted.iter().map(|wanted| if wanted.required { 0.0 } else { wanted.weight }).collect();
        let mut ranking = Self {
            words,
            rest: Vec::new(),
            norms: norms_of(fields.title_stems)?,
            in_body: norms(1.0, length),
            in_title: norms(TITLE, TITLE_LENGTH),
            weight: plan.weight,
            needed: plan.needed,
            mean_weight: plan.weight / (optional.max(1) as f32),
            required,
            sums: Vec::new(),
            weights,
            optional,
            base: 0,
            noted: vec![Noted::default(); WINDOW as usize],
            touched: vec![0; WINDOW as usize / 64],
            gone_through: 0,
            of_word: Vec::new(),
        };
        if ranking.weights.len() <= SUMMED {
            ranking.sums = (0..1 << ranking.weights.len()).map(|held| sum(&ranking.weights, held)).collect();
        }
        ranking.rest = (0..ranking.words.len()).map(|first| ranking.most_of(first)).collect();
        Ok(ranking)
    }

    /// What the words from `first` on can bring to a post that holds no other; 0: that post does not hold enough.
    fn most_of(&self, first: usize) -> f32 {
        let held = self.words[first..].iter().fold(0, |held, word| held | 1 << word.number);
        let without_rows: f32 = self.words[first..].iter().map(|word| word.weight * (K1 + 1.0)).sum();
        if !self.holds_enough(held) { 0.0 } else { without_rows + self.same_title(held, 0.0) }
    }

    /// How many words lead: a post that holds none of them cannot reach `floor`.
    fn leading(&self, floor: f32) -> usize {
        let weak = self.rest.iter().position(|rest| *rest <= 0.0 || *rest < floor).unwrap_or(self.words.len());
        // Nor can one without the first of those that must be there.
        if self.required == 0 { weak } else { 1 }
    }

    /// The number of the next window in which a post may reach `floor`.
    pub fn next_window(&self, floor: f32) -> Option<u32> {
        let first = self.words[..self.leading(floor)].iter().filter_map(Word::next).min()?;
        Some(first / WINDOW)
    }

    /// Ranks the posts of a window, after all that were ranked before, which may reach `floor`.
    pub fn rank_window(&mut self, window: u32, floor: f32) {
        let leading = self.leading(floor);
        self.base = window * WINDOW;
        self.gone_through = 0;
        let mut words = std::mem::take(&mut self.words);
        for (place, word) in words.iter_mut().enumerate() {
            self.note(word, place < leading);
        }
        self.words = words;
    }

    /// Notes a word of the window; one that does not lead only in posts that hold another already.
    fn note(&mut self, word: &mut Word, leads: bool) {
        let (base, end, bit) = (self.base, self.base + WINDOW, 1 << word.number);
        for cursor in &mut word.ways {
            let norms = if cursor.in_title { &self.in_title } else { &self.in_body };
            if cursor.postings.docs().get(cursor.at).is_some_and(|doc| *doc < base) {
                cursor.at = cursor.postings.seek(base);
            }
            loop {
                let docs = &cursor.postings.docs()[cursor.at..];
                let freqs = &cursor.postings.freqs()[cursor.at..];
                let within = docs.partition_point(|doc| *doc < end);
                for (doc, freq) in docs[..within].iter().zip(&freqs[..within]) {
                    let at = (doc - base) as usize;
                    let noted = &mut self.noted[at];
                    if !leads && noted.held == 0 {
                        continue;
                    }
                    if noted.times == 0.0 {
                        self.of_word.push(at as u16);
                    }
                    let norm = norms[usize::from(cursor.norms.fieldnorm_id(*doc))];
                    noted.times += *freq as f32 * norm * cursor.counts;
                    if cursor.in_title {
                        noted.titled |= bit;
                    }
                }
                let all = within == docs.len();
                cursor.at += within;
                if !all || docs.is_empty() {
                    break;
                }
                cursor.postings.advance();
                cursor.at = 0;
            }
        }
        for (in_title, row) in &mut word.rows {
            if row.doc() < base {
                row.seek(base);
            }
            while row.doc() < end {
                let at = (row.doc() - base) as usize;
                let noted = &mut self.noted[at];
                if leads || noted.held != 0 {
                    if noted.times == 0.0 {
                        self.of_word.push(at as u16);
                    }
                    noted.times += if *in_title { TITLE } else { 1.0 };
                }
                // Places are compared for each post that is looked at: only for those that may fit.
                match if leads { Some(at + 1) } else { next_bit(&self.touched, at + 1) } {
                    Some(next) if next == at + 1 => row.advance(),
                    Some(next) => row.seek(base + next as u32),
                    None => break,
                };
            }
        }
        for at in self.of_word.drain(..) {
            let place = usize::from(at);
            let noted = &mut self.noted[place];
            noted.held |= bit;
            noted.score += word.weight * saturated(noted.times);
            noted.times = 0.0;
            self.touched[place / 64] |= 1 << (place % 64);
        }
    }

    /// The next post of the window that holds enough, with its score; `None`: the window is clean again.
    pub fn next_ranked(&mut self) -> Option<(DocId, f32)> {
        while let Some(bits) = self.touched.get_mut(self.gone_through) {
            if *bits == 0 {
                self.gone_through += 1;
                continue;
            }
            let place = self.gone_through * 64 + bits.trailing_zeros() as usize;
            *bits &= *bits - 1;
            let noted = std::mem::take(&mut self.noted[place]);
            if noted.held & self.required == self.required && self.holds_enough(noted.held) {
                let doc = self.base + place as u32;
                return Some((doc, self.score(doc, noted)));
            }
        }
        None
    }

    /// Whether who holds these words holds enough of what was asked.
    fn holds_enough(&self, held: u64) -> bool {
        self.weight == 0.0
            || (self.weight_of(held) >= self.needed * self.weight
                && (self.optional < SEVERAL || held.count_ones() >= 2))
    }

    fn score(&self, doc: DocId, noted: Noted) -> f32 {
        if self.weight == 0.0 {
            return noted.score;
        }
        let share = if self.optional <= FEW { self.weight_of(noted.held) / self.weight } else { 1.0 };
        let same_title = match noted.titled {
            0 => 0.0,
            titled => self.same_title(titled, self.norms.fieldnorm(doc) as f32),
        };
        (noted.score + same_title) * (1.0 - MISSING + MISSING * share)
    }

    /// What a title of this length brings that holds these words.
    fn same_title(&self, titled: u64, length: f32) -> f32 {
        if self.weight == 0.0 {
            return 0.0;
        }
        let alike = 2.0 * self.weight_of(titled) / (self.weight + self.mean_weight * length);
        SAME_TITLE * self.weight * alike * alike
    }

    /// What these words weigh.
    fn weight_of(&self, words: u64) -> f32 {
        let summed = usize::try_from(words).ok().and_then(|words| self.sums.get(words));
        summed.copied().unwrap_or_else(|| sum(&self.weights, words))
    }
}

impl Word {
    /// The first post that holds it from where it is looked for next.
    fn next(&self) -> Option<DocId> {
        let ways = self.ways.iter().filter_map(|cursor| cursor.postings.docs().get(cursor.at).copied());
        let rows = self.rows.iter().map(|(_, row)| row.doc());
        ways.chain(rows).min().filter(|doc| *doc != TERMINATED)
    }
}

/// The first bit that is set from this place on.
fn next_bit(bits: &[u64], from: usize) -> Option<usize> {
    let first = bits.get(from / 64)? & (u64::MAX << (from % 64));
    if first != 0 {
        return Some(from / 64 * 64 + first.trailing_zeros() as usize);
    }
    let (at, bits) = bits.iter().enumerate().skip(from / 64 + 1).find(|(_, bits)| **bits != 0)?;
    Some(at * 64 + bits.trailing_zeros() as usize)
}

fn sum(weights: &[f32], mut words: u64) -> f32 {
    let mut sum = 0.0;
    while words != 0 {
        sum += weights.get(words.trailing_zeros() as usize).copied().unwrap_or(0.0);
        words &= words - 1;
    }
    sum
}
