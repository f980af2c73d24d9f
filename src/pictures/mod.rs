//! Pictures written anew: decoded within limits and encoded again, so that nothing of a stranger's file (metadata, tricks,
//! what was hidden behind the picture) is ever kept or served.
//!
//! Values only: bytes go in, bytes come out. Decoding takes a while, so it runs off the async threads; where pictures come
//! from and where they are kept is for others to know.

mod name;
mod own;

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use sha2::{Digest, Sha256};

pub use name::{PictureName, described};
pub use own::{Own, Shape, own};

/// Why a file becomes no picture of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    #[error("the picture takes more than 5 MB even when it is made smaller")]
    TooLarge,
    #[error("the file is not a picture that can be shown: {0}")]
    Decode(String),
}

impl Unusable {
    /// The decoder panicked or was cut off.
    pub fn gave_up() -> Self {
        Self::Decode("the decoder gave up".to_owned())
    }
}

impl From<image::ImageError> for Unusable {
    fn from(error: image::ImageError) -> Self {
        Self::Decode(error.to_string())
    }
}

/// Longest side of a stored picture, in pixels.
pub const SIDE: u32 = 96;

/// Characters of what a picture shows, told to people who do not see it: a longer text belongs into the post.
pub const LONGEST_ALT: usize = 300;

/// Widest and highest picture that is decoded, in pixels: a tiny file may claim far more.
const SIDE_LIMIT: u32 = 8192;

/// Most memory that one decoding may take, in bytes.
const MEMORY_LIMIT: u64 = 128 * 1024 * 1024;

/// A picture ready to be stored and served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// A square PNG, at most `SIDE` pixels a side.
    pub png: Vec<u8>,
    /// SHA-256 of `png`, lower-case hex.
    pub sha256: String,
}

/// Makes a square PNG of any PNG, JPEG, GIF (its first frame) or WebP: cut around the middle, never enlarged.
pub fn square(file: &[u8]) -> Result<Picture, Unusable> {
    let image = decode(file)?;
    let side = image.width().min(image.height());
    let (left, top) = ((image.width() - side) / 2, (image.height() - side) / 2);
    let mut small = image.crop_imm(left, top, side, side);
    if side > SIDE {
        small = small.resize_exact(SIDE, SIDE, FilterType::Triangle);
    }
    let mut png = Vec::new();
    DynamicImage::ImageRgba8(small.to_rgba8()).write_to(&mut Cursor::new(&mut png), ImageFormat::Png)?;
    Ok(Picture { sha256: hash(&png), png })
}

/// Longest side of a picture that is shown whole, in pixels.
const PHOTO_SIDE: u32 = 1600;

/// Nobody sees the difference to more, and a photo stays below half a megabyte.
const QUALITY: u8 = 82;

/// A whole picture ready to be stored and served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Photo {
    /// A JPEG, at most `PHOTO_SIDE` pixels a side.
    pub jpeg: Vec<u8>,
    pub width: u32,
    pub height: u32,
    /// SHA-256 of `jpeg`, lower-case hex.
    pub sha256: String,
}

/// Makes a JPEG of any picture that can be decoded, whole, never enlarged, with white where it could be seen through.
pub fn photo(file: &[u8]) -> Result<Photo, Unusable> {
    let mut image = decode(file)?;
    if image.width().max(image.height()) > PHOTO_SIDE {
        image = image.resize(PHOTO_SIDE, PHOTO_SIDE, FilterType::Triangle);
    }
    let image = on_white(&image);
    let mut jpeg = Vec::new();
    image.write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, QUALITY))?;
    Ok(Photo { sha256: hash(&jpeg), width: image.width(), height: image.height(), jpeg })
}

/// A JPEG knows nothing transparent: without this it would be black.
fn on_white(image: &DynamicImage) -> DynamicImage {
    if !image.color().has_alpha() {
        return DynamicImage::ImageRgb8(image.to_rgb8());
    }
    let mut ground = image::RgbaImage::from_pixel(image.width(), image.height(), image::Rgba([255; 4]));
    image::imageops::overlay(&mut ground, &image.to_rgba8(), 0, 0);
    DynamicImage::ImageRgb8(DynamicImage::ImageRgba8(ground).to_rgb8())
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Longest side of a picture that we send, in pixels: networks show no more.
const STILL_SIDE: u32 = 4096;

/// Longest file that networks take of us, in bytes.
const STILL_LIMIT: usize = 5 * 1024 * 1024;

/// A picture ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Still {
    /// At most 5 MB.
    pub bytes: Vec<u8>,
    /// `image/png` or `image/jpeg`.
    pub media_type: &'static str,
    /// SHA-256 of `bytes`, lower-case hex.
    pub sha256: String,
}

/// Writes a picture of ours anew, without what a camera or a program noted in it: as PNG, which keeps a screenshot sharp,
/// unless it was a JPEG or would be too long a file.
pub fn still(file: &[u8]) -> Result<Still, Unusable> {
    let mut image = decode(file)?;
    if image.width().max(image.height()) > STILL_SIDE {
        image = image.resize(STILL_SIDE, STILL_SIDE, FilterType::Triangle);
    }
    let is_jpeg = image::guess_format(file).is_ok_and(|format| format == ImageFormat::Jpeg);
    let (mut bytes, mut media_type) = (Vec::new(), "image/png");
    if !is_jpeg {
        image.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)?;
    }
    if is_jpeg || bytes.len() > STILL_LIMIT {
        (bytes, media_type) = (Vec::new(), "image/jpeg");
        on_white(&image).write_to(&mut Cursor::new(&mut bytes), ImageFormat::Jpeg)?;
    }
    if bytes.len() > STILL_LIMIT {
        return Err(Unusable::TooLarge);
    }
    let sha256 = hash(&bytes);
    Ok(Still { bytes, media_type, sha256 })
}

fn decode(file: &[u8]) -> image::ImageResult<DynamicImage> {
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_LIMIT);
    limits.max_image_height = Some(SIDE_LIMIT);
    limits.max_alloc = Some(MEMORY_LIMIT);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder()?;
    // The decoders bound their own buffers; the finished image is ours to bound.
    limits.reserve(decoder.total_bytes())?;
    let orientation = decoder.orientation()?;
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    Ok(image)
}

#[cfg(test)]
mod tests {
    use image::{GenericImageView, Rgb, RgbImage, Rgba, RgbaImage};

    use super::*;

    fn file(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let mut file = Vec::new();
        let image =
            RgbImage::from_fn(width, height, |x, _| if x < width / 2 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) });
        DynamicImage::ImageRgb8(image).write_to(&mut Cursor::new(&mut file), format).unwrap();
        file
    }

    #[test]
    fn any_known_format_becomes_a_small_square_png() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP] {
            for (width, height, side) in [(400, 200, 96), (200, 400, 96), (96, 96, 96), (48, 50, 48), (1, 300, 1)] {
                let picture = square(&file(width, height, format)).unwrap();
                let read = image::load_from_memory_with_format(&picture.png, ImageFormat::Png).unwrap();
                assert_eq!(read.dimensions(), (side, side), "{format:?} {width}x{height}");
                assert_eq!(picture.sha256.len(), 64);
            }
        }
    }

    #[test]
    fn a_whole_picture_keeps_its_shape_and_what_is_see_through_becomes_white() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP] {
            for (width, height, becomes) in [(400, 200, (400, 200)), (3200, 20, (1600, 10)), (1, 300, (1, 300))] {
                let made = photo(&file(width, height, format)).unwrap();
                let read = image::load_from_memory_with_format(&made.jpeg, ImageFormat::Jpeg).unwrap();
                assert_eq!((read.dimensions(), (made.width, made.height)), (becomes, becomes), "{format:?}");
            }
        }
        let mut png = Vec::new();
        let clear = RgbaImage::from_pixel(40, 40, Rgba([0, 0, 0, 0]));
        DynamicImage::ImageRgba8(clear).write_to(&mut Cursor::new(&mut png), ImageFormat::Png).unwrap();
        let made = photo(&png).unwrap();
        let white = image::load_from_memory(&made.jpeg).unwrap().get_pixel(20, 20).0;
        assert!(white[..3].iter().all(|colour| *colour > 250), "{white:?}");
    }

    #[test]
    fn the_orientation_of_a_photo_is_applied_and_its_metadata_dropped() {
        // Exif with one entry: orientation 3, upside down.
        let exif = b"\xff\xe1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x03\x00\x00\x00\x00\x00\x00";
        let plain = file(100, 100, ImageFormat::Jpeg);
        let turned = [&plain[..2], exif, &plain[2..]].concat();
        let left = |file: &[u8]| {
            let picture = square(file).unwrap();
            assert!(!picture.png.windows(4).any(|bytes| bytes == b"Exif"));
            image::load_from_memory(&picture.png).unwrap().get_pixel(10, 48).0
        };
        assert!(left(&plain)[0] > 200, "red stands on the left");
        assert!(left(&turned)[2] > 200, "turned round, blue does");
    }

    #[test]
    fn what_we_send_is_written_anew_and_stays_what_it_was() {
        for (format, media_type) in [
            (ImageFormat::Png, "image/png"),
            (ImageFormat::WebP, "image/png"),
            (ImageFormat::Gif, "image/png"),
            (ImageFormat::Jpeg, "image/jpeg"),
        ] {
            let sent = still(&file(300, 200, format)).unwrap();
            assert_eq!((sent.media_type, sent.sha256.len()), (media_type, 64), "{format:?}");
            assert_eq!(image::load_from_memory(&sent.bytes).unwrap().dimensions(), (300, 200), "{format:?}");
        }
        let wide = still(&file(5_000, 10, ImageFormat::Png)).unwrap();
        assert_eq!(image::load_from_memory(&wide.bytes).unwrap().width(), STILL_SIDE);
        assert!(matches!(still(b"<svg>"), Err(Unusable::Decode(_))));
    }

    #[test]
    fn a_picture_too_long_as_png_becomes_a_jpeg_on_white() {
        // Noise, which no PNG makes shorter, fully transparent.
        let mut seed = 7_u32;
        let noise = image::RgbaImage::from_fn(1_500, 1_200, |_, _| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [a, b, c, _] = seed.to_be_bytes();
            image::Rgba([a, b, c, 0])
        });
        let mut png = Vec::new();
        DynamicImage::ImageRgba8(noise).write_to(&mut Cursor::new(&mut png), ImageFormat::Png).unwrap();
        assert!(png.len() > STILL_LIMIT, "{}", png.len());
        let sent = still(&png).unwrap();
        assert_eq!(sent.media_type, "image/jpeg");
        assert_eq!(image::load_from_memory(&sent.bytes).unwrap().to_rgb8().get_pixel(700, 600).0, [255; 3]);
    }

    #[test]
    fn what_is_no_picture_is_an_error() {
        let png = file(100, 100, ImageFormat::Png);
        // The size in the header says 60,000 x 60,000; its checksum is made right again.
        let mut vast = png.clone();
        vast[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
        let checksum = crc(&vast[12..29]);
        vast[29..33].copy_from_slice(&checksum.to_be_bytes());
        let refused = square(&vast).unwrap_err().to_string();
        assert!(refused.contains("exceeds"), "refused for its size and not for its missing rows: {refused}");
        let cases: [&[u8]; 6] =
            [b"", b"<svg onload=alert(1)>", b"<html>", &png[..60], &png[..png.len() / 2], b"\x89PNG\r\n\x1a\n"];
        for bytes in cases {
            assert!(matches!(square(bytes), Err(Unusable::Decode(_))), "{} bytes", bytes.len());
        }
    }

    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & 0_u32.wrapping_sub(crc & 1)))
        })
    }
}
