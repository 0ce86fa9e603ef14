/** A mutant that somebody thought of: the exact text, which stands once in its file, what it becomes, and who must go red. */
export interface Row {
  file: string;
  from: string;
  to: string;
  /** What is lost by it. */
  loses: string;
  /** Test files of which one must go red. */
  tests: readonly string[];
}

/** Changes that stayed green when somebody first tried them, each with the test that has noticed it since. */
export const table: readonly Row[] = [
  {
    file: 'lambda/runtime/handler.ts',
    from: '    after: () => log.forget(),\n',
    to: '',
    loses: "the log forgets nothing after success: a tenant's name on another's line",
    tests: ['test/unit/runtime/handler.test.ts'],
  },
  {
    file: 'lambda/aws/storage-client.ts',
    from: 'requestTimeout: 4_000',
    to: 'requestTimeout: 400_000',
    loses: 'S3 that accepts and stays silent holds the function until Lambda kills it',
    tests: ['test/unit/aws/silence.test.ts'],
  },
  {
    file: 'lambda/aws/storage-client.ts',
    from: 'throwOnRequestTimeout: true',
    to: 'throwOnRequestTimeout: false',
    loses: 'the same: a timeout that only warns',
    tests: ['test/unit/aws/silence.test.ts'],
  },
  {
    file: 'lambda/aws/storage-client.ts',
    from: 'socketTimeout: 4_000',
    to: 'socketTimeout: 400_000',
    loses: 'a body that stops in the middle holds the function',
    tests: ['test/unit/aws/silence.test.ts'],
  },
  {
    file: 'lambda/aws/storage-client.ts',
    from: 'connectionTimeout: 1_000',
    to: 'connectionTimeout: 100_000',
    loses: 'an S3 that takes no connection holds the function',
    tests: ['test/unit/aws/silence.test.ts'],
  },
  {
    file: 'lambda/aws/queue-client.ts',
    from: 'requestTimeout: 2_000',
    to: 'requestTimeout: 200_000',
    loses: 'an SQS that accepts and stays silent holds the function',
    tests: ['test/unit/aws/silence.test.ts'],
  },
  {
    file: 'lambda/aws/queue-client.ts',
    from: 'throwOnRequestTimeout: true',
    to: 'throwOnRequestTimeout: false',
    loses: 'the same: a timeout that only warns',
    tests: ['test/unit/aws/silence.test.ts'],
  },
  {
    file: 'lambda/aws/queue-client.ts',
    from: 'connectionTimeout: 1_000',
    to: 'connectionTimeout: 100_000',
    loses: 'an SQS that takes no connection holds the function',
    tests: ['test/unit/aws/silence.test.ts'],
  },
  {
    file: 'lambda/aws/originals.ts',
    from: '        ChecksumSHA256: base64OfHex(original.sha256),\n',
    to: '',
    loses: 'S3 does not check what reaches it',
    tests: ['test/unit/aws/bucket.test.ts'],
  },
  {
    file: 'lambda/process/index.ts',
    from: 'const decoderShare = 0.6;',
    to: 'const decoderShare = 60;',
    loses: 'the decoder grows until Lambda kills the environment',
    tests: ['test/unit/process/start.test.ts'],
  },
  {
    file: 'lambda/process/index.ts',
    from: 'refuseSharedEnvironment(process.env);\n',
    to: '',
    loses: 'the worker starts where several events share an environment',
    tests: ['test/unit/process/start.test.ts'],
  },
  {
    file: 'lambda/imaging/inspect/damage.ts',
    from: '  if (wantOfMemory.test(message)) throw error;\n',
    to: '',
    loses: 'want of memory rejects an image for good',
    tests: ['test/unit/imaging/inspect/damage.test.ts'],
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
    tests: ['test/local/lambda.test.ts'],
  },
  {
    file: 'local/lambda/environment.ts',
    from: '    this.#startTimer(timeoutMs);',
    to: '    this.#startTimer(3 * timeoutMs);',
    loses: 'a function may run three times as long as it is told',
    tests: ['test/local/lambda.test.ts'],
  },
  {
    file: 'local/lambda/event-queue.ts',
    from: 'this.#schedule(name, event, tries, throttles + 1)',
    to: 'this.#schedule(name, event, tries + 1, throttles + 1)',
    loses: 'a throttle counts as a try',
    tests: ['test/local/event-queue.test.ts'],
  },
  {
    file: 'local/lambda/event-queue.ts',
    from: 'throttleMs.first * 2 ** throttles',
    to: 'throttleMs.first',
    loses: 'a throttled event is tried each second, however long that lasts',
    tests: ['test/local/event-queue.test.ts'],
  },
  {
    file: 'local/schedule.ts',
    from: '    if (running) return;\n',
    to: '',
    loses: 'two sweeps at a time',
    tests: ['test/local/schedule.test.ts'],
  },
  {
    file: 'local/lambda/function.ts',
    from: '          this.#forget(idle);\n',
    to: '',
    loses: 'an idle environment that is being killed is given an invocation',
    tests: ['test/local/lambda.test.ts'],
  },
];
