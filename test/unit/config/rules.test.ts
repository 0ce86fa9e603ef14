import { describe, expect, it } from 'vitest';
import { CapacityTooSmall, connectionsOf, requireCapacity } from '../../../lib/rules/capacity.ts';
import { CeilingTooLow, requireCeiling } from '../../../lib/rules/ceiling.ts';
import {
  connectionsOfInstance,
  InstanceTooSmall,
  instanceMemoryGb,
  requireMemory,
} from '../../../lib/rules/instance-memory.ts';
import { RetentionTooShort, requireRetention } from '../../../lib/rules/retention.ts';
import { NoRoomToGrow, requireRoomToGrow } from '../../../lib/rules/storage.ts';
import { batchTimeMistakes } from '../../../lib/rules/times.ts';
import { VisibilityTooShort, visibilityTimeout } from '../../../lib/rules/visibility.ts';

describe('reserved concurrency', () => {
  it('reserved concurrency may equal the sum of the mappings’ maxima', () => {
    expect(() => requireCeiling(8, [5, 3])).not.toThrow();
  });

  it('reserved concurrency below that sum is refused, and the message contains the sum', () => {
    expect(() => requireCeiling(8, [5, 4])).toThrow(CeilingTooLow);
    expect(() => requireCeiling(8, [5, 4])).toThrow('5 + 4 = 9 > 8');
  });
});

describe('storage autoscaling', () => {
  it.each([
    [20, 500],
    [20, 26],
    [50, 50],
  ])('storage of %s GB with a maximum of %s GB is accepted', (storageGb, maxStorageGb) => {
    expect(() => requireRoomToGrow({ storageGb, maxStorageGb })).not.toThrow();
  });

  it.each([
    [20, 25],
    [600, 500],
  ])(
    'storage of %s GB with a maximum of %s GB leaves RDS too little to grow, and is refused',
    (storageGb, maxStorageGb) => {
      const check = () => requireRoomToGrow({ storageGb, maxStorageGb });
      expect(check).toThrow(NoRoomToGrow);
      expect(check).toThrow(`set ${Math.ceil(storageGb * 1.26)} or more`);
    },
  );
});

describe('the memory of a database instance', () => {
  it.each([
    ['t4g.micro', 1],
    ['t3.small', 2],
    ['t4g.medium', 4],
    ['t4g.2xlarge', 32],
    ['m5.large', 8],
    ['m7g.4xlarge', 64],
    ['m6i.24xlarge', 384],
    ['r5.large', 16],
    ['r6gd.xlarge', 32],
    ['r8g.16xlarge', 512],
    // Unknown instance classes are not guessed.
    ['r4.large', undefined],
    ['t2.small', undefined],
    ['x2g.large', undefined],
    ['m6g.medium', undefined],
    ['t4g.nano', undefined],
  ])('the memory of %s is %s GiB', (instance, memory) => {
    expect(instanceMemoryGb(instance)).toBe(memory);
  });

  it.each([
    // As reported by servers with that memory.
    ['t4g.small', 187, 198],
    ['t4g.medium', 401, 413],
    ['m6g.large', 829, 856],
    ['m6g.12xlarge', 5000, 5000],
  ])(
    'the memory of %s is enough for %i connections (the default of RDS is %i)',
    (instance, connections, given) => {
      expect(connectionsOfInstance(instance)).toBe(connections);
      expect(connections).toBeLessThanOrEqual(given);
      expect(() => requireMemory({ instance, maxConnections: connections })).not.toThrow();
      expect(() => requireMemory({ instance, maxConnections: connections + 1 })).toThrow(InstanceTooSmall);
    },
  );

  it('an instance with too little memory is refused with the numbers', () => {
    expect(() => requireMemory({ instance: 't4g.micro', maxConnections: 100 })).toThrow(
      't4g.micro has 1 GiB, enough for 80 connections (95 % less 240 MiB, 9.1 MiB each), but database.maxConnections is 100',
    );
    expect(() => requireMemory({ instance: 'x2g.large', maxConnections: 9000 })).not.toThrow();
  });
});

describe('the capacity of Aurora Serverless', () => {
  it.each([
    [1, 1, 189],
    [1, 4, 823],
    [1, 8, 1669],
    [1, 16, 3360],
    [1, 32, 5000],
    [1, 256, 5000],
    // Interpolated between the values that AWS documents.
    [1, 2, 400],
    [0.5, 8, 1669],
    [0.5, 16, 2000],
    [0.5, 256, 2000],
  ])('an Aurora capacity of %s to %s units gives %s connections', (min, max, connections) => {
    expect(connectionsOf({ min, max })).toBe(connections);
    expect(() => requireCapacity({ min, max }, connections)).not.toThrow();
    expect(() => requireCapacity({ min, max }, connections + 1)).toThrow(CapacityTooSmall);
  });

  it('too small an Aurora capacity is refused with the numbers', () => {
    expect(() => requireCapacity({ min: 0.5, max: 1 }, 200)).toThrow(
      'Aurora gives 189 connections at a maximum of 1 units, but database.maxConnections is 200',
    );
    expect(() => requireCapacity({ min: 0.5, max: 64 }, 2500)).toThrow(
      'Aurora gives 2000 connections at a minimum of 0.5 units, but database.maxConnections is 2500',
    );
  });
});

describe('the retention of a dead-letter queue', () => {
  it('the dead-letter queue must retain messages longer than its source queue', () => {
    expect(() => requireRetention(4, 14)).not.toThrow();
    expect(() => requireRetention(14, 14)).toThrow(RetentionTooShort);
    expect(() => requireRetention(14, 14)).toThrow('14 − 14 = 0 days would be left');
  });
});

describe('the time of a batch', () => {
  const process = { batchSize: 10, timeoutSeconds: 7, memoryMb: 1769, decoderPerTenant: false };

  it.each([
    [{}, 'fits', ''],
    // A new decoder for each image: 10 × (0.48 + 0.11) = 5.9 > 5.25.
    [{ decoderPerTenant: true }, 'does not fit', '10 (process.batchSize) × (0.48 + 0.11 s) = 5.9 s > 5.25 s'],
    [{ decoderPerTenant: true, timeoutSeconds: 8 }, 'fits', ''],
    // 0.29 of a processor: 4.8 × 1769 / 512 = 16.6 > 16.
    [{ memoryMb: 512, timeoutSeconds: 20 }, 'does not fit', '0.48 s × 1769 / 512 MB = 16.6 s > 16 s'],
    [{ memoryMb: 512, timeoutSeconds: 21 }, 'fits', ''],
    [{ memoryMb: 3538, timeoutSeconds: 6 }, 'does not fit', '4.8 s > 4.5 s'],
  ])('a batch with %j %s', (changes, _, message) => {
    const found = batchTimeMistakes({ ...process, ...changes }).map((mistake) => mistake.message);
    expect(found).toEqual(message === '' ? [] : [expect.stringContaining(message)]);
  });
});

describe('the visibility timeout', () => {
  it('the visibility timeout defaults to 6 × timeout + batch window', () => {
    expect(visibilityTimeout({ timeoutSeconds: 60, batchWindowSeconds: 5 })).toBe(365);
  });

  it('the visibility timeout may be longer than the default, but not shorter', () => {
    const facts = { timeoutSeconds: 60, batchWindowSeconds: 0 };
    expect(visibilityTimeout({ ...facts, visibilityTimeoutSeconds: 400 })).toBe(400);
    expect(() => visibilityTimeout({ ...facts, visibilityTimeoutSeconds: 359 })).toThrow(VisibilityTooShort);
  });
});
