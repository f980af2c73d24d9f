//! `search-quality`: how well search finds what people judged to be found.

use std::fs::File;
use std::io::{BufWriter, Write};

use super::{Ended, args, say};
use crate::search::quality::{self, Function, Quality};

pub(super) fn run(args: &args::SearchQuality) -> Result<(), Ended> {
    let trouble = |error: std::io::Error, what: &str| Ended::Trouble(format!("{what}: {error}"));
    let folder = std::env::temp_dir().join(format!("answerwell-quality-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|error| trouble(error, "the folder for the index"))?;
    let measured = measure(args, &folder);
    let removed = std::fs::remove_dir_all(&folder);
    let quality = measured?;
    removed.map_err(|error| trouble(error, "the folder of the index"))?;
    let of = match function(args) {
        Function::Search => "search",
        Function::Similar => "similar questions",
        Function::Beside => "questions beside a thread",
    };
    say(format_args!(
        "{of} over {} documents, {} judged queries\nnDCG@10 {:.4}   recall@10 {:.4}   P@1 {:.4}",
        quality.documents, quality.queries, quality.ndcg, quality.recall, quality.first
    ));
    Ok(())
}

fn measure(args: &args::SearchQuality, folder: &std::path::Path) -> Result<Quality, Ended> {
    let wrong = |error: &dyn std::fmt::Display| Ended::Trouble(error.to_string());
    let mut each = match &args.each {
        None => None,
        Some(path) => {
            let file = File::create(path).map_err(|error| Ended::Usage(format!("{}: {error}", path.display())))?;
            Some(BufWriter::new(file))
        }
    };
    let out = each.as_mut().map(|each| each as &mut dyn Write);
    let quality = quality::measure(&args.dir, function(args), folder, out).map_err(|error| wrong(&error))?;
    if let Some(each) = &mut each {
        each.flush().map_err(|error| wrong(&error))?;
    }
    Ok(quality)
}

fn function(args: &args::SearchQuality) -> Function {
    match (args.similar, args.beside) {
        (_, true) => Function::Beside,
        (true, false) => Function::Similar,
        (false, false) => Function::Search,
    }
}
