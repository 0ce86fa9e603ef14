import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import type { Watermark } from '../../lambda/domain/watermark.ts';
import { decodable, fileType } from '../../lambda/imaging/inspect/file-type.ts';
import { ConfigMistakes } from '../config/resolve.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import { undrawableTexts } from '../rules/watermarks.ts';
import { bundledFont } from './font.ts';

const accepted = Object.values(decodable)
  .map(({ name }) => name)
  .join(', ');

/** Watermarks as in the settings, and their files: path in the function's folder to bytes. */
export interface WatermarkFiles {
  watermarks: Record<string, Watermark>;
  files: Map<string, Buffer>;
}

/**
 * Reads watermark images, whose paths are relative to `root`, and puts their hash into their names: a changed logo
 * changes the keys of its variants. Texts are checked against the font in `projectRoot`.
 * @throws ConfigMistakes that lists every unreadable file and undrawable text, with its path in the configuration.
 */
export function watermarkFiles(config: ResolvedConfig, root: string, projectRoot: string): WatermarkFiles {
  const files = new Map<string, Buffer>();
  const mistakes = undrawableTexts(config.watermarks, bundledFont(projectRoot)).map(
    ({ path, message }) => `${path}: ${message}`,
  );
  const watermarks = Object.fromEntries(
    Object.entries(config.watermarks).map(([name, mark]): [string, Watermark] => {
      if (mark.type === 'text') return [name, mark];
      const bytes = read(resolve(root, mark.path));
      if (typeof bytes === 'string') {
        mistakes.push(`watermarks.${name}.path: ${bytes}: ${mark.path} (looked for in ${root})`);
        return [name, mark];
      }
      const type = fileType(bytes);
      if (type.type === undefined)
        mistakes.push(
          `watermarks.${name}.path: the file is ${type.found}, not one of ${accepted}: ${mark.path}`,
        );
      const extension = extname(mark.path);
      const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 8);
      const path = `assets/${basename(mark.path, extension)}-${hash}${extension}`;
      files.set(path, bytes);
      return [name, { ...mark, path }];
    }),
  );
  if (mistakes.length > 0) throw new ConfigMistakes(mistakes);
  return { watermarks, files };
}

function read(path: string): Buffer | string {
  try {
    return readFileSync(path);
  } catch (error) {
    // No instanceof: under jest, errors of Node's modules come from another realm.
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return 'the file does not exist';
    return code === 'EISDIR' ? 'the path is a folder' : `the file cannot be read (${String(code)})`;
  }
}
