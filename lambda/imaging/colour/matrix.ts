/** Three by three numbers, row by row. */
export type Matrix = readonly [number, number, number, number, number, number, number, number, number];
export type Triple = readonly [number, number, number];

export function multiply(a: Matrix, b: Matrix): Matrix {
  const cell = (row: number, column: number) =>
    at(a, row, 0) * at(b, 0, column) + at(a, row, 1) * at(b, 1, column) + at(a, row, 2) * at(b, 2, column);
  return fill(cell);
}

export function apply(m: Matrix, [x, y, z]: Triple): Triple {
  return [m[0] * x + m[1] * y + m[2] * z, m[3] * x + m[4] * y + m[5] * z, m[6] * x + m[7] * y + m[8] * z];
}

/** By cofactors; not finite where there is no inverse. */
export function inverse(m: Matrix): Matrix {
  // The next two rows and columns in turn give each cofactor its sign.
  const cofactor = (row: number, column: number) => {
    const [r1, r2, c1, c2] = [(row + 1) % 3, (row + 2) % 3, (column + 1) % 3, (column + 2) % 3];
    return at(m, r1, c1) * at(m, r2, c2) - at(m, r1, c2) * at(m, r2, c1);
  };
  const determinant = m[0] * cofactor(0, 0) + m[1] * cofactor(0, 1) + m[2] * cofactor(0, 2);
  return fill((row, column) => cofactor(column, row) / determinant);
}

export function diagonal([x, y, z]: Triple): Matrix {
  return [x, 0, 0, 0, y, 0, 0, 0, z];
}

export function columns(a: Triple, b: Triple, c: Triple): Matrix {
  return [a[0], b[0], c[0], a[1], b[1], c[1], a[2], b[2], c[2]];
}

function at(m: Matrix, row: number, column: number): number {
  return m[row * 3 + column] as number;
}

function fill(cell: (row: number, column: number) => number): Matrix {
  return [
    cell(0, 0),
    cell(0, 1),
    cell(0, 2),
    cell(1, 0),
    cell(1, 1),
    cell(1, 2),
    cell(2, 0),
    cell(2, 1),
    cell(2, 2),
  ];
}
