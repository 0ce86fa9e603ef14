// Runs before `npm start`, on whatever Node there is: the rest is TypeScript that only a recent one can read.
const [major] = process.versions.node.split('.').map(Number);
if (major < 24) {
  process.stderr.write(
    `Sluice needs Node 24, and this is ${process.versions.node}.\n` +
      'npm brings the right one along: run "npm ci" (without --omit=optional or --omit=dev), then "npm start".\n',
  );
  process.exit(1);
}
