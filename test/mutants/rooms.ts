/** A folder whose tests are evaluated, and the size of its sample of generated mutants. */
export interface Room {
  name: string;
  folder: string;
  /** The folder of its own tests, which run first. */
  tests: string;
  sample: number;
  /** Excluded files, such as texts of the OpenAPI document: one test detects every change, which would inflate the score. */
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
