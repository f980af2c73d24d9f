//! Asking as people do it in a browser without script: pictures, and what a question carries beside its words.

pub(crate) mod carries;
mod composing;
mod files;
mod private;
mod scripted;
mod similar;

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

/// A picture that no other test has.
pub(super) fn picture(width: u32, height: u32, format: ImageFormat, red: u8) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(RgbImage::from_pixel(width, height, Rgb([red, 0, 90])))
        .write_to(&mut file, format)
        .unwrap();
    file.into_inner()
}
