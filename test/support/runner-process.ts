import { startPipeline } from '../../local/pipeline.ts';
import { type Overrides, testConfig } from './pipeline.ts';

/* The runner in its own process, to be killed: the arguments are its home and overrides of the configuration. */
const [home = '', overrides = '{}'] = process.argv.slice(2);
const pipeline = await startPipeline({
  config: testConfig(JSON.parse(overrides) as Overrides),
  home,
  port: 0,
  onProgress: (line) => process.stderr.write(`${line}\n`),
});
const { url, apiKey, database, bucket, s3, sqs } = pipeline;
process.stdout.write(`${JSON.stringify({ url, apiKey, database, bucket, s3, sqs })}\n`);
process.on('SIGTERM', () => void pipeline.stop());
