import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The licences of the packages in the functions' bundles, which must be distributed with their code.
 * @param sources paths of bundled files, relative to `root`.
 */
export function licencesOf(sources: string[], root: string): string {
  const folders = sources.map((source) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(source)?.[0]);
  const texts = [...new Set(folders)]
    .filter((folder) => folder !== undefined)
    .sort()
    .map((folder) => licenceOf(join(root, folder)));
  return [
    'The functions contain code of these packages.\n',
    // Most packages of the AWS SDK have the same text.
    ...[...Map.groupBy(texts, ({ text }) => text)].map(
      ([text, packages]) => `${packages.map(({ name }) => name).join('\n')}\n\n${text}\n`,
    ),
  ].join(`\n${'-'.repeat(80)}\n\n`);
}

function licenceOf(folder: string): { name: string; text: string } {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice|copying)(\.(md|txt))?$/i.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return { name: `${name} ${version}`, text: texts.join('\n\n') || `License: ${license ?? 'not stated'}` };
}
