import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openApiDocument } from '../lambda/api/openapi/openapi.ts';
import { resolveConfig } from '../lib/config/resolve.ts';
import { config } from '../sluice.config.ts';
import { describeApi } from './openapi/reference.ts';

// `npm run openapi`: writes docs/openapi.json and the tables of docs/api.md, for the presets and limits of
// sluice.config.ts. A test compares them with the code.
const docs = join(import.meta.dirname, '..', 'docs');
const document = openApiDocument(resolveConfig(config));
writeFileSync(join(docs, 'openapi.json'), `${JSON.stringify(document, null, 2)}\n`);
const reference = join(docs, 'api.md');
writeFileSync(reference, describeApi(readFileSync(reference, 'utf8')));
console.log(`wrote openapi.json and api.md in ${docs}`);
