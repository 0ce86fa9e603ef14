import * as z from 'zod';
import { cursorPattern, readCursor } from './cursor.ts';

/** Most entries of a page, and most IDs of a request. */
export const largestPage = 100;
const notALimit = `is not a number from 1 to ${largestPage}`;

/** The query parameter `limit`. @param what what a page has, in the plural */
export const pageLimit = (what: string) =>
  z
    .string()
    .regex(/^[1-9]\d*$/, notALimit)
    .transform(Number)
    .pipe(z.int(notALimit).min(1, notALimit).max(largestPage, notALimit))
    .default(20)
    .meta({ description: `Maximum number of ${what}.` });

const ofIds = { read: readCursor, pattern: cursorPattern } as const;

/** The query parameter `cursor`. @param form by default a cursor of ids */
export const pageCursor = ({ read, pattern }: { read(text: string): unknown; pattern: RegExp } = ofIds) =>
  z
    .string()
    .refine((text) => read(text) !== undefined, 'is not a cursor of this API')
    .optional()
    .meta({
      pattern: pattern.source,
      format: 'sluice-cursor',
      description: 'The `nextCursor` of the previous page.',
    });
