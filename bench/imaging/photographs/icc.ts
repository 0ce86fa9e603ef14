/*
 * Display P3 as an ICC profile of version 4 with a matrix and a parametric curve, as every iPhone embeds one. Built from
 * its primaries: ICC.1:2022 for the layout, SMPTE EG 432-1 for the primaries, IEC 61966-2-1 for the curve.
 */

/** Chromaticities x, y. */
type Chromaticity = readonly [x: number, y: number];
type Triple = [number, number, number];
type Matrix = [Triple, Triple, Triple];

const displayP3: { red: Chromaticity; green: Chromaticity; blue: Chromaticity; white: Chromaticity } = {
  red: [0.68, 0.32],
  green: [0.265, 0.69],
  blue: [0.15, 0.06],
  white: [0.3127, 0.329],
};
/** The white that every ICC profile speaks of. */
const d50: Triple = [0.9642, 1, 0.8249];
const bradford: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
];
/** gamma, a, b, c, d of Y = (aX + b)^gamma from d on, cX below. */
const srgbCurve = [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045];

export function displayP3Profile(): Buffer {
  const toD50 = adaptation(xyz(displayP3.white));
  const columns = colorants();
  const [red, green, blue] = columns.map((column) => tagXyz(times(toD50, column))) as [
    Buffer,
    Buffer,
    Buffer,
  ];
  const curve = Buffer.concat([tagType('para'), Buffer.from([0, 3, 0, 0]), ...srgbCurve.map(fixed)]);
  return profile([
    ['desc', tagText('Display P3')],
    ['cprt', tagText('Public domain')],
    ['wtpt', tagXyz(d50)],
    ['chad', Buffer.concat([tagType('sf32'), ...toD50.flat().map(fixed)])],
    ['rXYZ', red],
    ['gXYZ', green],
    ['bXYZ', blue],
    ['rTRC', curve],
    ['gTRC', curve],
    ['bTRC', curve],
  ]);
}

/** The primaries in XYZ, each as bright as makes their sum the white. */
function colorants(): Matrix {
  const primaries = [xyz(displayP3.red), xyz(displayP3.green), xyz(displayP3.blue)] as Matrix;
  const shares = times(inverse(transposed(primaries)), xyz(displayP3.white));
  return primaries.map((primary, at) => primary.map((part) => part * (shares[at] as number))) as Matrix;
}

function adaptation(white: Triple): Matrix {
  const from = times(bradford, white);
  const to = times(bradford, d50);
  const scaled = bradford.map((row, at) =>
    row.map((part) => (part * (to[at] as number)) / (from[at] as number)),
  );
  return product(inverse(bradford), scaled as Matrix);
}

function xyz([x, y]: Chromaticity): Triple {
  return [x / y, 1, (1 - x - y) / y];
}

function times(m: Matrix, v: Triple): Triple {
  return m.map((row) => row[0] * v[0] + row[1] * v[1] + row[2] * v[2]) as Triple;
}

function product(a: Matrix, b: Matrix): Matrix {
  return transposed(transposed(b).map((column) => times(a, column)) as Matrix);
}

function transposed(m: Matrix): Matrix {
  return [0, 1, 2].map((column) => m.map((row) => row[column])) as Matrix;
}

function inverse([a, b, c]: Matrix): Matrix {
  const cross = (u: Triple, v: Triple): Triple => [
    u[1] * v[2] - u[2] * v[1],
    u[2] * v[0] - u[0] * v[2],
    u[0] * v[1] - u[1] * v[0],
  ];
  const bc = cross(b, c);
  const determinant = a[0] * bc[0] + a[1] * bc[1] + a[2] * bc[2];
  const columns = [bc, cross(c, a), cross(a, b)] as Matrix;
  return transposed(columns).map((row) => row.map((part) => part / determinant)) as Matrix;
}

/** s15Fixed16Number. */
function fixed(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(Math.round(value * 65536));
  return bytes;
}

function tagType(signature: string): Buffer {
  return Buffer.concat([Buffer.from(signature, 'latin1'), Buffer.alloc(4)]);
}

function tagXyz(value: Triple): Buffer {
  return Buffer.concat([tagType('XYZ '), ...value.map(fixed)]);
}

/** multiLocalizedUnicode with one text. */
function tagText(text: string): Buffer {
  const utf16 = Buffer.from(text, 'utf16le').swap16();
  const head = Buffer.alloc(20);
  head.writeUInt32BE(1, 0);
  head.writeUInt32BE(12, 4);
  head.write('enUS', 8, 'latin1');
  head.writeUInt32BE(utf16.length, 12);
  head.writeUInt32BE(28, 16);
  return Buffer.concat([tagType('mluc'), head, utf16]);
}

function profile(tags: [name: string, data: Buffer][]): Buffer {
  const table = Buffer.alloc(4 + 12 * tags.length);
  table.writeUInt32BE(tags.length, 0);
  const bodies: Buffer[] = [];
  let offset = 128 + table.length;
  for (const [index, [name, data]] of tags.entries()) {
    const padded = Buffer.concat([data, Buffer.alloc(-data.length & 3)]);
    table.write(name, 4 + 12 * index, 'latin1');
    table.writeUInt32BE(offset, 8 + 12 * index);
    table.writeUInt32BE(data.length, 12 + 12 * index);
    bodies.push(padded);
    offset += padded.length;
  }
  return Buffer.concat([header(offset), table, ...bodies]);
}

function header(size: number): Buffer {
  const head = Buffer.alloc(128);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(0x04_20_00_00, 8);
  head.write('mntrRGB XYZ ', 12, 'latin1');
  // 2020-01-01, so that the same profile comes out every day.
  for (const [at, part] of [2020, 1, 1].entries()) head.writeUInt16BE(part, 24 + 2 * at);
  head.write('acsp', 36, 'latin1');
  for (const [at, part] of d50.entries()) fixed(part).copy(head, 68 + 4 * at);
  return head;
}
