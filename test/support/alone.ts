/**
 * Units whose tests have a process of their own, unlike the others, which share the modules of a worker: importing them for
 * each file took a fifth of `npm test`. These depend on what holds for a process (sharp's limits, clients and certificates
 * that are kept) or replace it (the mocked clients of the SDK).
 */
export const alone = [
  'test/unit/{imaging,contact-sheet,aws}/**/*.test.ts',
  'test/unit/bench/codecs/pictures.test.ts',
  'test/unit/enqueue/enqueue.test.ts',
  'test/unit/operate/invoke-function.test.ts',
  'test/unit/postgres/certificates.test.ts',
  'test/unit/preflight/queries.test.ts',
  'test/unit/process/late-clients.test.ts',
];
