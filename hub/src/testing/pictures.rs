//! Pictures made on the spot, whole and broken.

use jpeg_encoder::{ColorType, Encoder, EncodingError, ImageBuffer, JpegColorType};

/// Four quarters: red, green, blue and white, from the top left on as one reads.
pub fn quarters(width: u32, height: u32) -> Vec<u8> {
    let mut rgb = Vec::with_capacity((width * height * 3) as usize);
    for y in 0..height {
        for x in 0..width {
            rgb.extend(match (x < width / 2, y < height / 2) {
                (true, true) => [255, 0, 0],
                (false, true) => [0, 255, 0],
                (true, false) => [0, 0, 255],
                (false, false) => [255, 255, 255],
            });
        }
    }
    rgb
}

/// How a JPEG is to be.
#[derive(Default)]
pub struct Jpeg<'a> {
    pub exif: Option<&'a [u8]>,
    pub profile: Option<&'a [u8]>,
    pub progressive: bool,
}

impl Jpeg<'_> {
    pub fn of(&self, rgb: &[u8], width: u32, height: u32) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = Encoder::new(&mut out, 92);
        encoder.set_progressive(self.progressive);
        if let Some(exif) = self.exif {
            encoder.add_exif_metadata(exif).expect("exif fits");
        }
        if let Some(profile) = self.profile {
            encoder.add_icc_profile(profile).expect("a profile fits");
        }
        encoder.encode(rgb, width as u16, height as u16, ColorType::Rgb).expect("a picture");
        out
    }
}

/// A JPEG of four quarters.
pub fn jpeg(width: u32, height: u32) -> Vec<u8> {
    Jpeg::default().of(&quarters(width, height), width, height)
}

/// A block of Exif with an orientation and the place where the picture was taken.
pub fn exif(orientation: u8) -> Vec<u8> {
    let mut exif = b"MM\0*\0\0\0\x08\0\x02".to_vec();
    exif.extend([1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
    exif.extend([0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 38]);
    exif.extend([0, 0, 0, 0]);
    exif.extend(b"GPS 52.5163N 13.3777E");
    exif
}

/// A PNG from rows of samples.
pub fn png(
    samples: &[u8],
    width: u32,
    height: u32,
    colours: png::ColorType,
    depth: png::BitDepth,
) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(colours);
    encoder.set_depth(depth);
    if colours == png::ColorType::Indexed {
        encoder.set_palette(vec![255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]);
    }
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(samples).expect("pixels");
    writer.finish().expect("an end");
    out
}

/// A PNG of very many pixels in very few bytes.
pub fn png_bomb(width: u32, height: u32) -> Vec<u8> {
    use std::io::Write as _;
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().expect("a header");
    let mut rows = writer.stream_writer().expect("rows");
    let row = vec![0; width as usize * 3];
    (0..height).for_each(|_| rows.write_all(&row).expect("a row"));
    rows.finish().expect("an end");
    writer.finish().expect("an end");
    out
}

/// A JPEG of very many pixels in few bytes, or as large a photo as any phone makes.
pub fn jpeg_bomb(width: u16, height: u16, progressive: bool) -> Vec<u8> {
    struct Plain(u16, u16);
    impl ImageBuffer for Plain {
        fn get_jpeg_color_type(&self) -> JpegColorType {
            JpegColorType::Ycbcr
        }
        fn width(&self) -> u16 {
            self.0
        }
        fn height(&self) -> u16 {
            self.1
        }
        fn fill_buffers(&self, y: u16, buffers: &mut [Vec<u8>; 4]) {
            for (shade, buffer) in [(y >> 4) as u8, 90, 160].into_iter().zip(buffers) {
                buffer.resize(buffer.len() + usize::from(self.0), shade);
            }
        }
    }
    let mut out = Vec::new();
    let packed: Result<(), EncodingError> = {
        let mut encoder = Encoder::new(&mut out, 80);
        encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::R_4_2_0);
        encoder.set_progressive(progressive);
        encoder.encode_image(Plain(width, height))
    };
    packed.expect("a picture");
    out
}
