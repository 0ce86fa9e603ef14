/** A hand-written mutant: exact text that occurs once in its file, its replacement, and tests of which one must fail. */
export interface Row {
  file: string;
  from: string;
  to: string;
  /** The consequence of the change. */
  loses: string;
  /** Test files of which one must fail. */
  tests: readonly string[];
}

/** Changes that no test noticed when first tried, each with the test that now does. */
export const table: readonly Row[] = [
  {
    file: 'lambda/runtime/handler.ts',
    from: '    after: () => log.forget(),\n',
    to: '',
    loses: "the log keeps its fields after success: a tenant's name on another's line",
    tests: ['test/unit/runtime/handler.test.ts'],
  },
  {
    file: 'lambda/domain/sandbox-share.ts',
    from: 'export const sandboxShare = 0.6;',
    to: 'export const sandboxShare = 60;',
    loses: 'the sandbox grows until Lambda kills the environment',
    tests: ['test/unit/process/start.long.test.ts'],
  },
  {
    file: 'lambda/process/index.ts',
    from: 'refuseSharedEnvironment(process.env);\n',
    to: '',
    loses: 'the worker runs where events share an environment',
    tests: ['test/unit/process/start.long.test.ts'],
  },
  {
    file: 'lambda/imaging/inspect/damage.ts',
    from: '  if (wantOfMemory.test(message)) throw error;\n',
    to: '',
    loses: 'a lack of memory rejects an image',
    tests: ['test/unit/imaging/inspect/damage.long.test.ts'],
  },
  {
    file: 'lambda/imaging/inspect/header-limits.ts',
    from: 'width > maxSide || height > maxSide',
    to: 'width > maxSide',
    loses: 'the height is not bounded',
    tests: ['test/unit/imaging/inspect/limits.test.ts'],
  },
  {
    file: 'lambda/imaging/inspect/header-limits.ts',
    from: 'width > maxSide || height > maxSide',
    to: 'height > maxSide',
    loses: 'the width is not bounded',
    tests: ['test/unit/imaging/inspect/limits.test.ts'],
  },
  {
    file: 'local/lambda/environment.ts',
    from: 'const timeoutMs = this.#definition.timeoutSeconds * 1000;',
    to: 'const timeoutMs = this.#definition.timeoutSeconds * 3000;',
    loses: 'a function may run three times as long as on Lambda',
    tests: ['test/local/lambda-time.test.ts'],
  },
  {
    file: 'local/lambda/environment.ts',
    from: '    this.#startTimer(timeoutMs);',
    to: '    this.#startTimer(3 * timeoutMs);',
    loses: 'a function may run three times as long as configured',
    tests: ['test/local/lambda-time.test.ts'],
  },
  {
    file: 'local/lambda/event-queue.ts',
    from: 'this.#schedule(name, event, tries, throttles + 1)',
    to: 'this.#schedule(name, event, tries + 1, throttles + 1)',
    loses: 'a throttle counts as an attempt',
    tests: ['test/local/event-queue.test.ts'],
  },
  {
    file: 'local/lambda/event-queue.ts',
    from: 'throttleMs.first * 2 ** throttles',
    to: 'throttleMs.first',
    loses: 'a throttled event is retried each second without back-off',
    tests: ['test/local/event-queue.test.ts'],
  },
  {
    file: 'local/interval.ts',
    from: '    if (running) return;\n',
    to: '',
    loses: 'two sweeps run at a time',
    tests: ['test/local/interval.test.ts'],
  },
  {
    file: 'local/lambda/function.ts',
    from: '    this.#forget(environment);\n',
    to: '',
    loses: 'an idle environment receives an invocation while it is killed',
    tests: ['test/local/lambda-time.test.ts'],
  },
  {
    file: 'lambda/postgres/connection/connection.ts',
    from: 'rejectUnauthorized: true',
    to: 'rejectUnauthorized: false',
    loses: 'a server with any certificate is trusted',
    tests: ['test/unit/postgres/certificates.test.ts'],
  },
  {
    file: 'lambda/postgres/images/stalled.ts',
    from: "id = any($1::uuid[]) and status = 'awaiting_upload'",
    to: 'id = any($1::uuid[])',
    loses: 'a ticket claimed while the sweep queries the bucket expires',
    tests: ['test/unit/sweep/sweep.test.ts', 'test/unit/sweep/removal.test.ts'],
  },
  {
    file: 'lambda/postgres/images/deletion.ts',
    from: " and deleted_at is not null'",
    to: "'",
    loses: 'the sweep removes living rows',
    tests: ['test/unit/sweep/sweep.test.ts', 'test/unit/sweep/removal.test.ts'],
  },
  {
    file: 'lambda/process/time-budget.ts',
    from: 'const leaseSlackSeconds = 5;',
    to: 'const leaseSlackSeconds = 0;',
    loses: 'the lease ends with the invocation: two workers process one image',
    tests: [
      'test/unit/process/batch.test.ts',
      'test/unit/process/deadline.long.test.ts',
      'test/unit/process/parts.test.ts',
      'test/unit/process/poison.test.ts',
    ],
  },
  {
    file: 'lambda/process/claim-batch.ts',
    from: ', { signal: deadline.record }',
    to: '',
    loses: 'Postgres is awaited without a limit',
    tests: ['test/unit/process/outages.long.test.ts', 'test/unit/process/deadline.long.test.ts'],
  },
  {
    file: 'lambda/postgres/schema/roles.ts',
    from: `login password '\${scramVerifier(login.password)}'`,
    to: `login password '\${login.password}'`,
    loses: "the password is in clear in a statement, and in the server's logs",
    tests: ['test/unit/postgres/roles.test.ts'],
  },
  {
    file: 'lambda/postgres/images/claim.ts',
    from: '    order by image.id\n',
    to: '',
    loses: 'overlapping claims in opposite order deadlock',
    tests: ['test/unit/postgres/claim.test.ts'],
  },
  {
    file: 'lambda/postgres/images/direct-uploads.ts',
    from: ' and image_id = $1 and status is null',
    to: ' and image_id = $1',
    loses: 'the late failure of an upload frees the key of the request that took it over',
    tests: ['test/unit/api/idempotency.test.ts'],
  },
  {
    file: 'lambda/postgres/images/idempotency.ts',
    from: ' and held.expires_at > now()',
    to: '',
    loses: 'an expired idempotency key replays its response',
    tests: [
      'test/unit/api/idempotency.test.ts',
      'test/unit/api/admission.test.ts',
      'test/unit/api/repetition.test.ts',
    ],
  },
  {
    file: 'lambda/postgres/images/mark-uploaded.ts',
    from: " and status = 'awaiting_upload' and deleted_at is null",
    to: ' and deleted_at is null',
    loses: 'a GET resets a claimed image to `queued`',
    tests: ['test/unit/api/images.test.ts'],
  },
  {
    file: 'lambda/sweep/handler.ts',
    from: 'if (failures.length > 0) throw',
    to: 'if (failures.length > 1) throw',
    loses: 'a failed duty is not reported',
    tests: ['test/unit/sweep/sweep.test.ts'],
  },
  {
    file: 'lambda/runtime/freshness.ts',
    from: '    if (known.size >= terms.mostNames && oldest !== undefined) known.delete(oldest);\n',
    to: '',
    loses: 'cached keys fill the memory',
    tests: ['test/unit/api/front-door.test.ts'],
  },
  {
    file: 'lambda/api/admission/idempotency.ts',
    from: "    request.headers.get('content-type') ?? '',\n",
    to: '',
    loses: 'a request with another content type gets the earlier response',
    tests: ['test/unit/api/idempotency.test.ts'],
  },
  {
    file: 'local/s3/sigv4.ts',
    from: 'one.length === other.length && timingSafeEqual(one, other)',
    to: 'timingSafeEqual(one.subarray(0, 8), other.subarray(0, 8))',
    loses: 'eight matching digits of a signature suffice',
    tests: [
      'test/local/s3-signatures.test.ts',
      'test/local/s3-requests.test.ts',
      'test/local/s3-post.test.ts',
    ],
  },
  {
    file: 'local/s3/authorize.ts',
    from: "['host', ...Object.keys(request.headers).filter(changesMeaning)]",
    to: 'Object.keys(request.headers).filter(changesMeaning)',
    loses: 'an unsigned host is accepted',
    tests: ['test/local/s3-signatures.test.ts', 'test/local/s3-requests.test.ts'],
  },
];
