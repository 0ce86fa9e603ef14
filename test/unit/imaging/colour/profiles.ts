/** Colorants (XYZ under D50 of red, green, blue) and curves of well-known spaces, from their profiles. */
export const spaces = {
  displayP3: {
    colorants: [
      [0.51512, 0.2412, -0.00105],
      [0.29198, 0.69225, 0.04189],
      [0.1571, 0.06657, 0.78407],
    ],
    curve: parametric(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045),
  },
  adobeRgb: {
    colorants: [
      [0.60974, 0.31111, 0.01947],
      [0.20528, 0.62567, 0.06087],
      [0.14919, 0.06322, 0.74455],
    ],
    curve: gamma(563 / 256),
  },
  proPhoto: {
    colorants: [
      [0.79773, 0.28806, 0],
      [0.13516, 0.71187, 0.00002],
      [0.03131, 0.00008, 0.82489],
    ],
    curve: gamma(1.8),
  },
  srgb: {
    colorants: [
      [0.43607, 0.22249, 0.01392],
      [0.38515, 0.71687, 0.09708],
      [0.14307, 0.06061, 0.7141],
    ],
    curve: sampled(1024, (x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4)),
  },
} as const satisfies Record<string, MatrixSpace>;

export interface MatrixSpace {
  colorants: readonly [readonly number[], readonly number[], readonly number[]];
  curve: Buffer;
}

/** A profile with a matrix, curves and further tags. */
export function rgbProfile({ colorants, curve }: MatrixSpace, tags: Record<string, Buffer> = {}): Buffer {
  return profile('RGB ', 'XYZ ', {
    rXYZ: xyz(colorants[0]),
    gXYZ: xyz(colorants[1]),
    bXYZ: xyz(colorants[2]),
    rTRC: curve,
    gTRC: curve,
    bTRC: curve,
    ...tags,
  });
}

export function greyProfile(curve: Buffer, connection: 'XYZ ' | 'Lab ' = 'XYZ '): Buffer {
  return profile('GRAY', connection, { kTRC: curve });
}

/**
 * A profile with a table (`lut16Type`) of two points per side.
 * @param lab of each corner of the cube; blue varies fastest
 */
export function tableProfile(lab: readonly (readonly [number, number, number])[]): Buffer {
  const head = Buffer.alloc(52);
  head.write('mft2', 'latin1');
  head.set([3, 3, 2], 8);
  for (const at of [12, 28, 44]) head.writeInt32BE(65536, at);
  head.writeUInt16BE(2, 48);
  head.writeUInt16BE(2, 50);
  const ramp = shorts([0, 65535, 0, 65535, 0, 65535]);
  const nodes = shorts(
    lab.flatMap(([l, a, b]) => [l * 652.8, (a + 128) * 256, (b + 128) * 256].map(Math.round)),
  );
  return profile('RGB ', 'Lab ', { A2B0: Buffer.concat([head, ramp, nodes, ramp]) });
}

export function profile(space: string, connection: string, tags: Record<string, Buffer>): Buffer {
  const all = { wtpt: xyz([0.9642, 1, 0.8249]), ...tags };
  const names = Object.keys(all);
  const head = Buffer.alloc(132 + names.length * 12);
  head.writeUInt32BE(0x02400000, 8);
  for (const [at, text] of [
    [12, 'mntr'],
    [16, space],
    [20, connection],
    [36, 'acsp'],
  ] as const)
    head.write(text, at, 'latin1');
  [63190, 65536, 54061].forEach((value, index) => void head.writeInt32BE(value, 68 + index * 4));
  head.writeUInt32BE(names.length, 128);
  const parts = [head];
  let at = head.length;
  Object.entries(all).forEach(([name, data], index) => {
    head.write(name, 132 + index * 12, 'latin1');
    head.writeUInt32BE(at, 136 + index * 12);
    head.writeUInt32BE(data.length, 140 + index * 12);
    const padded = Buffer.concat([data, Buffer.alloc(-data.length & 3)]);
    parts.push(padded);
    at += padded.length;
  });
  head.writeUInt32BE(at, 0);
  return Buffer.concat(parts);
}

export function gamma(exponent: number): Buffer {
  return curve([Math.round(exponent * 256)]);
}

export function sampled(count: number, light: (stored: number) => number): Buffer {
  return curve(Array.from({ length: count }, (_, index) => Math.round(light(index / (count - 1)) * 65535)));
}

/** `curv` with these entries: no entry is the identity, one is an exponent in 256ths. */
export function curve(entries: readonly number[]): Buffer {
  const head = Buffer.alloc(12);
  head.write('curv', 'latin1');
  head.writeUInt32BE(entries.length, 8);
  return Buffer.concat([head, shorts(entries)]);
}

export function parametric(kind: number, ...parameters: number[]): Buffer {
  const bytes = Buffer.alloc(12 + parameters.length * 4);
  bytes.write('para', 'latin1');
  bytes.writeUInt16BE(kind, 8);
  parameters.forEach((value, index) => void bytes.writeInt32BE(Math.round(value * 65536), 12 + index * 4));
  return bytes;
}

function xyz(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(20);
  bytes.write('XYZ ', 'latin1');
  values.forEach((value, index) => void bytes.writeInt32BE(Math.round(value * 65536), 8 + index * 4));
  return bytes;
}

function shorts(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => void bytes.writeUInt16BE(value, index * 2));
  return bytes;
}
