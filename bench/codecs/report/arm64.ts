/** What the sources of the codecs say of arm64, which was not measured. */
export const arm64 = [
  '## arm64, not measured',
  '',
  'The numbers are of x86-64. What is known of arm64, the default of a deployment, from the sources of the codecs:',
  '',
  '- **libaom** uses AVX2 here. On Arm it needs Neon and chooses DotProd, I8MM and SVE paths when it runs: up to 20 % faster in VoD and 10 % in RTC encoding than the Neon baseline ([CHANGELOG, 3.8.0](https://aomedia.googlesource.com/aom/+/refs/heads/main/CHANGELOG)). Later releases add more for Armv8.6. Graviton2 has DotProd and neither I8MM nor SVE. Neon is 128 bits wide and AVX2 256, while the lossy encoder of libwebp uses 128 bits on both: AVIF is likely to cost more against WebP there than here.',
  '- libaom has had encoders whose C and Neon paths chose differently (aomedia:3484 and 3486, fixed in 3.9.0, same CHANGELOG): bytes are the same for the same processor family, and need not be the same for another.',
  '- **sharp on Linux arm64** decoded AVIF of 4:4:4 with green blocks from 0.34.0 on, by the maintainer’s guess from a bug of the compiler; 4:2:0 was not affected ([sharp#4491](https://github.com/lovell/sharp/issues/4491)). The [build](https://github.com/lovell/sharp-libvips/blob/main/platforms/linux-arm64v8/Dockerfile) has since moved from GCC 10 to GCC 15; whether that mended it was not tried here. It is about decoding, which Sluice does not do to its variants, but this benchmark decodes by sharp: where AVIF 4:4:4 scores far below 4:2:0 on arm64, suspect this.',
  '- **libwebp**: lossy encoding has SSE2 and SSE4.1 on x86 and Neon on Arm ([src/dsp](https://github.com/webmproject/libwebp/tree/main/src/dsp)); of its files only `ssim_sse2.c` has no Neon twin. Lossless encoding has AVX2 too since 1.6.0 ([NEWS](https://github.com/webmproject/libwebp/blob/main/NEWS)), and Neon of 128 bits there.',
  '- **mozjpeg**: Neon covers every algorithm that has SSE2 or AVX2, progressive Huffman coding included, which made progressive compression 30 to 40 % faster on Arm ([ChangeLog, 2.0.90](https://github.com/mozilla/mozjpeg/blob/master/ChangeLog.md)). The trellis is C on both (`jcdctmgr.c`).',
  '- sharp builds mozjpeg, libaom and libwebp for size on both (`-Os` and `MinSizeRel` in [build/posix.sh](https://github.com/lovell/sharp-libvips/blob/main/build/posix.sh)), and intrinsics with them; the SIMD of mozjpeg is assembly on x86 and in part intrinsics on Arm.',
  '',
  'Scores do not depend on the processor as long as bytes do not. Bytes at a score carry over; CPU ratios have to be measured there: `npm run bench -- codecs` runs on arm64 too, where `opencv-python-headless` has wheels.',
];
