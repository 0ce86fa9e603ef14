/** What the sources of the codecs say of arm64, which was not measured. */
export const arm64 = [
  '## arm64, not measured',
  '',
  'The numbers are of x86-64. What is known of arm64, the default of a deployment, from the sources of the codecs:',
  '',
  '- **libaom** uses AVX2 here. On Arm it needs Neon and chooses DotProd, I8MM and SVE paths when it runs: up to 20 % faster in VoD and 10 % in RTC encoding than the Neon baseline ([CHANGELOG, 3.8.0](https://aomedia.googlesource.com/aom/+/refs/heads/main/CHANGELOG)). Later releases add more for Armv8.6. Graviton2 has DotProd and neither I8MM nor SVE. Neon is 128 bits wide and AVX2 256, so expect AVIF to cost more there against WebP and JPEG than here.',
  '- libaom has had encoders whose C and Neon paths chose differently (aomedia:3484 and 3486, both fixed, same CHANGELOG): bytes are the same for the same processor family, and need not be the same for another.',
  '- **sharp on Linux arm64** decoded AVIF of 4:4:4 with green blocks from 0.34.0 on, from a miscompiled libaom; 4:2:0 was not affected ([sharp#4491](https://github.com/lovell/sharp/issues/4491)). The [build](https://github.com/lovell/sharp-libvips/blob/main/platforms/linux-arm64v8/Dockerfile) has since moved from GCC 10 to GCC 15. Files were right; only a decode by sharp showed it, which Sluice does not do to its variants.',
  '- **libwebp**: lossy encoding has Neon for what has SSE2 and SSE4.1, except its SSIM ([src/dsp](https://github.com/webmproject/libwebp/tree/main/src/dsp): `ssim_sse2.c` without a Neon twin). Lossless encoding has AVX2 too and there only Neon of 128 bits, so lossless and near-lossless cost more on Arm than here. sharp compiles it alike for both.',
  '- **mozjpeg**: Neon covers every algorithm that has SSE2 or AVX2, progressive Huffman coding included, which is 30 to 40 % faster for it ([ChangeLog, 2.1 beta](https://github.com/mozilla/mozjpeg/blob/master/ChangeLog.md)). The trellis is C on both. Its assembly for integers gives the same bytes everywhere.',
  '- sharp builds mozjpeg, libaom and libtiff for size on both (`MinSizeRel` in [build/posix.sh](https://github.com/lovell/sharp-libvips/blob/main/build/posix.sh)); what is in assembly or intrinsics is hardly slower for it.',
  '',
  'Scores do not depend on the processor as long as bytes do not. Bytes at a score carry over; CPU ratios have to be measured there: `npm run bench -- codecs` runs on arm64 too, where `opencv-python-headless` has wheels.',
];
