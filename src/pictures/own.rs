//! A picture that somebody uploads, as we keep it: bounded in size, turned the right way up, without anything that was in
//! its file beside the picture, and small enough to stand in a text.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat};

use super::{PictureName, QUALITY, Unusable, decode, hash, on_white};

/// Longest side of a whole picture, in pixels.
const LONGEST: u32 = 1600;
/// A PNG keeps the letters of a screenshot sharp; what is longer as one is no screenshot and becomes a JPEG.
const LONGEST_PNG: usize = 1_500_000;

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// All of it, at most 1,600 pixels a side.
    Whole,
    /// A square around its middle, at most so many pixels a side (and never more than 1,600).
    Square(u32),
}

/// A picture ready to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    pub name: PictureName,
    pub bytes: Vec<u8>,
    /// The one that stands in a text, where [`PictureName::has_small`].
    pub small: Option<Vec<u8>>,
}

/// Writes an uploaded PNG, JPEG, GIF (its first frame) or WebP anew. Takes a while: not for an async thread.
pub fn own(file: &[u8], shape: Shape) -> Result<Own, Unusable> {
    let format = image::guess_format(file)?;
    if format == ImageFormat::Jpeg && !ends_as_jpeg(file) {
        return Err(Unusable::Decode("the file ends in the middle".to_owned()));
    }
    let image = shaped(decode(file)?, shape);
    let image = if image.color().has_alpha() {
        DynamicImage::ImageRgba8(image.to_rgba8())
    } else {
        DynamicImage::ImageRgb8(image.to_rgb8())
    };
    let mut is_png = format != ImageFormat::Jpeg;
    let mut bytes = encoded(&image, is_png)?;
    if is_png && bytes.len() > LONGEST_PNG {
        is_png = false;
        bytes = encoded(&image, is_png)?;
    }
    let name = PictureName::new(&hash(&bytes), (image.width(), image.height()), is_png);
    let small = if name.has_small() {
        let (width, height) = name.small_size();
        Some(encoded(&image.resize_exact(width, height, FilterType::CatmullRom), is_png)?)
    } else {
        None
    };
    Ok(Own { name, bytes, small })
}

fn shaped(image: DynamicImage, shape: Shape) -> DynamicImage {
    let (width, height) = (image.width(), image.height());
    match shape {
        Shape::Whole if width.max(height) > LONGEST => image.resize(LONGEST, LONGEST, FilterType::CatmullRom),
        Shape::Whole => image,
        Shape::Square(most) => {
            let side = width.min(height);
            let square = image.crop_imm((width - side) / 2, (height - side) / 2, side, side);
            let most = most.clamp(1, LONGEST);
            if side > most { square.resize_exact(most, most, FilterType::CatmullRom) } else { square }
        }
    }
}

fn encoded(image: &DynamicImage, is_png: bool) -> Result<Vec<u8>, Unusable> {
    let mut bytes = Vec::new();
    if is_png {
        image.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)?;
    } else {
        on_white(image).write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, QUALITY))?;
    }
    Ok(bytes)
}

/// Whether the picture's data in a JPEG comes to its end: the decoder would fill up a torn one with grey.
fn ends_as_jpeg(file: &[u8]) -> bool {
    // Behind the two bytes of the beginning come segments, each with its length, until the data begins.
    let mut rest = file.get(2..).unwrap_or_default();
    loop {
        match rest {
            // A marker may be padded.
            [0xff, 0xff, ..] => rest = &rest[1..],
            [0xff, marker, high, low, ..] => {
                let length = usize::from(u16::from_be_bytes([*high, *low])) + 2;
                let Some(after) = rest.get(length..) else { return false };
                if *marker == 0xda {
                    return after.windows(2).any(|pair| pair == [0xff, 0xd9]);
                }
                rest = after;
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use image::{GenericImageView, Rgb, RgbImage};

    use super::*;

    fn file(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let mut file = Vec::new();
        let image = RgbImage::from_fn(width, height, |x, y| Rgb([(x % 251) as u8, (y % 241) as u8, 90]));
        DynamicImage::ImageRgb8(image).write_to(&mut Cursor::new(&mut file), format).unwrap();
        file
    }

    #[test]
    fn a_picture_is_kept_whole_or_as_a_square_and_a_large_one_has_a_small_one() {
        for (format, shape, size, small) in [
            (ImageFormat::Png, Shape::Whole, (2000, 1000), Some((720, 360))),
            (ImageFormat::Jpeg, Shape::Whole, (300, 200), None),
            (ImageFormat::Gif, Shape::Whole, (300, 200), None),
            (ImageFormat::WebP, Shape::Square(128), (300, 200), None),
        ] {
            let made = own(&file(size.0, size.1, format), shape).unwrap();
            let expected = match shape {
                Shape::Square(side) => (side, side),
                Shape::Whole if size.0 > LONGEST => (1600, 800),
                Shape::Whole => size,
            };
            let read = |bytes: &[u8]| image::load_from_memory(bytes).unwrap().dimensions();
            assert_eq!((made.name.size(), read(&made.bytes)), (expected, expected), "{format:?}");
            assert_eq!(made.small.as_deref().map(read), small, "{format:?}");
            assert_eq!(made.name.media_type() == "image/jpeg", format == ImageFormat::Jpeg);
        }
        let again = own(&file(300, 200, ImageFormat::Png), Shape::Whole).unwrap();
        assert_eq!(again.name, own(&file(300, 200, ImageFormat::Png), Shape::Whole).unwrap().name);
    }

    #[test]
    fn a_file_that_ends_early_is_refused_and_one_that_goes_on_loses_the_rest() {
        let whole = file(400, 300, ImageFormat::Jpeg);
        own(&whole, Shape::Whole).unwrap();
        for length in [0, 1, 3, 20, 300, whole.len() / 2, whole.len() - 2] {
            assert!(own(&whole[..length], Shape::Whole).is_err(), "{length} of {} bytes", whole.len());
        }
        let more = [whole.as_slice(), b"<script>alert(1)</script>"].concat();
        let made = own(&more, Shape::Whole).unwrap();
        assert!(!made.bytes.windows(7).any(|bytes| bytes == b"<script"));
    }

    #[test]
    fn an_animation_that_claims_a_vast_canvas_is_refused_by_its_head() {
        let mut gif = file(20, 20, ImageFormat::Gif);
        gif[6..10].copy_from_slice(&[0x60, 0xea, 0x60, 0xea]);
        assert!(matches!(own(&gif, Shape::Whole), Err(Unusable::Decode(_))));
    }
}
