import type { ServerResponse } from 'node:http';

export const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** Content of an element: text, or elements by name; an array repeats the element, undefined omits it. */
export type Content =
  | string
  | number
  | boolean
  | undefined
  | { readonly [name: string]: Content | Content[] };

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Control characters as references, as in S3: XML 1.0 has no other way to write them. */
export function escapeXml(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are escaped
    /[&<>"'\u0000-\u001f\u007f\ufffe\uffff]/g,
    (character) => entities[character] ?? `&#x${character.charCodeAt(0).toString(16)};`,
  );
}

export function element(name: string, content: Content | Content[]): string {
  if (Array.isArray(content)) return content.map((one) => element(name, one)).join('');
  if (content === undefined) return '';
  const inner =
    typeof content === 'object'
      ? Object.entries(content)
          .map(([child, value]) => element(child, value))
          .join('')
      : escapeXml(String(content));
  return `<${name}>${inner}</${name}>`;
}

/** A document in S3's namespace. `rest` contains rendered elements, where their order matters. */
export function s3Document(
  name: string,
  content: { readonly [child: string]: Content | Content[] },
  rest = '',
): string {
  const open = `<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">`;
  const inner = Object.entries(content).map(([child, value]) => element(child, value));
  return `${declaration}${open}${inner.join('')}${rest}</${name}>`;
}

export function sendDocument(response: ServerResponse, document: string): void {
  response.writeHead(200, { 'content-type': 'application/xml' }).end(document);
}
