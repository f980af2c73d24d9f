//! Pictures of the twins: profile pictures, which are small symmetrical patterns drawn from the id, always the same; and
//! what people upload, whose bytes lie in files beside the journal, one for each.

use std::io::{self, Cursor};
use std::path::{Path, PathBuf};

use image::{ImageFormat, Rgb, RgbImage};
use sha2::{Digest, Sha256};

/// Fields of the pattern along each side.
const FIELDS: u32 = 5;

/// The picture of a user as PNG, `size` pixels wide and high.
pub(super) fn draw(user: u64, size: u32) -> Result<Vec<u8>, image::ImageError> {
    let digest = Sha256::digest(user.to_be_bytes());
    // Dark enough for white beside it, and never grey.
    let shade = |at: usize| 40 + digest[at] % 140;
    let ink = Rgb([shade(0), shade(1), shade(2)]);
    let paper = Rgb([238, 240, 243]);
    let field = (size / (FIELDS + 1)).max(1);
    let margin = size.saturating_sub(field * FIELDS) / 2;
    let picture = RgbImage::from_fn(size, size, |x, y| {
        let place = |at: u32| at.checked_sub(margin).map(|inside| inside / field).filter(|at| *at < FIELDS);
        let (Some(column), Some(row)) = (place(x), place(y)) else { return paper };
        let mirrored = column.min(FIELDS - 1 - column);
        let bit = digest[(3 + row * 3 + mirrored) as usize] & 1;
        if bit == 1 { ink } else { paper }
    });
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png)?;
    Ok(png.into_inner())
}

/// What a file is, if it is a picture of at most so many bytes: its type, width and height. Moving ones may be larger.
pub(super) fn look_at(bytes: &[u8], still: usize, moving: usize) -> Option<(&'static str, u32, u32)> {
    let format = image::guess_format(bytes).ok()?;
    let (mime, largest) = match format {
        ImageFormat::Jpeg => ("image/jpeg", still),
        ImageFormat::Png => ("image/png", still),
        ImageFormat::WebP => ("image/webp", still),
        ImageFormat::Gif => ("image/gif", moving),
        _ => return None,
    };
    let (width, height) = image::ImageReader::with_format(Cursor::new(bytes), format).into_dimensions().ok()?;
    (bytes.len() <= largest).then_some((mime, width, height))
}

/// Where the bytes of a picture lie.
pub(super) fn file(journal: &Path, id: u64) -> PathBuf {
    journal.with_extension("media").join(id.to_string())
}

/// Keeps the bytes before the journal tells of them.
pub(super) fn keep(journal: &Path, id: u64, bytes: &[u8]) -> io::Result<()> {
    let file = file(journal, id);
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(file, bytes)
}
