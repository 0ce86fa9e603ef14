/** Decoded pixels: 8 bits a channel, sRGB, interleaved rows without padding; 3 channels, or 4 with straight alpha. */
export interface Raster {
  data: Buffer;
  width: number;
  height: number;
  channels: 3 | 4;
}

export interface Size {
  width: number;
  height: number;
}
