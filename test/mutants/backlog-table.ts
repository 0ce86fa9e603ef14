import type { Row } from './table.ts';

const file = 'migrations/000011_backlog.sql';
const drift = ['test/unit/postgres/drift.test.ts'];
const counted = ['test/unit/postgres/backlog.test.ts'];
const shared = ['test/unit/postgres/backlog-sharing.test.ts'];
const pace = ['test/unit/postgres/backlog-pace.test.ts'];

/** Mutants of the counted backlog. */
export const backlogTable: readonly Row[] = [
  {
    file,
    from: "$1 in ('queued', 'processing') and $2 is null as working",
    to: "$1 in ('queued', 'processing') as working",
    loses: 'a deleted image counts as work until its row is removed',
    tests: drift,
  },
  {
    file,
    from: "$1 = 'awaiting_upload' and $2 is null as awaited",
    to: "$1 = 'awaiting_upload' as awaited",
    loses: 'a deleted ticket keeps its place until it expires',
    tests: drift,
  },
  {
    file,
    from: 'greatest(0, sum(sign * ended_images)), greatest(0, sum(sign * ended_work))',
    to: 'sum(sign * ended_images), sum(sign * ended_work)',
    loses: 'a redrive of failed images slows down the measured pace',
    tests: counted,
  },
  {
    file,
    from: 'delete from public.ticket_expiry where expires <= second returning',
    to: 'delete from public.ticket_expiry where expires <= second - 1000 returning',
    loses: 'an expired ticket keeps its place',
    tests: counted,
  },
  {
    file,
    from: 'and pg_try_advisory_xact_lock(7358202) then',
    to: 'and pg_advisory_xact_lock(7358202) is not null then',
    loses: 'every environment waits for the one that rolls up',
    tests: shared,
  },
  {
    file,
    from: 'not pg_visible_in_snapshot(t.made_by, seen::pg_snapshot)',
    to: 't.id > 0',
    loses: 'turns are delivered again and again',
    tests: shared,
  },
  {
    file,
    from: 'filter (where attempt = 0 and since <= last)',
    to: 'filter (where attempt = 0)',
    loses: 'the pace is measured while workers wait for work',
    tests: pace,
  },
  {
    file,
    from: "and worked_at > at - interval '30 seconds'",
    to: '',
    loses: 'an outage counts as a slow pace',
    tests: pace,
  },
];
