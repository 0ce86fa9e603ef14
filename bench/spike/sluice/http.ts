import { Agent, request } from 'node:http';

export interface Reply {
  /** 0: the connection failed or the response did not end. */
  status: number;
  retryAfter?: number;
  text: string;
}

/** A client with connections that are kept. Its replies never reject. */
export function openHttp(): {
  post(url: string, headers: Record<string, string>, body: Buffer | string): Promise<Reply>;
  close(): void;
} {
  const agent = new Agent({ keepAlive: true });
  return {
    post(url, headers, body) {
      const { promise, resolve } = Promise.withResolvers<Reply>();
      const failed = () => resolve({ status: 0, text: '' });
      const sent = request(url, { method: 'POST', agent, headers, timeout: 60_000 }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          text += piece;
        });
        response.on('end', () => {
          const wait = response.headers['retry-after'];
          resolve({
            status: response.statusCode ?? 0,
            text,
            ...(wait === undefined ? {} : { retryAfter: Number(wait) }),
          });
        });
        response.on('error', failed);
        response.on('aborted', failed);
      });
      sent.on('error', failed);
      sent.on('timeout', () => sent.destroy());
      sent.end(body);
      return promise;
    },
    close: () => agent.destroy(),
  };
}

const boundary = 'sluice-spike-6b1d2c';

/** The body of a presigned POST: its fields, and the file at the end. */
export function formOf(
  fields: Record<string, string>,
  file: Buffer,
): { headers: Record<string, string>; body: Buffer } {
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="file"\r\n\r\n`;
  const body = Buffer.concat([
    Buffer.from(parts.join('') + head),
    file,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  return { headers: { 'content-type': `multipart/form-data; boundary=${boundary}` }, body };
}
