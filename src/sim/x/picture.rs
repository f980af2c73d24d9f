//! Profile pictures: a small symmetrical pattern, drawn from the id, always the same.

use std::io::Cursor;

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
