import { parseXml, type XmlElement } from '@rgrove/parse-xml';
import { malformedXml } from './errors.ts';

/** Reads a document with this root. @throws S3Error MalformedXML */
export function readDocument(text: string, root: string): XmlElement {
  let document: XmlElement | null;
  try {
    document = parseXml(text).root;
  } catch {
    throw malformedXml();
  }
  if (document?.name !== root) throw malformedXml();
  return document;
}

export function childrenOf(parent: XmlElement, name: string): XmlElement[] {
  return parent.children.filter(
    (child): child is XmlElement => child.type === 'element' && (child as XmlElement).name === name,
  );
}

/** Text of the only child with this name; undefined where there is none. */
export function textOf(parent: XmlElement, name: string): string | undefined {
  const [child, ...others] = childrenOf(parent, name);
  if (others.length > 0) throw malformedXml();
  return child?.text;
}
