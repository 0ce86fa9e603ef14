/** A room whose tests are put to the proof: its sources, and how many of its generated mutants are tried. */
export interface Room {
  name: string;
  folder: string;
  /** Where the tests that are about it lie: they are run first. */
  tests: string;
  sample: number;
  /** Texts of the OpenAPI document, say: any change of them is red by one test, and would only flatter the score. */
  without?: readonly string[];
}

export const rooms: readonly Room[] = [
  { name: 'domain', folder: 'lambda/domain', tests: 'test/unit/', sample: 30 },
  { name: 'postgres', folder: 'lambda/postgres', tests: 'test/unit/postgres/', sample: 60 },
  { name: 'process', folder: 'lambda/process', tests: 'test/unit/process/', sample: 45 },
  { name: 'policy', folder: 'lambda/policy', tests: 'test/unit/policy/', sample: 15 },
  {
    name: 'api',
    folder: 'lambda/api',
    tests: 'test/unit/api/',
    sample: 45,
    without: ['openapi.ts', 'operations.ts', 'responses.ts', 'requests.ts'],
  },
  { name: 'inspect', folder: 'lambda/imaging/inspect', tests: 'test/unit/imaging/inspect/', sample: 35 },
];
