import { readFileSync, writeFileSync } from 'node:fs';

/** The port of S3 in the last run, which presigned URLs contain; 0 if there is none. */
export function rememberedPort(file: string): number {
  try {
    const { s3 } = JSON.parse(readFileSync(file, 'utf8')) as { s3?: unknown };
    return typeof s3 === 'number' && Number.isInteger(s3) && s3 > 0 && s3 < 65_536 ? s3 : 0;
  } catch {
    return 0;
  }
}

export function rememberPort(file: string, s3: number): void {
  writeFileSync(file, JSON.stringify({ s3 }));
}
