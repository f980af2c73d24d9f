//! The photo of a story: a Hub whose second light is red, drawn here so that nobody's picture is needed.

use std::io::Cursor;

use image::{ImageError, ImageFormat, Rgb, RgbImage};

const WIDTH: u32 = 640;
const HEIGHT: u32 = 400;
const WALL: Rgb<u8> = Rgb([226, 222, 214]);
const SHELF: Rgb<u8> = Rgb([150, 118, 88]);
const CASE: Rgb<u8> = Rgb([38, 42, 48]);
const GREEN: Rgb<u8> = Rgb([94, 214, 120]);
const RED: Rgb<u8> = Rgb([236, 62, 54]);
/// Power, line, Wi-Fi, phone: where they are, and how they shine.
const LIGHTS: [(u32, Rgb<u8>); 4] = [(220, GREEN), (285, RED), (350, GREEN), (415, GREEN)];
const LIGHTS_AT: u32 = 250;
const LIGHT: u32 = 9;

/// The picture as PNG.
pub fn red_light() -> Result<Vec<u8>, ImageError> {
    let picture = RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let light = LIGHTS.iter().find(|(at, _)| x.abs_diff(*at).pow(2) + y.abs_diff(LIGHTS_AT).pow(2) <= LIGHT.pow(2));
        match light {
            Some((_, shine)) => *shine,
            None if (150..490).contains(&x) && (190..320).contains(&y) => CASE,
            // Its two aerials.
            None if (170..184).contains(&x) && (60..190).contains(&y) => CASE,
            None if (456..470).contains(&x) && (60..190).contains(&y) => CASE,
            None if y >= 320 => SHELF,
            None => WALL,
        }
    });
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png)?;
    Ok(png.into_inner())
}
