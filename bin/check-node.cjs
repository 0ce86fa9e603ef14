// Runs before `npm start`, on any version of Node: the rest is TypeScript, which only recent versions run.
const [major] = process.versions.node.split('.').map(Number);
if (major < 24) {
  process.stderr.write(
    `Sluice needs Node 24, and this is ${process.versions.node}.\n` +
      'npm installs it: run "npm ci" (without --omit=optional or --omit=dev), then "npm start".\n',
  );
  process.exit(1);
}
