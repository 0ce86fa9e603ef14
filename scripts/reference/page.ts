const mark = /^<!-- declarations ([0-9a-f]{16}) -->$/m;
/** Their types are derived from the schema and unreadable; docs/configuration.md describes them. */
const configurations =
  /^(## (?:SluiceConfig|StageChanges|ResolvedConfig)\n.*?)### Extends\n.*?(?=^\*\*\*$)/gms;

/** docs/construct-api.md from TypeDoc's page, with the digest of the declarations. */
export function referencePage(written: string, digest: string): string {
  return `# The construct’s API

Written by \`npm run reference\` from the declarations of the package. Anything else is not part of its interface.

<!-- declarations ${digest} -->

${written.replace(configurations, '$1Every section and field is in [configuration.md](configuration.md).\n\n').trim()}
`;
}

/** The digest of the declarations that a page was written from; undefined if it has none. */
export function digestOf(page: string): string | undefined {
  return mark.exec(page)?.[1];
}
