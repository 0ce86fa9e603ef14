import { type Form, Refused } from './api.ts';

/** Posts a file with its ticket's form (fetch reports no progress). @param onProgress receives 0-1. @throws Refused */
export function send(file: File, { url, fields }: Form, onProgress: (part: number) => void): Promise<void> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', file);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status < 300) resolve();
      else reject(new Refused(request.status, reason(request.responseText, request.status)));
    };
    request.onerror = () => reject(new Refused(0, 'The connection was lost during the upload.', 3));
    request.send(form);
  });
}

function reason(xml: string, status: number): string {
  const message = /<Message>([^<]*)<\/Message>/.exec(xml)?.[1];
  return message === undefined
    ? `The bucket responded with status ${status}.`
    : `The bucket refused the file: ${message}`;
}
