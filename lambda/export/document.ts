import { csvRecord, type ExportSelection, exportHeader, trailerRecord } from '../domain/export.ts';

/**
 * The whole CSV document: header, records, each after its line break, and the trailer, without which it was cut off.
 * @param rows number of records, once all were read
 * @param taken called when the reader has taken a chunk and asks for the next one
 */
export async function* csvDocument(
  selection: ExportSelection,
  records: AsyncIterable<Buffer>,
  { rows, taken }: { rows: () => number; taken: () => void },
): AsyncGenerator<Buffer, void> {
  const header = exportHeader(selection);
  yield Buffer.from(csvRecord(header));
  for await (const chunk of records) {
    yield chunk;
    taken();
  }
  yield Buffer.from(`\r\n${trailerRecord(rows(), header.length)}\r\n`);
}

/** A generator that has begun: its first result, and the rest. Ending it ends the generator. */
export async function* resumed<Value>(
  first: IteratorResult<Value, void>,
  rest: AsyncGenerator<Value, void>,
): AsyncGenerator<Value, void> {
  try {
    if (first.done) return;
    yield first.value;
    yield* rest;
  } finally {
    await rest.return();
  }
}
