import type { Turn, TurnName } from './line.ts';

/** What an environment tells the others about one line. */
export interface LineNews {
  /** Tenant and priority, see admission.ts. */
  line: string;
  /** Promised now, or again for environments that did not hear it. */
  promised: readonly Turn[];
  /** Admitted, or taken back. */
  ended: readonly TurnName[];
}

/** What an environment tells the others once a second. */
export interface News {
  /** Requests it has decided since the last time: its share of the traffic. */
  decided: number;
  lines: readonly LineNews[];
}

/*
 * u8 version, u32 decided, then each line: u8 length of its name, name, u32 promised, u32 ended, the promised ones in 16
 * bytes (digest, due in ms as u48, cost × 100 as u16), the ended ones in 14. In version 2 a promised one has 2 bytes more:
 * by how many seconds it was told to return later. Version 1 is written as long as none was, because environments of the
 * deployment before understand only that.
 */
const turnBytes: Record<number, number> = { 1: 16, 2: 18 };
const head = 5;
const endedBytes = 14;
const costScale = 100;

export function encodeNews({ decided, lines }: News): Buffer {
  const version = lines.some(({ promised }) => promised.some(({ back }) => back !== undefined)) ? 2 : 1;
  const names = lines.map(({ line }) => Buffer.from(line));
  const length = lines.reduce(
    (sum, { promised, ended }, n) =>
      sum +
      9 +
      (names[n]?.length ?? 0) +
      promised.length * (turnBytes[version] ?? 0) +
      ended.length * endedBytes,
    head,
  );
  const bytes = Buffer.alloc(length);
  let at = bytes.writeUInt32BE(Math.min(decided, 0xffff_ffff), bytes.writeUInt8(version));
  lines.forEach(({ promised, ended }, n) => {
    const name = names[n] ?? Buffer.alloc(0);
    at = bytes.writeUInt8(name.length, at);
    at += name.copy(bytes, at);
    at = bytes.writeUInt32BE(ended.length, bytes.writeUInt32BE(promised.length, at));
    const place = ({ digest, due }: TurnName) => {
      at += bytes.write(digest, at, 8, 'latin1');
      at = bytes.writeUIntBE(Math.round(due), at, 6);
    };
    for (const turn of promised) {
      place(turn);
      at = bytes.writeUInt16BE(u16(turn.cost * costScale), at);
      if (version === 2) at = bytes.writeUInt16BE(u16(((turn.back ?? turn.due) - turn.due) / 1000), at);
    }
    for (const turn of ended) place(turn);
  });
  return bytes;
}

function u16(value: number): number {
  return Math.min(0xffff, Math.round(value));
}

/** Undefined for what another version wrote, or nobody: its turns are not recognised here. */
export function decodeNews(bytes: Buffer): News | undefined {
  if (bytes.length < head) return undefined;
  const each = turnBytes[bytes.readUInt8()];
  try {
    return each === undefined ? undefined : readNews(bytes, each);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** @throws RangeError if the bytes end too early. */
function readNews(bytes: Buffer, each: number): News {
  const lines: LineNews[] = [];
  for (let at = head; at < bytes.length; ) {
    const name = bytes.toString('utf8', at + 1, at + 1 + bytes.readUInt8(at));
    at += 1 + bytes.readUInt8(at);
    const counts = [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)] as const;
    at += 8;
    const place = (from: number) => ({
      digest: bytes.toString('latin1', from, from + 8),
      due: bytes.readUIntBE(from + 8, 6),
    });
    const promised: Turn[] = [];
    for (let n = 0; n < counts[0]; n++, at += each) {
      const turn: Turn = { ...place(at), cost: bytes.readUInt16BE(at + 14) / costScale };
      const later = each === turnBytes[2] ? bytes.readUInt16BE(at + 16) : 0;
      promised.push(later > 0 ? { ...turn, back: turn.due + later * 1000 } : turn);
    }
    const ended: TurnName[] = [];
    for (let n = 0; n < counts[1]; n++, at += endedBytes) ended.push(place(at));
    lines.push({ line: name, promised, ended });
  }
  return { decided: bytes.readUInt32BE(1), lines };
}
