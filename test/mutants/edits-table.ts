import type { Row } from './table.ts';

/** Rows about edits and what is cached. */
export const editsTable: readonly Row[] = [
  {
    file: 'lambda/postgres/images/editing.ts',
    from: 'and revision = $3',
    to: 'and revision >= $3',
    loses: 'an edit is overwritten by another one that was made of the same state',
    tests: ['test/unit/api/editing.test.ts'],
  },
  {
    file: 'lambda/postgres/images/editing.ts',
    from: "(select * from edited where status = 'queued')",
    to: 'edited',
    loses: 'an image whose file has not arrived supersedes others when it is named',
    tests: ['test/unit/api/editing.test.ts'],
  },
  {
    file: 'lambda/api/http/precondition.ts',
    from: 'weak === undefined && ',
    to: '',
    loses: 'If-Match compares weakly',
    tests: ['test/unit/api/editing.test.ts'],
  },
  {
    file: 'lambda/runtime/freshness.ts',
    from: ' || now() >= stale.endsAt',
    to: '',
    loses: 'a revoked key works for as long as it cannot be looked up',
    tests: ['test/unit/runtime/freshness.test.ts'],
  },
  {
    file: 'lambda/runtime/freshness.ts',
    from: 'ms * (0.75 + random() / 4)',
    to: 'ms',
    loses: 'environments that started together read together',
    tests: ['test/unit/runtime/freshness.test.ts'],
  },
];
